"""Running the contestants in turn and keeping the fastest run of each."""

import dataclasses
import functools
import json
import math
import os
import shutil
import subprocess
import sys
import time

import numpy as np

WEIGHTS_SEED = 7
FEW_IMAGES = 16  # in the folder whose whole time is taken for start-up


class Failure(Exception):
    """Something went wrong that the user has to know of."""


@dataclasses.dataclass
class Result:
    """What one run gave: its time, and values to compare."""

    seconds: float
    values: list
    processor_seconds: float = 0.0
    """Of all threads; of training alone."""


class Tools:
    """What contestants are started with; inputs are made when first asked for."""

    def __init__(self, root, work, threads, images):
        self.root, self.work, self.threads, self.images = root, work, threads, images
        self.bench = str(root / "target" / "release" / "bench")

    def command(self, *command):
        """Runs a command to its end; gives its standard output and the seconds that it took."""
        command = [str(part) for part in command]
        # No contestant may know results of a run before.
        shutil.rmtree(self.work / "cache", ignore_errors=True)
        threads = ("OMP", "MKL", "OPENBLAS", "RAYON")
        environment = os.environ | {f"{library}_NUM_THREADS": str(self.threads) for library in threads}
        environment["BENCH_CACHE"] = str(self.work / "cache")
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            lines = (done.stderr.strip() or "no message").splitlines()[-5:]
            raise Failure(f"{' '.join(command)} failed:\n  " + "\n  ".join(lines))
        return done.stdout, seconds

    def python(self, script, *arguments):
        return self.command(sys.executable, self.root / "scripts" / "peers" / script, *arguments)

    def operation(self, script, *arguments):
        """A script that times an operation itself."""
        return Result(**json.loads(self.python(script, *arguments)[0]))

    def metric(self, name, *files):
        """A computation by `bench`'s library."""
        return self._example("time_metric", name, self.threads, *files)

    def training(self, variant, steps):
        """Training steps by `bench`'s library."""
        return self._example("time_training", variant, self.threads, steps)

    def _example(self, name, *arguments):
        output, _ = self.command(self.root / "target" / "release" / "examples" / name, *arguments)
        return Result(**json.loads(output))

    @functools.cached_property
    def weights(self):
        """Synthetic weights of InceptionV3 in the published file's layout: speed does not depend on their values."""
        path = self.work / "weights.pth"
        maker = self.root / "metrics" / "tests" / "golden" / "synthetic_inception.py"
        self.command(sys.executable, maker, WEIGHTS_SEED, path)
        return path

    @functools.cached_property
    def transformer_weights(self):
        """Random weights of DINOv2 ViT-B/14 in the authors' layout."""
        path = self.work / "transformer.pth"
        self.python("vision_transformer.py", "weights", path)
        return path

    @functools.cache
    def folder(self, n, side=32):
        """A folder of n square PNG files."""
        path = self.work / f"images-{n}-{side}"
        self.command(self.bench, "data", "export", "shapes", path, "--n", n, "--seed", 1, "--size", side)
        return path

    @functools.cache
    def features(self, seed):
        """10 000 features of 2048 dimensions: correlated, not negative, of full rank."""
        random = np.random.default_rng(seed)
        n, d, factors = 10_000, 2048, 32
        loadings = np.random.default_rng(0).standard_normal((factors, d), np.float32) / 8
        features = random.standard_normal((n, d), np.float32)
        features += random.standard_normal((n, factors), np.float32) @ loadings
        return self._save(f"features-{seed}", np.maximum(features + np.float32(0.02 * seed), 0))

    @functools.cached_property
    def logits(self):
        """50 000 logits of 1008 classes."""
        return self._save("logits", 2 * np.random.default_rng(3).standard_normal((50_000, 1008), np.float32))

    def _save(self, name, features):
        path = self.work / f"{name}.npz"
        np.savez(path, features=features)
        return path


class Contest:
    """Rows of contestants, run in turn."""

    def __init__(self, tools, rows, rounds):
        self.tools, self.rows, self.rounds = tools, rows, rounds
        self.best, self.start_up = {}, {}
        """The fastest run of a row and a contestant, and of the same on FEW_IMAGES."""
        self.agreements = {}
        self.limit = None
        """The fastest matrix product, where rows extract features."""

    def run(self):
        for number in range(1, self.rounds + 1):
            for row in self.rows:
                self._round(row, f"round {number} of {self.rounds}: {row.name}")
                self._compare(row)
            if any(row.start_up for row in self.rows):
                self.limit = faster(self.limit, self.tools.operation("metrics.py", "matrix-product"))

    def _round(self, row, message):
        for kept, contestants in ((self.start_up, row.start_up), (self.best, row.contestants)):
            what = "start-up of " if kept is self.start_up else ""
            for label, contestant in contestants.items():
                result = contestant(self.tools)
                kept[row.name, label] = faster(kept.get((row.name, label)), result)
                print(f"peers: {message}: {what}{label} {result.seconds:.2f} s", file=sys.stderr, flush=True)

    def _compare(self, row):
        ours = self.best[row.name, "bench"].values
        for label in row.peers:
            theirs = self.best[row.name, label].values
            difference = row.difference(ours, theirs)
            if not difference <= row.tolerance:
                raise Failure(
                    f"{row.name}: bench gives {ours} and {label} {theirs}, which differ by {difference:.1e}, more than "
                    f"{row.tolerance:.0e}"
                )
            self.agreements[row.name, label] = difference


def faster(kept, result):
    """The faster of two runs, the first of which may be missing."""
    return result if kept is None or result.seconds < kept.seconds else kept


def relative_difference(ours, theirs):
    """The largest of the values' relative differences."""
    pairs = zip(ours, theirs, strict=True)
    return max(abs(a - b) / abs(b) if math.isfinite(a) and b else math.inf for a, b in pairs)
