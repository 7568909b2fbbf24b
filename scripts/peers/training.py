"""Times training steps of a variant's networks in plain PyTorch, and prints seconds and values as JSON.

usage: training.py VARIANT STEPS

The loop is the usual one: no logging, no evaluation, data in memory, and the discriminator's parameters without gradients
in the generator's step. Networks, losses and batches are those of `bench`; the numbers of trainable parameters, which are
the values, show it.
"""

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


class Training:
    """A run."""

    def __init__(self, variant):
        self.variant = variant
        self.generator, self.discriminator = Generator(variant), Discriminator(variant)
        self.optimizers = [
            torch.optim.Adam(network.parameters(), lr, variant.betas)
            for network, lr in zip((self.generator, self.discriminator), variant.learning_rates)
        ]
        images = torch.randint(0, 256, (IMAGES, 3, variant.side, variant.side), dtype=torch.uint8)
        labels = torch.arange(IMAGES) % CLASSES
        self.batches = itertools.cycle(zip(images.split(variant.batch), labels.split(variant.batch)))

    def step(self):
        for _ in range(self.variant.critic_steps):
            images, labels = next(self.batches)
            self.discriminator_step(images / 127.5 - 1, labels)
        self.generator_step(labels)

    def latents(self, n):
        return torch.randn(n, self.variant.latent)

    def discriminator_step(self, real, labels):
        with torch.no_grad():
            generated = self.generator(self.latents(len(real)), labels)
        on_real, classes_of_real = self.discriminator(real, labels)
        on_generated, classes_of_generated = self.discriminator(generated, labels)
        if self.variant.loss == "wasserstein":
            loss = on_generated.mean() - on_real.mean()
        else:
            loss = realness_loss(on_real, 1.0) + realness_loss(on_generated, 0.0)
        if classes_of_real is not None:
            loss = loss + F.cross_entropy(classes_of_real, labels) + F.cross_entropy(classes_of_generated, labels)
        if self.variant.penalty:
            loss = loss + 10 * self.penalty(real, generated, labels)
        self.update(self.optimizers[1], loss)

    def generator_step(self, labels):
        self.discriminator.requires_grad_(False)
        on_generated, classes = self.discriminator(self.generator(self.latents(len(labels)), labels), labels)
        if self.variant.loss == "wasserstein":
            loss = -on_generated.mean()
        else:
            loss = realness_loss(on_generated, 1.0)
        if classes is not None:
            loss = loss + F.cross_entropy(classes, labels)
        self.update(self.optimizers[0], loss)
        self.discriminator.requires_grad_(True)

    def penalty(self, real, generated, labels):
        weights = torch.rand(len(real), 1, 1, 1)
        if self.variant.penalty == "between":
            points = torch.lerp(generated, real, weights)
        else:
            points = real + weights * 0.5 * real.std() * torch.rand_like(real)
        points.requires_grad_(True)
        on_points, _ = self.discriminator(points, labels)
        (gradients,) = torch.autograd.grad(on_points.sum(), points, create_graph=True)
        return (gradients.flatten(1).norm(dim=1) - 1).square().mean()

    @staticmethod
    def update(optimizer, loss):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()

    def parameter_counts(self):
        return [sum(p.numel() for p in network.parameters()) for network in (self.generator, self.discriminator)]


def realness_loss(logits, target):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def main():
    name, steps = sys.argv[1], int(sys.argv[2])
    training = Training(VARIANTS[name])
    training.step()
    start = time.perf_counter()
    for _ in range(steps):
        training.step()
    print(json.dumps({"seconds": time.perf_counter() - start, "values": training.parameter_counts()}))


if __name__ == "__main__":
    main()
