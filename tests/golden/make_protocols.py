#!/usr/bin/env python3
"""Images of many kinds, and the scores that the named programs give for folders of them.

usage: make_protocols.py images              writes images/ beside this file
       make_protocols.py scores WEIGHTS.pth  writes protocols.json beside it

The images are made with Pillow 13.0.0 and numpy 2.4.6. The scores need torch==2.11.0 torchvision==0.26.0 scipy==1.17.1
pytorch-fid==0.3.0 torch-fidelity==0.4.0 clean-fid==0.1.35, and the weights that
`metrics/tests/golden/synthetic_inception.py 7 WEIGHTS.pth` writes. The folders are those that `protocols.rs` builds:

kinds      every file of images/, whatever its type
links      symbolic links whose names are in the reverse order of the files that they lead to
nested     four images, and six more in a subfolder
"""
import json
import pathlib
import shutil
import sys
import tempfile

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
IMAGES = HERE / "images"
PLAIN = 12


def field(random, size, channels):
    """A smooth random image: uint8, size = (width, height)."""
    coarse = random.randint(0, 256, (4, 4, channels)).astype(np.uint8)
    planes = [np.asarray(Image.fromarray(coarse[..., c]).resize(size, Image.BICUBIC)) for c in range(channels)]
    return np.stack(planes, -1)


