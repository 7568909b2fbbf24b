"""Writes images of many kinds to `images/NAME`, and what PIL's convert("RGB") makes of them to `pixels/NAME.ppm`.

Run with Pillow 13.0.0 and numpy 2.4.6: python make_images.py
"""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

WIDTH, HEIGHT = 23, 17
folder = Path(__file__).parent


def pixels(channels):
    """A smooth picture with some noise: what codecs are made for, and every channel different."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    noise = np.random.default_rng(channels).integers(0, 20, (HEIGHT, WIDTH, channels))
    waves = [110 + 100 * np.sin((x * (c + 1) + y * (3 - c)) / 9 + c) for c in range(channels)]
    return (np.stack(waves, axis=2) + noise).astype(np.uint8)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, chunks=b""):
    """A PNG of kinds that PIL does not write; `rows` are packed and follow a filter byte each."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def sixteen_bits(colour, channels):
    values = np.random.default_rng(channels).integers(0, 1 << 16, (HEIGHT, WIDTH * channels))
    return png(WIDTH, HEIGHT, 16, colour, [row.astype(">u2").tobytes() for row in values])


def few_bits(depth):
    values = np.random.default_rng(depth).integers(0, 256, (HEIGHT, -(-WIDTH * depth // 8)), np.uint8)
    return png(WIDTH, HEIGHT, depth, 0, [row.tobytes() for row in values])


def saved(image, kind, **options):
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


rgb = Image.fromarray(pixels(3))
grey = Image.fromarray(pixels(1)[:, :, 0])
grey_alpha = Image.fromarray(pixels(2), "LA")
rgba = Image.fromarray(pixels(4))
cmyk = Image.fromarray(pixels(4), "CMYK")
palette = rgb.quantize(40)
bilevel = grey.convert("1")
dot = rgb.crop((3, 3, 4, 4))
turned = Image.Exif()
turned[0x0112] = 6  # orientation: to be shown turned by 90 degrees
gamma = PngImagePlugin.PngInfo()
gamma.add(b"gAMA", struct.pack(">I", 100_000))
red_and_green = chunk(b"PLTE", bytes([255, 0, 0, 0, 255, 0]))
sixteen_bit_grey = Image.fromarray(np.random.default_rng(0).integers(0, 1 << 16, (HEIGHT, WIDTH), np.uint16))

images = {
    "rgb.png": saved(rgb, "PNG"),
    "grey.png": saved(grey, "PNG"),
    "grey_alpha.png": saved(grey_alpha, "PNG"),
    "rgba.png": saved(rgba, "PNG"),
    "palette.png": saved(palette, "PNG"),
    "palette_transparency.png": saved(palette, "PNG", transparency=bytes(range(40))),
    "palette_index_beyond.png": png(4, 1, 8, 3, [bytes([0, 1, 2, 200])], red_and_green),
    "transparent_colour.png": saved(rgb, "PNG", transparency=tuple(int(v) for v in pixels(3)[0, 0])),
    "one_bit.png": few_bits(1),
    "two_bits.png": few_bits(2),
    "four_bits.png": few_bits(4),
    "grey_16_bits_transparent.png": png(4, 1, 16, 0, [struct.pack(">4H", 7, 300, 65535, 40)], chunk(b"tRNS", b"\0\7")),
    "turned.tif": saved(rgb, "TIFF", tiffinfo={0x0112: 6}),
    "mirrored.tif": saved(rgb, "TIFF", tiffinfo={0x0112: 5}),
    "turned.webp": saved(rgb, "WEBP", lossless=True, exif=turned),
    "pages.tif": saved(rgb, "TIFF", save_all=True, append_images=[dot]),
    "animated.png": saved(rgb, "PNG", save_all=True, append_images=[rgb.rotate(90)]),
    "animated.webp": saved(rgb, "WEBP", lossless=True, save_all=True, append_images=[rgb.rotate(90)]),
    "grey_16_bits.png": sixteen_bits(0, 1),
    "rgb_16_bits.png": sixteen_bits(2, 3),
    "grey_alpha_16_bits.png": sixteen_bits(4, 2),
    "rgba_16_bits.png": sixteen_bits(6, 4),
    "gamma.png": saved(rgb, "PNG", pnginfo=gamma),
    "turned.png": saved(rgb, "PNG", exif=turned),
    "dot.png": saved(dot, "PNG"),
    "full_chroma.jpg": saved(rgb, "JPEG", quality=90, subsampling="4:4:4"),
    "half_chroma.jpg": saved(rgb, "JPEG", quality=90, subsampling="4:2:2"),
    "quarter_chroma.jpg": saved(rgb, "JPEG", quality=75, subsampling="4:2:0"),
    "progressive.jpg": saved(rgb, "JPEG", quality=90, subsampling="4:4:4", progressive=True),
    "restarts.jpg": saved(rgb, "JPEG", quality=90, subsampling="4:4:4", restart_marker_blocks=1),
    "no_ycc.jpg": saved(rgb, "JPEG", quality=90, keep_rgb=True),
    "grey.jpg": saved(grey, "JPEG", quality=90),
    "cmyk.jpg": saved(cmyk, "JPEG", quality=90),
    "turned.jpg": saved(rgb, "JPEG", quality=90, subsampling="4:4:4", exif=turned),
    "dot.jpg": saved(dot, "JPEG", quality=90),
    "rgb.bmp": saved(rgb, "BMP"),
    "grey.bmp": saved(grey, "BMP"),
    "palette.bmp": saved(palette, "BMP"),
    "one_bit.bmp": saved(bilevel, "BMP"),
    "lossless.webp": saved(rgb, "WEBP", lossless=True),
    "lossless_alpha.webp": saved(rgba, "WEBP", lossless=True, exact=True),
    "lossy.webp": saved(rgb, "WEBP", quality=90),
    "rgb.tif": saved(rgb, "TIFF"),
    "lzw.tif": saved(rgb, "TIFF", compression="tiff_lzw"),
    "deflate.tif": saved(rgb, "TIFF", compression="tiff_adobe_deflate"),
    "jpeg.tif": saved(rgb, "TIFF", compression="jpeg", quality=90),
    "grey.tif": saved(grey, "TIFF"),
    "one_bit.tif": saved(bilevel, "TIFF"),
    "rgba.tif": saved(rgba, "TIFF"),
    "cmyk.tif": saved(cmyk, "TIFF"),
    "grey_16_bits.tif": saved(sixteen_bit_grey, "TIFF"),
    "palette.tif": saved(palette, "TIFF"),
    "float.tif": saved(Image.fromarray(pixels(1)[:, :, 0].astype(np.float32)), "TIFF"),
    "rgb.ppm": saved(rgb, "PPM"),
    "grey.pgm": saved(grey, "PPM"),
    "few_levels.pgm": b"P5\n4 1\n15\n" + bytes([0, 1, 9, 15]),
}

for part in ["images", "pixels"]:
    (folder / part).mkdir(exist_ok=True)
for name, encoded in images.items():
    (folder / "images" / name).write_bytes(encoded)
    decoded = Image.open(io.BytesIO(encoded)).convert("RGB")
    header = f"P6\n{decoded.width} {decoded.height}\n255\n".encode()
    (folder / "pixels" / f"{name}.ppm").write_bytes(header + decoded.tobytes())
