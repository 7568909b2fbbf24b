#!/usr/bin/env python3
"""Weights and images that any language can reproduce, in place of published ones.

usage: synthetic_networks.py NAME OUT.safetensors      needs numpy and safetensors; `make_networks.py` lists the names

Element i (row-major) of the tensor called NAME is, as in synthetic_inception.py,
    u = (splitmix64(fnv1a64(NAME) + 7 * 0x9E3779B97F4A7C15 + i) >> 40) / 2**24
    lo + (hi - lo) * u                                evaluated in float64, cast to float32
and then to float16 where the file is of half precision. With one axis: (0.2, 1) for names in gamma or lambda1, (0.5,
1.5) for those in weight, else (-0.2, 0.2). With more: (-a, a), a = sqrt(f / product of all axes but the first), f = 6
for `features.` and `classifier.`, else 3, for names in weight; else (-0.5, 0.5).

Byte i of image k of the set called SET is the same hash of the name SET/k, taken >> 56, but that three bytes out of
four repeat the one before them in the row, so that there is something to resize.
"""
import json
import math
import pathlib
import sys

import numpy as np

from synthetic_inception import GOLDEN, MASK, fnv1a64, splitmix64

SEED = 7


def hashes(name, count):
    start = (fnv1a64(name) + SEED * GOLDEN) & MASK
    return splitmix64(np.uint64(start) + np.arange(count, dtype=np.uint64))


def bounds(name, shape):
    if len(shape) == 1:
        if name.endswith(("gamma", "lambda1")):
            return 0.2, 1.0
        return (0.5, 1.5) if name.endswith("weight") else (-0.2, 0.2)
    if name.endswith("weight"):
        factor = 6.0 if name.startswith(("features.", "classifier.")) else 3.0
        a = math.sqrt(factor / math.prod(shape[1:]))
        return -a, a
    return -0.5, 0.5


def tensor(name, shape, half=False):
    lo, hi = bounds(name, shape)
    u = (hashes(name, math.prod(shape)) >> np.uint64(40)).astype(np.float64) / 2**24
    values = (lo + (hi - lo) * u).astype(np.float32).reshape(shape)
    return values.astype(np.float16) if half else values


def image(of, index, height, width):
    values = (hashes(f"{of}/{index}", height * width * 3) >> np.uint64(56)).astype(np.uint8)
    rows = values.reshape(height, width, 3)
    return rows[:, np.arange(width) // 4 * 4]


def main():
    from safetensors.numpy import save_file

    name, out = sys.argv[1:]
    golden = json.loads(pathlib.Path(__file__).with_name("golden_networks.json").read_text())
    case = next(case for case in golden if case["name"] == name)
    save_file({name: tensor(name, shape, case["half"]) for name, shape in case["tensors"]}, out)


if __name__ == "__main__":
    main()