def write_images():
    shutil.rmtree(IMAGES, ignore_errors=True)
    (IMAGES / "plain").mkdir(parents=True)
    (IMAGES / "kinds").mkdir()
    random = np.random.RandomState(11)
    for i in range(PLAIN):
        Image.fromarray(field(random, (20, 16), 3)).save(IMAGES / "plain" / f"{i:02d}.png")

    def rgb(size=(20, 16)):
        return Image.fromarray(field(random, size, 3))

    kinds = IMAGES / "kinds"
    rgb((23, 17)).save(kinds / "rgb.png")
    Image.fromarray(field(random, (20, 16), 1)[..., 0]).save(kinds / "grey.png")
    # Some of its values lie below 255, where Pillow clips 16 bits.
    wide = field(random, (20, 16), 1)[..., 0].astype(np.uint16)
    Image.fromarray(np.where(wide > 128, wide * 257, wide)).save(kinds / "grey16.png")
    Image.fromarray(field(random, (20, 16), 4), "RGBA").save(kinds / "alpha.png")
    Image.fromarray(field(random, (20, 16), 2), "LA").save(kinds / "grey_alpha.png")
    rgb().convert("P", palette=Image.ADAPTIVE, colors=16).save(kinds / "palette.png", transparency=3)
    rgb().convert("1").save(kinds / "bits.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    rgb((24, 12)).save(kinds / "turned.jpg", quality=90, exif=turned)
    rgb().save(kinds / "progressive.jpeg", quality=85, progressive=True)
    rgb().convert("L").save(kinds / "grey.jpg", quality=90)
    rgb().save(kinds / "capitals.JPG", quality=80)
    rgb().save(kinds / "capitals.PNG")
    rgb().save(kinds / "bitmap.bmp")
    rgb((24, 12)).save(kinds / "turned.tif", tiffinfo={0x0112: 8})
    rgb((12, 24)).save(kinds / "map.ppm")
    Image.fromarray(field(random, (20, 16), 1)[..., 0]).save(kinds / "map.pgm")
    frames = [rgb() for _ in range(3)]
    frames[0].save(kinds / "animated.webp", save_all=True, append_images=frames[1:], lossless=True)
    rgb().save(kinds / "other.gif")
    shutil.copy(kinds / "progressive.jpeg", kinds / "other.jfif")


def folders(root):
    """The folders that are scored, below `root`."""
    plain = sorted((IMAGES / "plain").iterdir())
    shutil.copytree(IMAGES / "plain", root / "plain")
    shutil.copytree(IMAGES / "kinds", root / "kinds")
    (root / "links").mkdir()
    (root / "nested" / "sub").mkdir(parents=True)
    for i, path in enumerate(plain):
        (root / "links" / f"{PLAIN - 1 - i:02d}.png").symlink_to(pathlib.Path("..") / "plain" / path.name)
    for path in plain[:4]:
        shutil.copy(path, root / "nested")
    for path in plain[4:10]:
        shutil.copy(path, root / "nested" / "sub")


def reference(root):
    """Thirty images of 5 x 5 random tiles; the test draws them again."""
    random = np.random.RandomState(12)
    (root / "reference").mkdir()
    for i in range(30):
        coarse = random.randint(0, 256, (5, 5, 3)).astype(np.uint8)
        Image.fromarray(np.kron(coarse, np.ones((4, 4, 1), np.uint8))).save(root / "reference" / f"{i:02d}.png")


def exact_fid(a, b):
    """The Fréchet distance of features, where scipy's root of a singular matrix keeps five digits.

    The trace of the root of the product of two covariances is the sum of the singular values of the product of the
    centred features, over the roots of both divisors.
    """
    (mean_a, a), (mean_b, b) = [(x.mean(0), x - x.mean(0)) for x in (a.astype(np.float64), b.astype(np.float64))]
    divisors = len(a) - 1, len(b) - 1
    root = np.linalg.svd(a @ b.T, compute_uv=False).sum() / np.sqrt(divisors[0] * divisors[1])
    traces = (a**2).sum() / divisors[0] + (b**2).sum() / divisors[1]
    return float(((mean_a - mean_b) ** 2).sum() + traces - 2 * root)


def pytorch_fid(root, name, model):
    from pytorch_fid import fid_score

    features = []
    activations = fid_score.get_activations

    def kept(*arguments):
        features.append(activations(*arguments))
        return features[-1]

    fid_score.get_activations = kept
    stats = [fid_score.compute_statistics_of_path(str(root / side), model, 1, 2048, "cpu", 0) for side in (name, "reference")]
    fid_score.get_activations = activations
    return {"n": len(features[0]), "fid": float(fid_score.calculate_frechet_distance(*stats[0], *stats[1])),
            "exact_fid": exact_fid(*features)}


def torch_fidelity(root, name, weights):
    import torch_fidelity
    import torch_fidelity.utils

    found = torch_fidelity.calculate_metrics(
        input1=str(root / name), input2=str(root / "reference"), cuda=False, isc=True, fid=True, kid=True, prc=True,
        feature_extractor="inception-v3-compat", feature_extractor_weights_path=str(weights), batch_size=1,
        save_cpu_ram=True, cache=False, verbose=False, isc_splits=2, kid_subsets=20, kid_subset_size=4)
    files = torch_fidelity.utils.glob_samples_paths(str(root / name), False, "png,jpg,jpeg", verbose=False)
    return {"n": len(files), **{key: float(value) for key, value in found.items()}}


def clean_fid(root, name, model):
    from cleanfid import fid

    options = dict(mode="clean", num_workers=0, batch_size=4, device="cpu", verbose=False)
    features = [fid.get_folder_features(str(root / side), model, **options) for side in (name, "reference")]
    stats = [(side.mean(axis=0), np.cov(side, rowvar=False)) for side in features]
    # The program draws subsets from numpy's unseeded generator, of the second set first.
    np.random.seed(2020)
    kid = fid.kernel_distance(*features, num_subsets=20, max_subset_size=4)
    return {"n": len(features[0]), "fid": float(fid.frechet_distance(*stats[0], *stats[1])),
            "exact_fid": exact_fid(*features), "kid_seed_2020": kid}


def write_scores(weights):
    import torch
    import pytorch_fid.inception as inception

    torch.set_num_threads(2)
    inception.load_state_dict_from_url = lambda *_, **__: torch.load(weights)
    own = inception.InceptionV3([3]).eval()
    bare = inception.InceptionV3([3], resize_input=False, normalize_input=False).eval()

    def layers(x):
        # What clean-fid's InceptionV3W does with its own copy of the network.
        return bare((x - 128) / 128)[0].flatten(1)

    root = pathlib.Path(tempfile.mkdtemp())
    folders(root)
    reference(root)
    result = {}
    for name in ("kinds", "links", "nested"):
        result[name] = {
            "pytorch-fid": pytorch_fid(root, name, own),
            "torch-fidelity": torch_fidelity(root, name, weights),
            "clean-fid": clean_fid(root, name, layers),
        }
        print(name, json.dumps(result[name], indent=1), flush=True)
    with open(HERE / "protocols.json", "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    if sys.argv[1] == "images":
        write_images()
    else:
        write_scores(sys.argv[2])
