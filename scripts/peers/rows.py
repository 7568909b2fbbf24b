"""What is measured: for each row of the table the contestants, `bench` first."""

import dataclasses
import json
import sys
from typing import Callable

import numpy as np

from contest import FEW_IMAGES, Result, relative_difference
from vision_transformer import SIDE


@dataclasses.dataclass
class Row:
    """Contestants that compute the same thing."""

    name: str
    title: str
    contestants: dict
    tolerance: float
    """Largest difference of the numbers that is agreement."""
    difference: Callable = relative_difference
    start_up: dict = dataclasses.field(default_factory=dict)
    """The contestants on FEW_IMAGES, where they are whole commands on images: what takes time besides the images."""

    steps: int = 0
    """Training steps in a run, where it is one."""
    network: str = "InceptionV3"
    """What extracts features, where it is a whole command on images."""

    @property
    def peers(self):
        return [label for label in self.contestants if label != "bench"]


def bench_statistics(tools, n):
    out = tools.work / "bench.npz"
    out.unlink(missing_ok=True)
    options = ("--weights", tools.weights, "--protocol", "pytorch-fid", "--threads", tools.threads)
    _, seconds = tools.command(tools.bench, "stats", tools.folder(n), out, *options)
    return Result(seconds, summary(out))


def pytorch_fid_statistics(tools, n):
    out = tools.work / "pytorch-fid.npz"
    out.unlink(missing_ok=True)
    options = ("--device", "cpu", "--save-stats", tools.folder(n), out)
    _, seconds = tools.python("pytorch_fid_command.py", tools.weights, *options)
    return Result(seconds, summary(out))


def bench_transformer(tools, n):
    out = tools.work / "bench.npz"
    out.unlink(missing_ok=True)
    options = ("--extractor", "dinov2-vit-b-14", "--weights", tools.transformer_weights, "--threads", tools.threads)
    _, seconds = tools.command(tools.bench, "stats", tools.folder(n, side=SIDE), out, *options)
    return Result(seconds, summary(out))


def pytorch_transformer(tools, n):
    out = tools.work / "transformer.npz"
    arguments = ("statistics", tools.transformer_weights, tools.folder(n, side=SIDE), out)
    _, seconds = tools.python("vision_transformer.py", *arguments)
    return Result(seconds, summary(out))


def summary(path):
    """Mean and total variance of the features."""
    with np.load(path) as statistics:
        return [statistics["mu"].mean(), np.trace(statistics["sigma"])]


def bench_inception_score(tools, n):
    options = ("--weights", tools.weights, "--protocol", "torch-fidelity", "--threads", tools.threads, "--json")
    output, seconds = tools.command(tools.bench, "eval", tools.folder(n), "--metrics", "is", *options)
    metrics = json.loads(output)["metrics"]
    return Result(seconds, [metrics["is_mean"], metrics["is_std"]])


def torch_fidelity_inception_score(tools, n):
    options = ("--feature-extractor-weights-path", tools.weights, "--cpu", "--json", "--silent", "--no-cache")
    command = (sys.executable, "-m", "torch_fidelity.fidelity", "--isc", "--input1", tools.folder(n))
    output, seconds = tools.command(*command, *options)
    metrics = json.loads(output)
    return Result(seconds, [metrics["inception_score_mean"], metrics["inception_score_std"]])


def whole_command(name, title, contestants, tolerance, network="InceptionV3"):
    """A row for commands that take a folder of images."""

    def on(count):
        return {label: lambda tools, run=run: run(tools, count(tools)) for label, run in contestants.items()}

    whole = on(lambda tools: tools.images)
    return Row(name, title, whole, tolerance, start_up=on(lambda _: FEW_IMAGES), network=network)


def training(variant, steps):
    """A row for training steps of a variant; the numbers that agree are those of trainable parameters."""
    contestants = {
        "bench": lambda tools: tools.training(variant, steps),
        "PyTorch": lambda tools: tools.operation("training.py", variant, steps),
    }
    return Row(f"training-{variant}", f"training of `{variant}`", contestants, tolerance=0.0, steps=steps)


