#!/usr/bin/env python3
"""Features of networks with synthetic weights by the programs that define them.

usage: make_networks.py DINOV2 OUT.json

DINOV2 is a checkout of github.com/facebookresearch/dinov2 (b8931f7). Beside it: pip install torch==2.11.0
torchvision==0.26.0 torch-fidelity==0.4.0 transformers==4.57.6 pillow==12.3.0 safetensors (Pillow 13 resizes tall images
along columns first, which changes single levels). Weights and images are those of synthetic_networks.py. Each case has the features of images of a few sizes, each fed as the named program does, and for
small networks the Fréchet distance of two sets of images by torch-fidelity.
"""
import json
import logging
import sys

import numpy as np
import torch
import torchvision
from PIL import Image
from torch_fidelity.feature_extractor_clip import build_model
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torchvision.transforms import functional

from synthetic_networks import image, tensor

logging.disable(logging.WARNING)
sys.path.insert(0, sys.argv[1])

SIZES = [(40, 56), (224, 224), (301, 250)]
# Features of a full network that are kept.
KEPT = 96
# Images of either set, and their size.
SET, SIDE = 200, 48
IMAGENET = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
OPENAI = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


def feed(feeding, pixels, side, scale):
    mean, std = scale
    if feeding == "torch-fidelity":
        x = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float()
        x = interpolate_bilinear_2d_like_tensorflow1x(x, size=(side, side), align_corners=False)
        return functional.normalize(x, [255 * v for v in mean], [255 * v for v in std])
    picture = Image.fromarray(pixels)
    if feeding == "cmmd":
        width, height = picture.size
        least = min(width, height)
        top, left = (height - least) // 2, (width - least) // 2
        picture = picture.crop((left, top, left + least, top + least))
        picture = picture.resize((side, side), resample=Image.BICUBIC)
    else:
        resize = torchvision.transforms.Resize((side, side), torchvision.transforms.InterpolationMode.BICUBIC)
        picture = resize(picture)
    return functional.normalize(functional.to_tensor(picture)[None], mean, std)


def filled(model, half=False):
    """The model with synthetic values, and its tensors' names and shapes."""
    state = model.state_dict()
    tensors = [[name, list(value.shape)] for name, value in state.items() if value.is_floating_point()]
    for name, shape in tensors:
        state[name] = torch.from_numpy(tensor(name, shape, half).astype(np.float32))
    model.load_state_dict(state)
    return model.eval().requires_grad_(False), tensors


def dinov2(width, depth, registers=0, ffn="mlp"):
    from dinov2.models.vision_transformer import DinoVisionTransformer
    from dinov2.layers import MemEffAttention, NestedTensorBlock
    from functools import partial

    model = DinoVisionTransformer(
        img_size=518, patch_size=14, embed_dim=width, depth=depth, num_heads=width // 64, mlp_ratio=4,
        block_fn=partial(NestedTensorBlock, attn_class=MemEffAttention), init_values=1.0, ffn_layer=ffn, block_chunks=0,
        num_register_tokens=registers, interpolate_antialias=registers > 0,
        interpolate_offset=0.0 if registers else 0.1,
    )
    model, tensors = filled(model)
    return model, tensors, False


