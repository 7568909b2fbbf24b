#!/usr/bin/env python3
"""Numbers of OpenAI's evaluator for synthetic InceptionV3 weights.

usage: make_adm.py EVALUATOR.py CIFAR10_JPEG_ZIP OUT.json

EVALUATOR.py is evaluations/evaluator.py of github.com/openai/guided-diffusion (22e0df8). Its network is TensorFlow's
graph, of which torch-fidelity 0.4.0 (pip install torch==2.11.0 torch-fidelity==0.4.0 'scipy<1.18') is the repetition that
takes other weights; statistics, scores and the counting of neighbours are the evaluator's own code. Squared distances,
which it takes in half precision on a GPU, are given to it in double precision. Weights and images are those of
make_golden.py with 12 images a class.
"""
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import types

import numpy as np
import torch
from PIL import Image

from make_golden import folder


def load(path):
    absent = ("tensorflow", "tensorflow.compat", "tensorflow.compat.v1")
    for name in absent:
        sys.modules[name] = types.ModuleType(name)
    spec = importlib.util.spec_from_file_location("evaluator", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in absent:
        del sys.modules[name]
    return module


class Distances:
    def pairwise_distances(self, u, v):
        u, v = u.astype(np.float64), v.astype(np.float64)
        found = (u**2).sum(1)[:, None] - 2 * u @ v.T + (v**2).sum(1)[None]
        # Nought to an image itself, as half precision has it too.
        return np.where(found < 1e-9 * (u**2).sum(1)[:, None], 0, found)

    def less_thans(self, u, of_u, v, of_v):
        found = self.pairwise_distances(u, v).astype(np.float32)
        return (
            (found[..., None] <= of_v[None]).any(axis=1),
            (found[..., None] <= of_u[:, None]).any(axis=0),
        )


class Session:
    """Class probabilities without the bias of the last layer."""

    def __init__(self, weight):
        self.weight = weight

    def run(self, _, feed_dict):
        (activations,) = feed_dict.values()
        return torch.softmax(torch.from_numpy(activations) @ self.weight.T, dim=1).numpy()


def main():
    evaluator = load(sys.argv[1])
    work = pathlib.Path(tempfile.mkdtemp())
    weights = work / "weights.pth"
    subprocess.run([sys.executable, pathlib.Path(__file__).with_name("synthetic_inception.py"), "7", weights], check=True)
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    network = FeatureExtractorInceptionV3("inception-v3-compat", ["2048"], feature_extractor_weights_path=str(weights))
    spatial = []
    network.Mixed_6d.branch1x1.register_forward_hook(lambda *args: spatial.append(args[2][:, :7].permute(0, 2, 3, 1)))
    acts = {}
    for side, classes in (("a", range(5)), ("b", range(5, 10))):
        folder(sys.argv[2], classes, 12, work / side)
        pixels = [np.asarray(Image.open(path)) for path in sorted((work / side).glob("*.png"))]
        x = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2)
        spatial.clear()
        with torch.no_grad():
            pool = torch.cat([network(part)[0] for part in x.split(20)]).numpy()
        acts[side] = (pool, torch.cat(spatial).reshape(len(pixels), -1).numpy())
    own = evaluator.Evaluator.__new__(evaluator.Evaluator)
    own.softmax_batch_size, own.softmax, own.softmax_input = 512, "softmax", "input"
    own.sess = Session(network.fc.weight.detach())
    estimator = evaluator.ManifoldEstimator.__new__(evaluator.ManifoldEstimator)
    estimator.distance_block = Distances()
    estimator.row_batch_size, estimator.col_batch_size, estimator.eps = 10000, 10000, 1e-5
    estimator.nhood_sizes, estimator.num_nhoods, estimator.clamp_to_percentile = (3,), 1, None
    own.manifold_estimator = estimator
    (sample, sample_spatial), (reference, reference_spatial) = (
        [own.compute_statistics(x) for x in acts[side]] for side in "ab")
    precision, recall = own.compute_prec_recall(acts["b"][0], acts["a"][0])
    result = {
        "fid": float(sample.frechet_distance(reference)),
        "sfid": float(sample_spatial.frechet_distance(reference_spatial)),
        "inception_score": own.compute_inception_score(acts["a"][0]),
        "inception_score_of_25": own.compute_inception_score(acts["a"][0], split_size=25),
        "precision": precision,
        "recall": recall,
        # Every 97th, sorted: the network's own order of places and channels does not matter.
        "first_spatial": np.sort(acts["a"][1][0].astype(np.float64))[::97].tolist(),
    }
    print(result)
    pathlib.Path(sys.argv[3]).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