def difference_in_deviations(ours, theirs):
    """KID may be near 0: differences are counted in its standard deviation over the subsets."""
    return max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) / theirs[1]


ROWS = [
    whole_command(
        "statistics-of-images",
        "features of PNG files and their statistics, protocol pytorch-fid",
        {"bench": bench_statistics, "pytorch-fid": pytorch_fid_statistics},
        tolerance=1e-4,
    ),
    whole_command(
        "score-of-images",
        "features of PNG files and IS, protocol torch-fidelity",
        {"bench": bench_inception_score, "torch-fidelity": torch_fidelity_inception_score},
        tolerance=1e-4,
    ),
    whole_command(
        "vision-transformer",
        "features of 224x224 PNG files by DINOv2 ViT-B/14",
        {"bench": bench_transformer, "PyTorch": pytorch_transformer},
        tolerance=1e-4,
        network="ViT-B/14",
    ),
    Row(
        "frechet",
        "Fréchet distance, d = 2048, full rank",
        {
            "bench": lambda tools: tools.metric("frechet", tools.features(1), tools.features(2)),
            "pytorch-fid": lambda tools: tools.operation(
                "metrics.py", "frechet-pytorch-fid", tools.features(1), tools.features(2)
            ),
            "torch-fidelity": lambda tools: tools.operation(
                "metrics.py", "frechet-torch-fidelity", tools.features(1), tools.features(2)
            ),
        },
        tolerance=1e-6,
    ),
    Row(
        "kid",
        "KID, 100 subsets of 1000 from 10 000, d = 2048",
        {
            "bench": lambda tools: tools.metric("kid", tools.features(1), tools.features(2)),
            "torch-fidelity": lambda tools: tools.operation("metrics.py", "kid", tools.features(1), tools.features(2)),
        },
        tolerance=1e-3,
        difference=difference_in_deviations,
    ),
    Row(
        "precision-recall",
        "precision and recall, k = 3, 10 000 a side, d = 2048",
        {
            "bench": lambda tools: tools.metric("precision", tools.features(1), tools.features(2)),
            "torch-fidelity": lambda tools: tools.operation(
                "metrics.py", "precision", tools.features(1), tools.features(2)
            ),
        },
        # Float32 distances put single images on the other side of a surface.
        tolerance=1e-3,
    ),
    Row(
        "prdc",
        "precision, recall, density and coverage, k = 5, 10 000 a side, d = 2048",
        {
            "bench": lambda tools: tools.metric("prdc", tools.features(1), tools.features(2)),
            "prdc": lambda tools: tools.operation("metrics.py", "prdc", tools.features(1), tools.features(2)),
        },
        tolerance=1e-9,
    ),
    Row(
        "vendi",
        "Vendi score of 10 000 x 2048 features",
        {
            "bench": lambda tools: tools.metric("vendi", tools.features(1)),
            "vendi-score": lambda tools: tools.operation("metrics.py", "vendi", tools.features(1)),
        },
        tolerance=1e-4,
    ),
    Row(
        "inception-score",
        "IS of 50 000 x 1008 logits",
        {
            "bench": lambda tools: tools.metric("is", tools.logits),
            "torch-fidelity": lambda tools: tools.operation("metrics.py", "isc", tools.logits),
        },
        tolerance=1e-9,
    ),
    Row(
        "covariance",
        "mean and covariance of 10 000 x 2048 features",
        {
            "bench": lambda tools: tools.metric("statistics", tools.features(1)),
            "pytorch-fid": lambda tools: tools.operation("metrics.py", "statistics", tools.features(1)),
        },
        tolerance=1e-9,
    ),
    training("dcgan", 24),
    training("acgan", 40),
    training("dragan", 24),
    training("wgan-gp", 6),
    training("dcgan64", 6),
    training("sagan64", 6),
    training("sngan-proj-d4", 1),
]