def dinov2_of_transformers(width, depth, registers=0, gated=False):
    import transformers

    kind = "Dinov2WithRegisters" if registers else "Dinov2"
    own = {"num_register_tokens": registers} if registers else {}
    own |= {"use_swiglu_ffn": True} if gated else {}
    config = getattr(transformers, f"{kind}Config")(
        hidden_size=width, num_hidden_layers=depth, num_attention_heads=width // 64, image_size=224, patch_size=14, **own)
    model, tensors = filled(getattr(transformers, f"{kind}Model")(config))
    return (lambda x: model(x).pooler_output), tensors, False


def clip_of_transformers(width, depth, patch, features, side):
    import transformers

    config = transformers.CLIPVisionConfig(
        hidden_size=width, intermediate_size=4 * width, projection_dim=features, num_hidden_layers=depth,
        num_attention_heads=width // 64, image_size=side, patch_size=patch)
    model, tensors = filled(transformers.CLIPVisionModelWithProjection(config))
    return (lambda x: model(x).image_embeds), tensors, False


def clip(width, depth, patch, features, side):
    """torch-fidelity's network, whose weights are of half precision."""
    grid = side // patch
    shapes = {
        "visual.class_embedding": [width],
        "visual.positional_embedding": [grid * grid + 1, width],
        "visual.proj": [width, features],
        "visual.conv1.weight": [width, 3, patch, patch],
    }
    for name in ("ln_pre", "ln_post"):
        shapes |= {f"visual.{name}.weight": [width], f"visual.{name}.bias": [width]}
    for index in range(depth):
        block = f"visual.transformer.resblocks.{index}"
        for name in ("ln_1", "ln_2"):
            shapes |= {f"{block}.{name}.weight": [width], f"{block}.{name}.bias": [width]}
        shapes |= {f"{block}.attn.in_proj_weight": [3 * width, width], f"{block}.attn.in_proj_bias": [3 * width]}
        for name, out, into in (("attn.out_proj", width, width), ("mlp.c_fc", 4 * width, width), ("mlp.c_proj", width, 4 * width)):
            shapes |= {f"{block}.{name}.weight": [out, into], f"{block}.{name}.bias": [out]}
    state = {name: torch.from_numpy(tensor(name, shape, True).astype(np.float32)) for name, shape in shapes.items()}
    state["text_projection"] = torch.zeros(1, features)
    model = build_model(state, torch.float32)
    return model.visual, [[name, shape] for name, shape in shapes.items()], True


def vgg16():
    model, tensors = filled(torchvision.models.vgg16())
    for tail in (6, 5, 4):
        del model.classifier[tail]
    return (lambda x: torch.relu(model(x))), tensors, False


CASES = [
    ("small-dinov2", lambda: dinov2(128, 3), 224, IMAGENET, ("dgm-eval", "torch-fidelity")),
    ("small-dinov2-reg", lambda: dinov2(128, 2, registers=4), 224, IMAGENET, ("dgm-eval",)),
    ("small-dinov2-gated", lambda: dinov2(128, 2, ffn="swiglufused"), 224, IMAGENET, ("dgm-eval",)),
    ("small-dinov2-transformers", lambda: dinov2_of_transformers(64, 2), 224, IMAGENET, ("torch-fidelity",)),
    ("small-dinov2-reg-transformers", lambda: dinov2_of_transformers(64, 2, registers=4), 224, IMAGENET, ("dgm-eval",)),
    ("small-dinov2-gated-transformers", lambda: dinov2_of_transformers(128, 2, gated=True), 224, IMAGENET, ("dgm-eval",)),
    ("small-dinov2-gated-reg-transformers", lambda: dinov2_of_transformers(64, 2, registers=4, gated=True), 224, IMAGENET,
     ("dgm-eval",)),
    ("small-clip", lambda: clip(128, 2, 16, 64, 96), 96, OPENAI, ("torch-fidelity", "cmmd")),
    ("small-clip-transformers", lambda: clip_of_transformers(64, 2, 32, 48, 224), 224, OPENAI, ("cmmd",)),
    ("dinov2-vit-s-14", lambda: dinov2(384, 12), 224, IMAGENET, ("dgm-eval",)),
    ("clip-vit-b-32", lambda: clip_of_transformers(768, 12, 32, 512, 224), 224, OPENAI, ("cmmd",)),
    ("vgg16", vgg16, 224, IMAGENET, ("torch-fidelity",)),
]


def main():
    results = []
    for name, make, side, scale, feedings in CASES:
        network, tensors, half = make()
        small = name.startswith("small")
        values = {}
        for feeding in feedings:
            of_images = []
            for index, (height, width) in enumerate(SIZES):
                found = network(feed(feeding, image("sizes", index, height, width), side, scale))[0].double().numpy()
                step = 1 if small else max(1, len(found) // KEPT)
                of_images.append({"step": step, "features": [float(f"{value:.8g}") for value in found[::step]]})
            values[feeding] = {"images": of_images}
        if small and "dinov2" in name and "-" not in name[6:] or name == "small-clip":
            sets = []
            for of in ("first", "second"):
                inputs = torch.cat([feed(feedings[0], image(of, i, SIDE, SIDE), side, scale) for i in range(SET)])
                sets.append(torch.cat([network(part) for part in inputs.split(20)]))
            statistics = [fid_features_to_statistics(found) for found in sets]
            fd = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
            values[feedings[0]]["frechet_distance"] = fd
        results.append({"name": name, "half": half, "tensors": tensors, "values": values})
        print(name, len(tensors), values[feedings[0]].get("frechet_distance"), flush=True)
    with open(sys.argv[2], "w") as file:
        file.write("[" + ",\n".join(json.dumps(result) for result in results) + "]\n")


if __name__ == "__main__":
    with torch.no_grad():
        main()
