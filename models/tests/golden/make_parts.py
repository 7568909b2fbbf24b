"""Writes parts.safetensors: values and gradients of PyTorch 2.11 that models/tests/{parts,optimizers}.rs compare with.

Usage: python make_parts.py   (torch==2.11.0, CPU; single-threaded, seeds below)

Names are CASE.x (inputs), CASE.param.NAME (parameters and buffers before the case, by the names this project gives
them), CASE.y… (outputs) and CASE.grad.NAME (gradients of sum(y * CASE.r) or of the penalty). All tensors are float32
but those of the optimisers, schedules and of the average, which are float64.
"""

import json
import math
import struct
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm

torch.set_num_threads(1)
tensors: dict[str, torch.Tensor] = {}


def put(name: str, value: torch.Tensor) -> torch.Tensor:
    assert name not in tensors, name
    tensors[name] = value.detach().clone().contiguous()
    return value


def put_all(case: str, kind: str, values: dict[str, torch.Tensor]) -> None:
    for name, value in values.items():
        put(f"{case}.{kind}.{name}", value)


def ours(name: str, table: bool = False) -> str:
    """This project's name of a parameter or buffer of PyTorch's."""
    weight = "table" if table else "weight"
    return name.replace("weight_orig", weight).replace("weight_u", f"{weight}_u").replace("weight_v", f"{weight}_v")


def state(module: nn.Module, rename=ours) -> dict[str, torch.Tensor]:
    return {rename(k): v for k, v in module.state_dict().items() if "num_batches" not in k}


def gradients(module: nn.Module, rename=ours) -> dict[str, torch.Tensor]:
    return {rename(k): p.grad for k, p in module.named_parameters() if p.grad is not None}


def passes(case: str, module: nn.Module, call, shape, rename=ours) -> None:
    """Three training passes, the gradients of the third, an evaluation pass and the buffers after it."""
    put_all(case, "param", state(module, rename))
    module.train()
    for i in range(3):
        y = call()
        put(f"{case}.y{i}", y)
    r = put(f"{case}.r", torch.randn(shape))
    (y * r).sum().backward()
    put_all(case, "grad", gradients(module, rename))
    module.eval()
    put(f"{case}.eval", call())
    put_all(case, "after", {rename(k): v for k, v in module.named_buffers() if "num_batches" not in k})


def spectral_norms() -> None:
    torch.manual_seed(1)
    x = put("spectral.map", torch.randn(2, 3, 6, 6))
    v = put("spectral.vector", torch.randn(4, 5))
    labels = put("spectral.labels", torch.tensor([2, 0, 2, 1]))
    conv = spectral_norm(nn.Conv2d(3, 5, 3, 2, 1))
    passes("spectral.conv", conv, lambda: conv(x), (2, 5, 3, 3))
    transposed = spectral_norm(nn.ConvTranspose2d(3, 4, 4, 2, 1, bias=False), dim=1)
    passes("spectral.transposed", transposed, lambda: transposed(x), (2, 4, 12, 12))
    linear = spectral_norm(nn.Linear(5, 3))
    passes("spectral.linear", linear, lambda: linear(v), (4, 3))
    embedding = spectral_norm(nn.Embedding(3, 5))
    passes("spectral.embedding", embedding, lambda: embedding(labels), (4, 5), lambda k: ours(k, table=True))


class SelfAttention(nn.Module):
    def __init__(self, channels: int, query: int, value: int, pool: bool):
        super().__init__()
        self.query = spectral_norm(nn.Conv2d(channels, query, 1))
        self.key = spectral_norm(nn.Conv2d(channels, query, 1))
        self.value = spectral_norm(nn.Conv2d(channels, value, 1))
        self.output = spectral_norm(nn.Conv2d(value, channels, 1))
        self.gamma = nn.Parameter(torch.full((1,), 0.7))
        self.pool = pool

    def forward(self, x):
        n, _, h, w = x.shape
        shrink = (lambda t: F.max_pool2d(t, 2)) if self.pool else (lambda t: t)
        q = self.query(x).reshape(n, -1, h * w)
        k = shrink(self.key(x)).flatten(2)
        v = shrink(self.value(x)).flatten(2)
        attention = torch.einsum("ncp,ncq->npq", q, k).softmax(dim=2)
        attended = torch.einsum("npq,ncq->ncp", attention, v).reshape(n, -1, h, w)
        return x + self.gamma * self.output(attended)


def attention() -> None:
    torch.manual_seed(2)
    x = put("attention.x", torch.randn(2, 8, 4, 4))
    for name, pool in [("pooled", True), ("plain", False)]:
        layer = SelfAttention(8, 2, 4, pool)
        passes(f"attention.{name}", layer, lambda: layer(x), (2, 8, 4, 4))


class ConditionalBatchNorm(nn.Module):
    """BatchNorm2d without affine parameters, then (1 + gain(y)) and offset(y)."""

    def __init__(self, classes: int, channels: int, embedded: bool):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        if embedded:
            self.label = spectral_norm(nn.Embedding(classes, channels))
            self.gain = spectral_norm(nn.Linear(channels, channels))
            self.offset = spectral_norm(nn.Linear(channels, channels))
        else:
            self.label = nn.Identity()
            self.gain = nn.Embedding(classes, channels)
            self.offset = nn.Embedding(classes, channels)

    def forward(self, x, y):
        y = self.label(y)
        return self.norm(x) * (1 + self.gain(y))[:, :, None, None] + self.offset(y)[:, :, None, None]


