"""Writes plain.mat and deflated.mat beside this file, with scipy. Run: pip install scipy==1.17.1 && python make_mat.py"""

from pathlib import Path

import numpy as np
import scipy.io

ARRAYS = {
    "text": "no numbers",
    "halves": np.array([[0.5, 1.0]]),
    "negative": np.array([[-1, 2]], dtype=np.int16),
    "complex": np.array([[1 + 2j]]),
    "labels": np.array([[3, 1, 2, 300]], dtype=np.uint16),
    "trnid": np.array([[7.0], [70000.0]]),
    "one": np.array([[5]], dtype=np.uint8),
}

for name, compressed in (("plain.mat", False), ("deflated.mat", True)):
    scipy.io.savemat(Path(__file__).with_name(name), ARRAYS, do_compression=compressed)
