"""Times training steps of a variant's networks in plain PyTorch, and prints seconds and values as JSON.

usage: training.py VARIANT STEPS [--device cpu|cuda] [--precision fp32|bf16] [--fast] [--compile]

The loop is the usual one: no logging, no evaluation, data in memory (on the GPU, where there is one), and the
discriminator's parameters without gradients in the generator's step. Networks, losses and batches are those of `bench`; the
numbers of trainable parameters, which are the values, show it. Losses are fetched at every step, as loops do that print
them. --precision bf16 is autocast; --fast turns on TF32 and cuDNN's benchmark, both off without it; --compile passes both
networks to torch.compile.
"""

import argparse
import contextlib
import dataclasses
import itertools
import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

IMAGES, CLASSES = 512, 10
SLOPE = 0.2


@dataclasses.dataclass
class Variant:
    """What distinguishes the variants that are timed."""

    batch: int = 64
    side: int = 32
    latent: int = 100
    critic_steps: int = 1
    generator_channels: int = 64
    discriminator_channels: int = 64
    norm: type = nn.BatchNorm2d
    loss: str = "bce"
    penalty: str = ""
    class_head: bool = False
    sagan: bool = False
    residual: bool = False
    learning_rates: tuple = (2e-4, 2e-4)
    betas: tuple = (0.5, 0.999)


def layer_norm(channels):
    return nn.GroupNorm(1, channels)


def instance_norm(channels):
    return nn.InstanceNorm2d(channels, affine=True)


VARIANTS = {
    "dcgan": Variant(batch=128),
    "acgan": Variant(class_head=True),
    "wgan-gp": Variant(
        latent=128,
        critic_steps=5,
        norm=layer_norm,
        loss="wasserstein",
        penalty="between",
        learning_rates=(1e-4, 1e-4),
        betas=(0.0, 0.9),
    ),
    "dragan": Variant(penalty="around"),
    "dcgan64": Variant(batch=128, side=64, generator_channels=128, learning_rates=(1e-4, 4e-4)),
    "sngan-proj-d4": Variant(
        batch=256,
        latent=128,
        critic_steps=4,
        generator_channels=256,
        discriminator_channels=128,
        loss="hinge",
        penalty="r1",
        residual=True,
        betas=(0.0, 0.999),
    ),
    "sagan64": Variant(
        side=64,
        critic_steps=5,
        generator_channels=32,
        discriminator_channels=16,
        norm=instance_norm,
        loss="wasserstein",
        penalty="between",
        sagan=True,
        learning_rates=(1e-4, 4e-4),
        betas=(0.0, 0.9),
    ),
}