def norms() -> None:
    torch.manual_seed(3)
    x = put("norm.x", torch.randn(4, 6, 3, 3) * 2 + 1)
    labels = put("norm.labels", torch.tensor([1, 0, 2, 1]))
    for name, layer in [
        ("batch", nn.BatchNorm2d(6)),
        ("instance", nn.InstanceNorm2d(6, affine=True)),
        ("layer", nn.GroupNorm(1, 6)),
    ]:
        nn.init.normal_(layer.weight, 1, 0.3)
        nn.init.normal_(layer.bias, 0, 0.3)
        passes(f"norm.{name}", layer, lambda: layer(x), x.shape)
    for name, embedded in [("tables", False), ("embedded", True)]:
        layer = ConditionalBatchNorm(3, 6, embedded)

        def rename(key: str, embedded=embedded) -> str:
            key = key.removeprefix("norm.")
            if not embedded:
                return key.replace("weight", "table")
            return ours(key, table=key.startswith("label."))

        passes(f"norm.{name}", layer, lambda: layer(x, labels), x.shape, rename)


class Projection(nn.Module):
    def __init__(self, classes: int, channels: int):
        super().__init__()
        self.realness = spectral_norm(nn.Linear(channels, 1))
        self.labels = spectral_norm(nn.Embedding(classes, channels))

    def forward(self, h, y):
        return self.realness(h)[:, 0] + (self.labels(y) * h).sum(dim=1)


def projection() -> None:
    torch.manual_seed(4)
    h = put("projection.features", torch.randn(5, 7))
    y = put("projection.labels", torch.tensor([0, 3, 3, 1, 2]))
    head = Projection(4, 7)
    passes("projection", head, lambda: head(h, y), (5,), lambda k: ours(k, table=k.startswith("labels.")))


