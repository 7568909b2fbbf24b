#!/usr/bin/env python3
"""Precision, recall, density and coverage by the programs that define them.

usage: make_prdc.py OUT.json

Runs torch-fidelity 0.4.0's prc_features_to_metric and prdc 0.2's compute_prdc (pip install torch==2.11.0
torchvision==0.26.0 torch-fidelity==0.4.0 prdc==0.2) on features that `prdc.rs` draws again: RandomState(seed).randn, the
generated ones first, times a scale, then rounded to whole numbers where the case says so. Whole numbers of small size
are exact in torch-fidelity's float32, and their distances fall on the surfaces of the balls. `copies` of the reference
features stand at the end of the generated ones.
"""
import json
import sys

import numpy as np
import prdc
import torch
from torch_fidelity.metric_prc import prc_features_to_metric

CASES = [
    dict(name="continuous", seed=1, n=150, m=200, d=16, scale=1.0, shift=0.3, whole=False, copies=0),
    dict(name="whole", seed=2, n=150, m=200, d=3, scale=2.0, shift=0.0, whole=True, copies=0),
    dict(name="line", seed=3, n=60, m=40, d=1, scale=20.0, shift=7.0, whole=True, copies=0),
    dict(name="apart", seed=4, n=90, m=80, d=4, scale=2.0, shift=6.0, whole=True, copies=0),
    dict(name="copies", seed=5, n=30, m=100, d=8, scale=1.5, shift=1.0, whole=True, copies=40),
    dict(name="blocks", seed=6, n=1100, m=1300, d=4, scale=3.0, shift=1.0, whole=True, copies=0),
]


def features(case):
    random = np.random.RandomState(case["seed"])
    generated = random.randn(case["n"], case["d"]) * case["scale"] + case["shift"]
    reference = random.randn(case["m"], case["d"]) * case["scale"]
    if case["whole"]:
        generated, reference = np.rint(generated), np.rint(reference)
    generated = np.concatenate([generated, reference[: case["copies"]]])
    return generated.astype(np.float32), reference.astype(np.float32)


def main():
    results = []
    for case in CASES:
        generated, reference = features(case)
        values = []
        for k in (1, 3, 5):
            found = []
            for few in (False, True):
                found.append(prc_features_to_metric(
                    torch.from_numpy(generated), torch.from_numpy(reference), prc_neighborhood=k,
                    prc_batch_size=64 if few else 10000, save_cpu_ram=few, verbose=False))
            assert found[0] == found[1], found
            own = prdc.compute_prdc(reference, generated, nearest_k=k)
            values.append({"k": k,
                           "torch_fidelity": {key: found[0][key] for key in ("precision", "recall")},
                           "prdc": {key: float(value) for key, value in own.items()}})
        results.append({**case, "values": values})
    with open(sys.argv[1], "w") as file:
        json.dump(results, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
