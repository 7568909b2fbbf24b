#!/usr/bin/env python3
"""Write the images behind golden_seed7.json as sheets of lossless WebP, with the pixels that make_golden.py scores.

usage: make_sheets.py CIFAR10_JPEG_ZIP OUT_FOLDER        needs Pillow (made with 13.0, libjpeg-turbo 3.2)

A sheet CLASS.webp holds the first 120 test images of a class in rows of ten. Other JPEG decoders give slightly other
pixels, so the tests read these instead of the archive.
"""
import io, pathlib, sys, zipfile
from PIL import Image

CLASSES = "airplane automobile bird cat deer dog frog horse ship truck".split()
IMAGES, COLUMNS, SIDE = 120, 10, 32


def main(archive: str, out: str) -> None:
    with zipfile.ZipFile(archive) as z:
        for index, name in enumerate(CLASSES):
            sheet = Image.new("RGB", (COLUMNS * SIDE, IMAGES // COLUMNS * SIDE))
            for i in range(IMAGES):
                image = Image.open(io.BytesIO(z.read(f"test/{name}/{i:04d}.jpg"))).convert("RGB")
                sheet.paste(image, (i % COLUMNS * SIDE, i // COLUMNS * SIDE))
            sheet.save(pathlib.Path(out) / f"{index}.webp", lossless=True, quality=100, method=6)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