class Critic(nn.Module):
    """Smooth, so that second derivatives are not 0, and with a layer norm to go through twice."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 4, 2, 1)
        self.norm = nn.GroupNorm(1, 4)
        self.linear = spectral_norm(nn.Linear(64, 1))

    def forward(self, x):
        return self.linear(self.norm(torch.tanh(self.conv(x))).flatten(1))[:, 0]


def penalties() -> None:
    torch.manual_seed(5)
    real = put("penalty.real", torch.rand(3, 3, 8, 8) * 2 - 1)
    fake = put("penalty.generated", torch.rand(3, 3, 8, 8) * 2 - 1)
    weights = put("penalty.weights", torch.rand(3))
    noise = put("penalty.noise", torch.rand(3, 3, 8, 8))
    critic = Critic()
    put_all("penalty", "param", state(critic))
    critic.train()

    def image_gradients(x):
        scores = critic(x)
        return torch.autograd.grad(scores.sum(), x, create_graph=True)[0]

    def unit(x):
        norms = image_gradients(x.detach().requires_grad_()).flatten(1).norm(dim=1)
        return ((norms - 1) ** 2).mean()

    a = weights[:, None, None, None]
    cases = {
        "gradient_penalty": lambda: unit(a * real + (1 - a) * fake),
        "dragan": lambda: unit(real + a * (0.5 * real.std() * noise)),
        "r1": lambda: image_gradients(real.clone().requires_grad_()).square().sum(dim=(1, 2, 3)).mean(),
    }
    for name, penalty in cases.items():
        critic.zero_grad(set_to_none=True)
        before = {k: v.clone() for k, v in critic.state_dict().items()}
        value = penalty()
        put(f"penalty.{name}.value", value)
        value.backward()
        put_all(f"penalty.{name}", "grad", gradients(critic))
        critic.load_state_dict(before)


def clipping() -> None:
    torch.manual_seed(6)
    layer = nn.Linear(4, 3)
    put_all("clipping", "param", state(layer))
    with torch.no_grad():
        for p in layer.parameters():
            p.clamp_(-0.2, 0.2)
    put_all("clipping", "after", state(layer))


def augmentations() -> None:
    torch.manual_seed(7)
    x = put("augment.x", torch.rand(4, 3, 8, 8) * 2 - 1)
    numbers = put("augment.numbers", torch.rand(4))
    column = numbers[:, None, None, None]
    r = put("augment.r", torch.randn(4, 3, 8, 8))

    def case(name, function):
        leaf = x.clone().requires_grad_()
        y = function(leaf)
        put(f"augment.{name}.y", y)
        (y * r).sum().backward()
        put(f"augment.{name}.grad", leaf.grad)

    case("brighten", lambda t: t + column)
    mean = lambda t, dims: t.mean(dim=dims, keepdim=True)
    case("saturate", lambda t: (t - mean(t, (1,))) * column + mean(t, (1,)))
    case("contrast", lambda t: (t - mean(t, (1, 2, 3))) * column + mean(t, (1, 2, 3)))

    shifts = put("augment.shifts", torch.tensor([[0, 0], [1, -1], [-1, 1], [1, 1]]))

    def translate(t):
        padded = F.pad(t, (1, 1, 1, 1))
        return torch.stack([padded[i, :, 1 + a : 9 + a, 1 + b : 9 + b] for i, (a, b) in enumerate(shifts.tolist())])

    case("translate", translate)
    centres = put("augment.centres", torch.tensor([[0, 0], [4, 4], [8, 3], [2, 7]]))

    def cutout(t):
        mask = torch.ones_like(t)
        for i, (row, column) in enumerate(centres.tolist()):
            mask[i, :, max(row - 2, 0) : row + 2, max(column - 2, 0) : column + 2] = 0
        return t * mask

    case("cutout", cutout)
    partners = put("augment.partners", torch.tensor([2, 0, 3, 1]))

    def cutmix(t):
        mixed = t.clone()
        mixed[:, :, 1:6, 3:8] = t[partners][:, :, 1:6, 3:8]
        return mixed

    case("cutmix", cutmix)
    offsets = torch.arange(-2, 3, dtype=torch.float32)
    line = torch.exp(-(offsets**2) / 2)
    kernel = torch.outer(line, line) / line.sum() ** 2

    def sharpen(t):
        padded = F.pad(t, (2, 2, 2, 2), mode="reflect")
        blurred = F.conv2d(padded, kernel.expand(3, 1, 5, 5), groups=3)
        return (t + 1.5 * (t - blurred)).clamp(-1, 1)

    case("sharpen", sharpen)
    luma = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
    grey = lambda t: (t * luma).sum(dim=1, keepdim=True)
    case("jitter", lambda t: (grey(t) + (t - grey(t)) * (2 * column)).clamp(-1, 1))


def orthogonal() -> None:
    for name, shape in [("wide", (4, 2, 3, 3)), ("tall", (12, 5)), ("square", (6, 6))]:
        flat = (shape[0], math.prod(shape[1:]))
        torch.manual_seed(8)
        put(f"orthogonal.{name}.normal", torch.empty(flat).normal_())
        torch.manual_seed(8)
        put(f"orthogonal.{name}.y", nn.init.orthogonal_(torch.empty(shape)).reshape(flat))


OPTIMIZERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.5, 0.999), eps=1e-8),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.02),
    "sgd-momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=0.1),
    "sgd-nesterov": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1),
    "rms-prop": lambda p: torch.optim.RMSprop(p, lr=0.01),
    "rms-prop-momentum": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.5),
    "adadelta": lambda p: torch.optim.Adadelta(p),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1, lr_decay=0.05),
}


def optimizers() -> None:
    """Twenty steps on f(x) = sum(x^4) / 4; the learning rate is halved after ten."""
    start = put("optimizer.start", torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64))
    for name, make in OPTIMIZERS.items():
        x = start.clone().requires_grad_()
        optimizer = make([x])
        for step in range(20):
            if step == 10:
                for group in optimizer.param_groups:
                    group["lr"] /= 2
            optimizer.zero_grad()
            (x.pow(4).sum() / 4).backward()
            optimizer.step()
        put(f"optimizer.{name}", x)


def schedules() -> None:
    """Factors of 21 steps over a total of 20."""
    for name, make in {
        "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=20, eta_min=0.1),
        "linear": lambda o: torch.optim.lr_scheduler.LinearLR(o, start_factor=1.0, end_factor=0.1, total_iters=20),
        "exponential": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, gamma=0.1 ** (1 / 20)),
    }.items():
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler = make(optimizer)
        factors = []
        for _ in range(21):
            factors.append(scheduler.get_last_lr()[0])
            optimizer.step()
            scheduler.step()
        put(f"schedule.{name}", torch.tensor(factors, dtype=torch.float64))


def average() -> None:
    torch.manual_seed(9)
    layer = nn.BatchNorm1d(3).double()
    decay = torch.optim.swa_utils.get_ema_multi_avg_fn(0.9)
    averaged = torch.optim.swa_utils.AveragedModel(layer, multi_avg_fn=decay)
    put_all("average", "param", state(layer))
    averaged.update_parameters(layer)
    for i in range(4):
        with torch.no_grad():
            for name, value in state(layer).items():
                value.copy_(put(f"average.live{i}.{name}", torch.randn(3, dtype=torch.float64)))
        averaged.update_parameters(layer)
    put_all("average", "after", state(averaged.module))


def write(path: Path) -> None:
    """The safetensors format: the header's length (u64), the header (JSON), the bytes."""
    kinds = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64"}
    header, chunks, offset = {}, [], 0
    for name, tensor in sorted(tensors.items()):
        data = tensor.numpy().tobytes()
        header[name] = {
            "dtype": kinds[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))
    print(f"{len(tensors)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    assert torch.__version__.startswith("2.11.0"), torch.__version__
    for make in [
        spectral_norms, attention, norms, projection, penalties, clipping, augmentations, orthogonal, optimizers,
        schedules, average,
    ]:
        make()
    write(Path(__file__).with_name("parts.safetensors"))
