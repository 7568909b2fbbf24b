"""Times one computation of a reference package on features from a file, and prints seconds and values as JSON.

usage: metrics.py OPERATION FEATURES.npz [REFERENCE.npz]

A file holds the array `features`, float32, [n, d]; for `isc` these are logits.
"""

import contextlib
import json
import sys
import time

import numpy as np
import vision_transformer

WARM_UP = 16  # rows; it starts the threads and touches the code


def statistics(features):
    """As pytorch-fid keeps them: float64 from the start."""
    features = features.astype(np.float64)
    return np.mean(features, axis=0), np.cov(features, rowvar=False)


def pytorch_fid_distance(first, second):
    from pytorch_fid.fid_score import calculate_frechet_distance

    sides = [*statistics(first), *statistics(second)]
    return lambda: [calculate_frechet_distance(*sides)]


def torch_fidelity_distance(first, second):
    from torch_fidelity.metric_fid import fid_statistics_to_metric

    sides = [dict(zip(("mu", "sigma"), statistics(side))) for side in (first, second)]
    return lambda: fid_statistics_to_metric(*sides, verbose=False).values()


def torch_fidelity_kid(first, second):
    import torch
    from torch_fidelity.metric_kid import kid_features_to_metric

    first, second = torch.from_numpy(first), torch.from_numpy(second)
    return lambda: kid_features_to_metric(first, second, verbose=False).values()


def torch_fidelity_precision(first, second):
    import torch
    from torch_fidelity.metric_prc import prc_features_to_metric

    first, second = torch.from_numpy(first), torch.from_numpy(second)
    options = {"prc_neighborhood": 3, "prc_batch_size": 10000, "save_cpu_ram": True, "verbose": False}
    return lambda: [prc_features_to_metric(first, second, **options)[key] for key in ("precision", "recall")]


def prdc(first, second):
    from prdc import compute_prdc

    def run():
        found = compute_prdc(first, second, nearest_k=5)
        return [found[key] for key in ("precision", "recall", "density", "coverage")]

    return run


def vendi_score(features):
    from vendi_score import vendi

    return lambda: [vendi.score_dual(features)]


def torch_fidelity_isc(logits):
    import torch
    from torch_fidelity.metric_isc import isc_features_to_metric

    logits = torch.from_numpy(logits)
    isc_features_to_metric(logits[:WARM_UP])
    return lambda: isc_features_to_metric(logits).values()


def numpy_statistics(features):
    def run():
        mean, covariance = statistics(features)
        return [mean.sum(), np.trace(covariance)]

    statistics(features[:WARM_UP])
    return run


def inception_multiplications():
    """Multiplications of InceptionV3 for one image; torchvision's has the same convolutions as the one that FID takes."""
    import torch
    from torchvision.models import inception_v3

    model = inception_v3(weights=None, aux_logits=False, init_weights=False, transform_input=False).eval()
    counts = []
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(
                lambda module, _, output: counts.append(module.weight[0].numel() * output.numel())
            )
    with torch.no_grad():
        model(torch.zeros(1, 3, 299, 299))
    return sum(counts)


def matrix_product():
    """The speed limit of an extractor: a large float32 product, and the multiplications per image to set beside it."""
    side = 4096
    random = np.random.default_rng(0)
    first, second = (random.random((side, side), np.float32) for _ in range(2))
    networks = [inception_multiplications(), vision_transformer.multiplications()]
    first @ second

    def run():
        first @ second
        return [side**3, *networks]

    return run


OPERATIONS = {
    "frechet-pytorch-fid": pytorch_fid_distance,
    "frechet-torch-fidelity": torch_fidelity_distance,
    "kid": torch_fidelity_kid,
    "precision": torch_fidelity_precision,
    "prdc": prdc,
    "vendi": vendi_score,
    "isc": torch_fidelity_isc,
    "statistics": numpy_statistics,
    "matrix-product": matrix_product,
}


def main():
    operation, *files = sys.argv[1:]
    run = OPERATIONS[operation](*(np.load(file)["features"] for file in files))
    start = time.perf_counter()
    # Some packages print as they go.
    with contextlib.redirect_stdout(sys.stderr):
        values = run()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "values": [float(value) for value in values]}))


if __name__ == "__main__":
    main()
