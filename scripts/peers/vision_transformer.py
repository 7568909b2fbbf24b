"""DINOv2 ViT-B/14 with random weights in plain PyTorch: writes them, or extracts the features of a folder of images.

usage: vision_transformer.py weights OUT.pth
       vision_transformer.py statistics WEIGHTS.pth FOLDER OUT.npz

The weights have the names of the authors' file, and position embeddings for images of SIDE pixels. Images have to be of that
size. They are read by worker processes and go through the network in batches, as the usual extraction scripts do.
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

WIDTH, BLOCKS, HEAD, PATCH, SIDE = 768, 12, 64, 14, 224
TOKENS = (SIDE // PATCH) ** 2 + 1
EPSILON = 1e-6
BATCH = 16
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def multiplications():
    """Of one image: the maps of every token, the two products of attention, and the patches."""
    maps = 12 * TOKENS * WIDTH * WIDTH
    attention = 2 * TOKENS * TOKENS * WIDTH
    return BLOCKS * (maps + attention) + (TOKENS - 1) * WIDTH * 3 * PATCH * PATCH


def shapes():
    yield "cls_token", (1, 1, WIDTH)
    yield "pos_embed", (1, TOKENS, WIDTH)
    yield "patch_embed.proj.weight", (WIDTH, 3, PATCH, PATCH)
    yield "patch_embed.proj.bias", (WIDTH,)
    maps = {"attn.qkv": (3, 1), "attn.proj": (1, 1), "mlp.fc1": (4, 1), "mlp.fc2": (1, 4)}
    for block in range(BLOCKS):
        for norm in ("norm1", "norm2"):
            yield f"blocks.{block}.{norm}.weight", (WIDTH,)
            yield f"blocks.{block}.{norm}.bias", (WIDTH,)
        for scale in ("ls1", "ls2"):
            yield f"blocks.{block}.{scale}.gamma", (WIDTH,)
        for name, (outputs, inputs) in maps.items():
            yield f"blocks.{block}.{name}.weight", (outputs * WIDTH, inputs * WIDTH)
            yield f"blocks.{block}.{name}.bias", (outputs * WIDTH,)
    yield "norm.weight", (WIDTH,)
    yield "norm.bias", (WIDTH,)


def write_weights(path):
    generator = torch.Generator().manual_seed(7)

    def values(name, shape):
        noise = torch.randn(shape, generator=generator)
        if len(shape) == 1:
            return 1 + 0.1 * noise if name.endswith("weight") else 0.1 * noise
        return noise / np.sqrt(np.prod(shape[1:]))

    torch.save({name: values(name, shape).float() for name, shape in shapes()}, path)


class Images(torch.utils.data.Dataset):
    def __init__(self, folder):
        self.paths = sorted(pathlib.Path(folder).glob("*.png"))

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        from PIL import Image

        with Image.open(self.paths[index]) as image:
            pixels = torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).float() / 255
        assert pixels.shape == (3, SIDE, SIDE), self.paths[index]
        return (pixels - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def features(weights, images):
    """The normalised class token, [n, WIDTH]."""

    def linear(x, name):
        return F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(x, name):
        return F.layer_norm(x, (WIDTH,), weights[f"{name}.weight"], weights[f"{name}.bias"], EPSILON)

    patches = F.conv2d(images, weights["patch_embed.proj.weight"], weights["patch_embed.proj.bias"], stride=PATCH)
    x = torch.cat([weights["cls_token"].expand(len(images), -1, -1), patches.flatten(2).transpose(1, 2)], 1)
    x = x + weights["pos_embed"]
    for block in range(BLOCKS):
        name = f"blocks.{block}"
        heads = linear(norm(x, f"{name}.norm1"), f"{name}.attn.qkv").unflatten(2, (3, -1, HEAD)).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)
        x = x + weights[f"{name}.ls1.gamma"] * linear(attended, f"{name}.attn.proj")
        hidden = F.gelu(linear(norm(x, f"{name}.norm2"), f"{name}.mlp.fc1"))
        x = x + weights[f"{name}.ls2.gamma"] * linear(hidden, f"{name}.mlp.fc2")
    return norm(x[:, 0], "norm")


def statistics(weights, folder, out):
    weights = torch.load(weights)
    loader = torch.utils.data.DataLoader(Images(folder), BATCH, num_workers=torch.get_num_threads())
    with torch.inference_mode():
        found = torch.cat([features(weights, images) for images in loader]).double().numpy()
    np.savez(out, mu=found.mean(0), sigma=np.cov(found, rowvar=False))


def main():
    command, *arguments = sys.argv[1:]
    {"weights": write_weights, "statistics": statistics}[command](*arguments)


if __name__ == "__main__":
    main()