class Attention(nn.Module):
    """Self-attention with max-pooled keys and values."""

    def __init__(self, channels):
        super().__init__()
        self.query = spectral_norm(nn.Conv2d(channels, channels // 8, 1))
        self.key = spectral_norm(nn.Conv2d(channels, channels // 8, 1))
        self.value = spectral_norm(nn.Conv2d(channels, channels // 2, 1))
        self.output = spectral_norm(nn.Conv2d(channels // 2, channels, 1))
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        query = self.query(x).flatten(2)
        key = F.max_pool2d(self.key(x), 2).flatten(2)
        value = F.max_pool2d(self.value(x), 2).flatten(2)
        weights = (query.transpose(1, 2) @ key).softmax(-1)
        attended = (value @ weights.transpose(1, 2)).unflatten(2, x.shape[2:])
        return x + self.gamma * self.output(attended)


class Generator(nn.Module):
    """Transposed convolutions from the latent to the image."""

    def __init__(self, variant):
        super().__init__()
        wrap = spectral_norm if variant.sagan else nn.Identity()
        self.embedding = nn.Embedding(CLASSES, 100) if variant.sagan else None
        self.one_hot = variant.class_head
        inputs = variant.latent + (100 if variant.sagan else 0) + (CLASSES if variant.class_head else 0)
        doublings = (variant.side // 4).bit_length() - 1
        layers = []
        for i in range(doublings):
            outputs = variant.generator_channels << (doublings - 1 - i)
            stride, padding = (1, 0) if i == 0 else (2, 1)
            layers += [wrap(nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False))]
            layers += [nn.BatchNorm2d(outputs), nn.ReLU()]
            if variant.sagan and i == doublings - 2:
                layers += [Attention(outputs)]
            inputs = outputs
        layers += [wrap(nn.ConvTranspose2d(inputs, 3, 4, 2, 1)), nn.Tanh()]
        self.layers = nn.Sequential(*layers)

    def forward(self, latents, labels):
        if self.embedding is not None:
            latents = torch.cat([latents, self.embedding(labels)], 1)
        if self.one_hot:
            latents = torch.cat([latents, F.one_hot(labels, CLASSES).float()], 1)
        return self.layers(latents[:, :, None, None])


class Discriminator(nn.Module):
    """Strided convolutions from the image to its realness, and to its class on request."""

    def __init__(self, variant):
        super().__init__()
        wrap = spectral_norm if variant.sagan else nn.Identity()
        self.plane = nn.Embedding(CLASSES, variant.side**2) if variant.sagan else None
        inputs = 4 if variant.sagan else 3
        layers = []
        for i in range((variant.side // 4).bit_length() - 1):
            outputs = variant.discriminator_channels << i
            layers += [wrap(nn.Conv2d(inputs, outputs, 4, 2, 1, bias=i == 0))]
            layers += [variant.norm(outputs)] if i > 0 else []
            layers += [nn.LeakyReLU(SLOPE)]
            if variant.sagan and i == 1:
                layers += [Attention(outputs)]
            inputs = outputs
        self.layers = nn.Sequential(*layers)
        self.realness = wrap(nn.Conv2d(inputs, 1, 4))
        self.classes = nn.Conv2d(inputs, CLASSES, 4) if variant.class_head else None

    def forward(self, images, labels):
        if self.plane is not None:
            plane = self.plane(labels).view(-1, 1, *images.shape[2:])
            images = torch.cat([images, plane], 1)
        x = self.layers(images)
        classes = self.classes(x).flatten(1) if self.classes is not None else None
        return self.realness(x).flatten(), classes


class ConditionalNorm(nn.Module):
    """Batch norm whose gain and offset are linear maps of a learnt vector of the label."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.label = spectral_norm(nn.Embedding(CLASSES, channels))
        self.gain = spectral_norm(nn.Linear(channels, channels))
        self.offset = spectral_norm(nn.Linear(channels, channels))

    def forward(self, x, labels):
        label = self.label(labels)
        return self.norm(x) * (1 + self.gain(label)[:, :, None, None]) + self.offset(label)[:, :, None, None]


def conv3x3(inputs, outputs):
    return spectral_norm(nn.Conv2d(inputs, outputs, 3, padding=1))


class UpBlock(nn.Module):
    """A residual block that doubles the side."""

    def __init__(self, channels):
        super().__init__()
        self.norms = nn.ModuleList(ConditionalNorm(channels) for _ in range(2))
        self.convolutions = nn.ModuleList(conv3x3(channels, channels) for _ in range(2))
        self.shortcut = spectral_norm(nn.Conv2d(channels, channels, 1))

    def forward(self, x, labels):
        h = self.convolutions[0](F.interpolate(F.relu(self.norms[0](x, labels)), scale_factor=2))
        h = self.convolutions[1](F.relu(self.norms[1](h, labels)))
        return h + self.shortcut(F.interpolate(x, scale_factor=2))


class DownBlock(nn.Module):
    """A residual block of a discriminator."""

    def __init__(self, inputs, outputs, first, halve):
        super().__init__()
        self.convolutions = nn.ModuleList([conv3x3(inputs, outputs), conv3x3(outputs, outputs)])
        self.shortcut = spectral_norm(nn.Conv2d(inputs, outputs, 1))
        self.first, self.halve = first, halve

    def forward(self, x):
        h = x if self.first else F.relu(x)
        h = self.convolutions[1](F.relu(self.convolutions[0](h))) + self.shortcut(x)
        return F.avg_pool2d(h, 2) if self.halve else h


class ResidualGenerator(nn.Module):
    """A dense layer and residual blocks from the latent to the image."""

    def __init__(self, variant):
        super().__init__()
        self.channels = variant.generator_channels
        self.dense = nn.Linear(variant.latent, 16 * self.channels)
        doublings = (variant.side // 4).bit_length() - 1
        self.blocks = nn.ModuleList(UpBlock(self.channels) for _ in range(doublings))
        self.norm = nn.BatchNorm2d(self.channels)
        self.image = conv3x3(self.channels, 3)

    def forward(self, latents, labels):
        x = self.dense(latents).view(-1, self.channels, 4, 4)
        for block in self.blocks:
            x = block(x, labels)
        return torch.tanh(self.image(F.relu(self.norm(x))))


class ProjectionDiscriminator(nn.Module):
    """Residual blocks from the image to its features, which the label's vector is projected on."""

    def __init__(self, variant):
        super().__init__()
        channels, halvings = variant.discriminator_channels, (variant.side // 4).bit_length() - 1
        blocks = [DownBlock(3, channels, first=True, halve=True)]
        blocks += [DownBlock(channels, channels, first=False, halve=i < halvings) for i in range(1, halvings + 1)]
        self.blocks = nn.Sequential(*blocks)
        self.realness = spectral_norm(nn.Linear(channels, 1, bias=False))
        self.labels = spectral_norm(nn.Embedding(CLASSES, channels))

    def forward(self, images, labels):
        features = F.relu(self.blocks(images)).mean((2, 3))
        return self.realness(features)[:, 0] + (self.labels(labels) * features).sum(1), None


class Training:
    """A run."""

    def __init__(self, variant, device, precision, compiled):
        self.variant, self.device = variant, device
        if variant.residual:
            self.networks = ResidualGenerator(variant), ProjectionDiscriminator(variant)
        else:
            self.networks = Generator(variant), Discriminator(variant)
        self.networks = tuple(network.to(device) for network in self.networks)
        self.generator, self.discriminator = map(torch.compile, self.networks) if compiled else self.networks
        reduced = precision == "bf16"
        self.passes = lambda: torch.autocast(device, torch.bfloat16) if reduced else contextlib.nullcontext()
        self.optimizers = [
            torch.optim.Adam(network.parameters(), lr, variant.betas)
            for network, lr in zip(self.networks, variant.learning_rates)
        ]
        shape = (IMAGES, 3, variant.side, variant.side)
        images = torch.randint(0, 256, shape, dtype=torch.uint8, device=device)
        labels = torch.arange(IMAGES, device=device) % CLASSES
        self.batches = itertools.cycle(zip(images.split(variant.batch), labels.split(variant.batch)))

    def step(self):
        for _ in range(self.variant.critic_steps):
            images, labels = next(self.batches)
            self.discriminator_step(images / 127.5 - 1, labels)
        self.generator_step(labels)

    def latents(self, n):
        return torch.randn(n, self.variant.latent, device=self.device)

    def judged(self, images, labels):
        with self.passes():
            realness, classes = self.discriminator(images, labels)
        return realness.float(), None if classes is None else classes.float()

    def generated(self, labels):
        with self.passes():
            return self.generator(self.latents(len(labels)), labels).float()

    def discriminator_step(self, real, labels):
        with torch.no_grad():
            generated = self.generated(labels)
        real.requires_grad_(self.variant.penalty == "r1")
        on_real, classes_of_real = self.judged(real, labels)
        on_generated, classes_of_generated = self.judged(generated, labels)
        if self.variant.loss == "wasserstein":
            loss = on_generated.mean() - on_real.mean()
        elif self.variant.loss == "hinge":
            loss = F.relu(1 - on_real).mean() + F.relu(1 + on_generated).mean()
        else:
            loss = realness_loss(on_real, 1.0) + realness_loss(on_generated, 0.0)
        if classes_of_real is not None:
            loss = loss + F.cross_entropy(classes_of_real, labels) + F.cross_entropy(classes_of_generated, labels)
        if self.variant.penalty == "r1":
            (gradients,) = torch.autograd.grad(on_real.sum(), real, create_graph=True)
            loss = loss + 0.2 * gradients.square().sum((1, 2, 3)).mean()
        elif self.variant.penalty:
            loss = loss + 10 * self.penalty(real, generated, labels)
        self.update(self.optimizers[1], loss)

    def generator_step(self, labels):
        self.networks[1].requires_grad_(False)
        on_generated, classes = self.judged(self.generated(labels), labels)
        if self.variant.loss == "bce":
            loss = realness_loss(on_generated, 1.0)
        else:
            loss = -on_generated.mean()
        if classes is not None:
            loss = loss + F.cross_entropy(classes, labels)
        self.update(self.optimizers[0], loss)
        self.networks[1].requires_grad_(True)

    def penalty(self, real, generated, labels):
        weights = torch.rand(len(real), 1, 1, 1, device=self.device)
        if self.variant.penalty == "between":
            points = torch.lerp(generated, real, weights)
        else:
            points = real + weights * 0.5 * real.std() * torch.rand_like(real)
        points.requires_grad_(True)
        on_points, _ = self.judged(points, labels)
        (gradients,) = torch.autograd.grad(on_points.sum(), points, create_graph=True)
        return (gradients.flatten(1).norm(dim=1) - 1).square().mean()

    @staticmethod
    def update(optimizer, loss):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()

    def parameter_counts(self):
        return [sum(p.numel() for p in network.parameters()) for network in self.networks]


def realness_loss(logits, target):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("variant", choices=VARIANTS)
    parser.add_argument("steps", type=int)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = options.fast
    torch.backends.cudnn.benchmark = options.fast
    training = Training(VARIANTS[options.variant], options.device, options.precision, options.compile)
    on_gpu = options.device.startswith("cuda")
    # The first steps start threads, compile and take memory.
    for _ in range(10 if on_gpu else 1):
        training.step()
    if on_gpu:
        torch.cuda.synchronize()
    start, used = time.perf_counter(), time.process_time()
    for _ in range(options.steps):
        training.step()
    if on_gpu:
        torch.cuda.synchronize()
    seconds, processor_seconds = time.perf_counter() - start, time.process_time() - used
    values = training.parameter_counts()
    print(json.dumps({"seconds": seconds, "values": values, "processor_seconds": processor_seconds}))


if __name__ == "__main__":
    main()
