"""Writes statistics.json: what SciPy and NumPy make of a few samples.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    venv/bin/python make_statistics.py > statistics.json
"""

import json

import numpy as np
from scipy import stats

PAIRS = [
    ([30.0, 34.0, 32.0], [25.0, 28.5, 26.25]),
    ([6.49, 6.87], [6.61, 6.7]),
    ([41.2, 39.9, 40.7, 43.1, 40.2], [41.0, 44.9, 42.3]),
    ([0.0311, 0.0287, 0.0302, 0.0295], [0.0301, 0.0299, 0.0288, 0.0306, 0.0281]),
    ([5.21, 5.4, 5.33, 5.19, 5.25], [7.9, 7.95, 8.02, 7.88, 7.91]),
    ([-0.0004, 0.0003, 0.0001], [0.4, -0.2, 0.9]),
]
FAMILIES = [[0.01, 0.04, 0.03, 0.005], [0.2, 0.9, 0.01], [0.05], [0.02, 0.02, 0.02]]
POWERS = [(1.0, [1.0, 1.0]), (2.0, [1.0, 1.5]), (0.3, [1.0, 0.8]), (5.0, [2.0, 4.0]), (3.0, [1.0, 1.0])]


def pair(a, b):
    of_a = stats.t.interval(0.95, len(a) - 1, loc=np.mean(a), scale=stats.sem(a))
    welch = stats.ttest_ind(a, b, equal_var=False)
    of_difference = welch.confidence_interval(0.95)
    return {
        "a": a,
        "b": b,
        "mean": float(np.mean(a)),
        "std": float(np.std(a, ddof=1)),
        "interval": [float(x) for x in of_a],
        "difference": float(np.mean(a) - np.mean(b)),
        "difference_interval": [float(of_difference.low), float(of_difference.high)],
        "p": float(welch.pvalue),
    }


def holm(p):
    order = np.argsort(p, kind="stable")
    steps = [(len(p) - rank) * p[index] for rank, index in enumerate(order)]
    adjusted = [0.0] * len(p)
    for index, value in zip(order, np.minimum(np.maximum.accumulate(steps), 1.0)):
        adjusted[index] = float(value)
    return {"p": p, "adjusted": adjusted}


def seeds(difference, stds):
    """The least n a side whose two-sided t-test at 5 % has a power of 80 %, by the non-central distribution."""
    deviation = np.sqrt(np.mean(np.square(stds)))
    for n in range(2, 100_000):
        freedom, shift = 2 * n - 2, difference / deviation * np.sqrt(n / 2)
        limit = stats.t.ppf(0.975, freedom)
        power = stats.nct.sf(limit, freedom, shift) + stats.nct.cdf(-limit, freedom, shift)
        if power >= 0.8:
            return {"difference": difference, "stds": stds, "n": n}


print(
    json.dumps(
        {
            "pairs": [pair(a, b) for a, b in PAIRS],
            "holm": [holm(p) for p in FAMILIES],
            "seeds": [seeds(d, s) for d, s in POWERS],
        },
        indent=1,
    )
)
