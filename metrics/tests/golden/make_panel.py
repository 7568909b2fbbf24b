#!/usr/bin/env python3
"""The metrics of features by the programs that define them.

usage: make_panel.py PROGRAMS OUT.json

PROGRAMS is a folder with checkouts of cmmd-pytorch (github.com/sayakpaul, f7673a9), torch-fidelity (github.com/toshas,
5e211a9: MIND is in no release yet), ClippedDensityCoverage (github.com/nicolassalvy) and fld (github.com/marcojira,
ffbbf20). Beside these: pip install torch==2.11.0 torchmetrics==1.9.0 torch-fidelity==0.4.0 vendi-score==0.0.3
scikit-learn. Features are those that `panel.rs` draws again: RandomState(seed).randn, the generated ones first, then the
reference and the held-out ones. Programs of float32 are given float64 where they take it, so that their values have
more than seven digits.
"""
import importlib.util
import json
import pathlib
import sys
import types

import numpy as np
import torch

CASES = [
    dict(name="many", seed=1, n=150, m=200, h=100, d=16, scale=1.2, shift=0.3),
    dict(name="few", seed=2, n=40, m=60, h=50, d=64, scale=1.0, shift=0.1),
    dict(name="blocks", seed=3, n=1300, m=1100, h=300, d=8, scale=1.1, shift=0.2),
    dict(name="near", seed=4, n=90, m=120, h=60, d=4, scale=1.0, shift=5.0),
]


def features(case):
    random = np.random.RandomState(case["seed"])
    generated = random.randn(case["n"], case["d"]) * case["scale"] + case["shift"]
    # The last case looks one way, so that cosine distances are small.
    away = 4.0 if case["name"] == "near" else 0.0
    reference = random.randn(case["m"], case["d"]) + away
    held_out = random.randn(case["h"], case["d"]) + away
    return [side.astype(np.float32) for side in (generated, reference, held_out)]


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def unit(x):
    return x / np.linalg.norm(x.astype(np.float64), axis=1, keepdims=True)


def main():
    programs = pathlib.Path(sys.argv[1])
    cmmd = load(programs / "cmmd-pytorch/distance.py", "cmmd_distance")
    mind = load(programs / "torch-fidelity/torch_fidelity/metric_mind.py", "metric_mind")
    sys.modules["torch_fidelity.defaults"].DEFAULTS["mind_num_projections"] = 1000
    from torch_fidelity.metric_prc import prc_features_to_metric
    from torchmetrics.image.mifid import _mifid_compute
    # Which fld draws figures with.
    for absent in ("seaborn", "matplotlib", "matplotlib.pyplot"):
        sys.modules.setdefault(absent, types.ModuleType(absent))
    sys.path[:0] = [str(programs / "fld"), str(programs / "ClippedDensityCoverage")]
    from ClippedDensityCoverage.metrics.Clipped_Density_Coverage import ClippedDensityCoverage
    from fld.metrics.FLD import FLD
    from vendi_score import vendi

    results = []
    for case in CASES:
        generated, reference, held_out = features(case)
        x, y, z = (torch.from_numpy(side) for side in (generated, reference, held_out))
        values = {
            # Unit vectors rounded to float32, as its extractor gives them.
            "cmmd": float(cmmd.mmd(*(unit(side).astype(np.float32).astype(np.float64) for side in (generated, reference)))),
            "mind": {
                str(directions): mind.mind_features_to_metric(
                    x, y, mind_num_projections=directions, rng_seed=2020, cuda=False, verbose=False
                )["monge_inception_distance"]
                for directions in (50, 1000)
            },
            "vendi": {str(q): float(vendi.score_dual(generated.astype(np.float64), q=q)) for q in (1, 2)},
        }
        clipped = ClippedDensityCoverage(reference.astype(np.float64), K=5, n_jobs=1)
        values["clipped_density"] = float(clipped.ClippedDensity(generated.astype(np.float64)))
        values["clipped_coverage"] = float(clipped.ClippedCoverage(generated.astype(np.float64)))
        found = prc_features_to_metric(x, y, prc_neighborhood=3, prc_batch_size=10000, save_cpu_ram=False, verbose=False)
        values["precision_recall"] = [found[key] for key in ("precision", "recall", "f_score")]
        gaussians = [(side.double().mean(0), torch.cov(side.double().T), side.double()) for side in (x, y)]
        values["mifid"] = {
            # torchmetrics names the reference images first.
            "over_generated": float(_mifid_compute(*gaussians[0], *gaussians[1])),
            "over_reference": float(_mifid_compute(*gaussians[1], *gaussians[0])),
        }
        torch.set_default_dtype(torch.float64)
        np.random.seed(2020)
        values["fld"] = FLD("test").compute_metric(y.double(), z.double(), x.double())
        np.random.seed(2020)
        values["fld_gap"] = FLD("gap").compute_metric(y.double(), z.double(), x.double())
        torch.set_default_dtype(torch.float32)
        results.append({**case, "values": values})
    generator = torch.Generator().manual_seed(2020)
    draws = {
        "randn_16": torch.randn(16, generator=generator).tolist(),
        "randn_37": torch.randn(37, generator=generator).tolist(),
        "randperm_11": torch.randperm(11, generator=generator).tolist(),
    }
    with open(sys.argv[2], "w") as file:
        json.dump({"draws": draws, "cases": results}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
