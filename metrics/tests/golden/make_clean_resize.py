#!/usr/bin/env python3
"""What clean-fid 0.1.35 makes of random images before its network sees them.

usage: make_clean_resize.py OUT.json

Needs clean-fid==0.1.35 torch==2.11.0 torchvision==0.26.0 pillow==13.0.0 numpy==2.4.6. The images are
RandomState(seed).randint(0, 256, (height, width, 3)); of the 299 x 299 x 3 values that come of each, in that order, their
mean is kept, and one in 2003.
"""
import json
import sys

import numpy as np
from cleanfid.resize import build_resizer

SIZES = [(1, 1), (7, 5), (32, 32), (299, 150), (301, 640), (1024, 57), (3, 700), (600, 598)]
STRIDE = 2003


def main():
    resize = build_resizer("clean")
    cases = []
    for seed, (height, width) in enumerate(SIZES, 1):
        image = np.random.RandomState(seed).randint(0, 256, (height, width, 3)).astype(np.uint8)
        values = resize(image)
        assert values.shape == (299, 299, 3) and values.dtype == np.float32
        cases.append({"seed": seed, "height": height, "width": width, "mean": float(values.mean(dtype=np.float64)),
                      "stride": STRIDE, "values": [round(float(x), 5) for x in values.ravel()[::STRIDE]]})
    with open(sys.argv[1], "w") as file:
        json.dump(cases, file)
        file.write("\n")


if __name__ == "__main__":
    main()
