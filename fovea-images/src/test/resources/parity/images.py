"""Writes small images in the formats of fovea-images, and next to each a PNG of the pixels that Pillow decodes from it.

Run by hand where Pillow and NumPy are, in this folder: python images.py
A wider comparison, not kept: python images.py --seed 7 --size 300 FOLDER, then ImageParityTest with -Dfovea.parity=FOLDER.
"""

import argparse
import io
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageDraw, ImageOps


def shapes(rng, width, height):
    """Ellipses and rectangles of random colours on a gradient."""
    y, x = np.mgrid[0:height, 0:width]
    image = Image.fromarray(np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], 2).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(9):
        left, top, size = (int(v) for v in rng.integers([0, 0, 3], [width, height, max(4, width // 2)]))
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        (draw.ellipse if rng.random() < 0.5 else draw.rectangle)([left, top, left + size, top + size], fill=colour)
    return image


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def with_raw_alpha(webp, alpha, filtering):
    """A lossy WebP with alpha that is not compressed; filtering as in RFC 9649: 0 none, 1 horizontal, 2 vertical, 3 gradient."""
    height, width = alpha.shape
    a = alpha.astype(int)
    predicted = np.zeros_like(a)
    predicted[0, 1:] = a[0, :-1]
    predicted[1:, 0] = a[:-1, 0]
    left, top, corner = a[1:, :-1], a[:-1, 1:], a[:-1, :-1]
    predicted[1:, 1:] = {0: 0, 1: left, 2: top, 3: np.clip(left + top - corner, 0, 255)}[filtering]
    stored = ((a - (predicted if filtering else 0)) % 256).astype(np.uint8).tobytes()
    size = lambda n: struct.pack("<I", n - 1)[:3]
    extended = chunk(b"VP8X", b"\x10\0\0\0" + size(width) + size(height))
    frame = webp[12:]
    assert frame[:4] == b"VP8 "
    body = b"WEBP" + extended + chunk(b"ALPH", bytes([filtering << 2]) + stored) + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff(samples, photometric, bits=8, order="<", tile=None, rows=7, planar=False, extra=None, compress=True, more=()):
    """A TIFF of an array (height, width, samples), in strips of a number of rows or in square tiles, deflated or not."""
    height, width, count = samples.shape
    planes = [samples[:, :, c : c + 1] for c in range(count)] if planar else [samples]
    parts = []
    for plane in planes:
        across = tile or width
        for top in range(0, height, tile or rows):
            for left in range(0, width, across):
                part = plane[top : top + (tile or rows), left : left + across]
                if tile:
                    part = np.pad(part, ((0, tile - part.shape[0]), (0, tile - part.shape[1]), (0, 0)))
                if bits < 8:
                    values = part[:, :, 0]
                    packed = np.unpackbits(values.astype(np.uint8)[:, :, None], axis=2)[:, :, 8 - bits :]
                    data = np.packbits(packed.reshape(len(values), -1), axis=1).tobytes()
                else:
                    data = part.astype(order + ("u2" if bits == 16 else "u1")).tobytes()
                parts.append(zlib.compress(data) if compress else data)
    data = b"".join(parts)
    offsets, at = [], 8
    for part in parts:
        offsets.append(at)
        at += len(part)
    data += b"\0" * (at % 2)
    at += at % 2
    short, long = 3, 4
    tags = [
        (256, long, [width]), (257, long, [height]), (258, short, [bits] * count), (259, short, [8 if compress else 1]),
        (262, short, [photometric]), (277, short, [count]), (284, short, [2 if planar else 1]), *more,
    ]
    if extra is not None:
        tags.append((338, short, [extra]))
    sizes = [len(p) for p in parts]
    tags += [(322, long, [tile]), (323, long, [tile]), (324, long, offsets), (325, long, sizes)] if tile else [
        (273, long, offsets), (278, long, [rows]), (279, long, sizes)]
    directory, values = b"", b""
    end = at + 2 + 12 * len(tags) + 4
    for tag, kind, numbers in sorted(tags):
        value = struct.pack(order + str(len(numbers)) + ("H" if kind == short else "I"), *numbers)
        directory += struct.pack(order + "HHI", tag, kind, len(numbers))
        if len(value) <= 4:
            directory += value.ljust(4, b"\0")
        else:
            directory += struct.pack(order + "I", end + len(values))
            values += value
    header = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, at)
    return header + data + struct.pack(order + "H", len(tags)) + directory + b"\0\0\0\0" + values


def ycck(cmyk):
    """A CMYK JPEG whose Adobe marker says YCCK: its first three samples are converted before they are compressed."""
    a = np.asarray(cmyk)
    luma = Image.fromarray(a[:, :, :3]).convert("YCbCr")
    # Pillow inverts all four when it writes.
    stored = np.concatenate([255 - np.asarray(luma), a[:, :, 3:]], 2)
    file = bytearray(saved(Image.frombytes("CMYK", cmyk.size, stored.tobytes()), "JPEG", quality=95))
    file[file.index(b"Adobe") + 11] = 2
    return bytes(file)


def cases(rng, size):
    image = shapes(rng, size, size * 3 // 4)
    width, height = image.size
    y, x = np.mgrid[0:height, 0:width]
    alpha = Image.fromarray(np.clip(x * 300 // width, 0, 255).astype(np.uint8))
    rgba = image.copy()
    rgba.putalpha(alpha)
    cmyk = image.convert("CMYK")
    cmyk = np.asarray(cmyk).copy()
    cmyk[:, :, 3] = y * 200 // height
    cmyk = Image.frombytes("CMYK", image.size, cmyk.tobytes())
    grey, rgb = image.convert("L"), np.asarray(image)
    g = np.asarray(grey)[:, :, None]
    few = lambda n: image.quantize(n).convert("RGB")
    exif = Image.Exif()
    exif[0x112] = 6
    lossy = saved(image, "WEBP", quality=60)
    yield "lossy-low.webp", saved(image, "WEBP", quality=3)
    yield "lossy.webp", lossy
    yield "lossy-high.webp", saved(image, "WEBP", quality=97, method=6)
    yield "lossy-alpha.webp", saved(rgba, "WEBP", quality=70)
    for filtering in range(4):
        yield f"lossy-raw-alpha-{filtering}.webp", with_raw_alpha(lossy, np.asarray(alpha), filtering)
    yield "lossy-turned.webp", saved(image, "WEBP", quality=80, exif=exif)
    yield "lossless.webp", saved(image, "WEBP", lossless=True)
    # Noise that the channels share, so that pixels are predicted in various ways; without effort green is subtracted.
    noise = rng.normal(0, 9, (height, width, 1)) + rng.normal(0, 2, (height, width, 3))
    soft = np.stack([60 + 2 * x, 90 + x + y, 200 - 2 * y], 2) * 64 // size + noise
    noisy = Image.fromarray(np.clip(soft, 0, 255).astype(np.uint8))
    yield "lossless-noisy.webp", saved(noisy, "WEBP", lossless=True, quality=100)
    yield "lossless-fast.webp", saved(noisy, "WEBP", lossless=True, quality=0, method=0)
    yield "lossless-slow.webp", saved(image, "WEBP", lossless=True, method=6, quality=100)
    yield "lossless-alpha.webp", saved(rgba, "WEBP", lossless=True, exact=True)
    yield "lossless-turned.webp", saved(image, "WEBP", lossless=True, exif=exif)
    for colours in (1, 2, 4, 13, 60):
        yield f"lossless-{colours}-colours.webp", saved(few(colours), "WEBP", lossless=True)
    yield "animated.webp", saved(image, "WEBP", save_all=True, append_images=[few(2)], duration=50)
    yield "cmyk.jpg", saved(cmyk, "JPEG", quality=95)
    yield "cmyk-progressive.jpg", saved(cmyk, "JPEG", quality=70, progressive=True)
    yield "ycck.jpg", ycck(cmyk)
    modes = {"rgb": image, "rgba": rgba, "grey": grey, "grey-alpha": rgba.convert("LA"), "palette": image.quantize(30),
             "bits": image.convert("1"), "cmyk": cmyk, "ycbcr": image.convert("YCbCr")}
    for name, compression in (("rgb", "raw"), ("rgb", "tiff_lzw"), ("rgb", "tiff_adobe_deflate"), ("rgb", "packbits"), ("rgb", "jpeg"),
                              ("rgba", "tiff_lzw"), ("grey", "tiff_lzw"), ("grey", "jpeg"), ("grey-alpha", "packbits"),
                              ("palette", "tiff_lzw"), ("bits", "raw"), ("bits", "group3"), ("bits", "group4"), ("bits", "tiff_ccitt"),
                              ("cmyk", "tiff_lzw"), ("ycbcr", "jpeg"), ("ycbcr", "tiff_lzw")):
        yield f"{name}-{compression.replace('tiff_', '')}.tif", saved(modes[name], "TIFF", compression=compression)
    yield "bits-group3-2d.tif", saved(modes["bits"], "TIFF", compression="group3", tiffinfo={292: 1})
    yield "predictor.tif", saved(image, "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    yield "pages.tif", saved(image, "TIFF", save_all=True, append_images=[grey], compression="tiff_lzw")
    yield "turned.tif", tiff(rgb, 2, more=[(274, 3, [6])])
    yield "mirrored.tif", tiff(rgb, 2, more=[(274, 3, [5])], order=">")
    yield "tiles.tif", tiff(rgb, 2, tile=16)
    yield "planes.tif", tiff(rgb, 2, planar=True)
    yield "planes-tiles.tif", tiff(rgb, 2, planar=True, tile=16, order=">", compress=False)
    yield "grey-4.tif", tiff(g >> 4, 1, bits=4)
    yield "grey-2.tif", tiff(g >> 6, 1, bits=2)
    yield "grey-inverted.tif", tiff(g, 0)
    yield "bits-inverted.tif", tiff(g >> 7, 0, bits=1, compress=False)
    deep = g.astype(int) * 256 + (x * 7 % 256)[:, :, None]
    yield "grey-16.tif", tiff(deep, 1, bits=16)
    yield "grey-16-big-endian.tif", tiff(deep, 1, bits=16, order=">")
    yield "rgb-16.tif", tiff(rgb.astype(int) * 257, 2, bits=16)
    yield "premultiplied.tif", tiff(np.asarray(rgba.convert("RGBa")), 2, extra=1)
    yield "unspecified.tif", tiff(np.asarray(rgba), 2, extra=0)


def decoded(file):
    """As Pillow decodes it: upright, 8 bits, without colour management."""
    image = Image.open(io.BytesIO(file))
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image.convert("RGBA" if image.mode in ("LA", "RGBA", "RGBa") else "RGB")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", nargs="?", default=".", type=pathlib.Path)
    arguments.add_argument("--seed", default=1, type=int)
    arguments.add_argument("--size", default=37, type=int)
    arguments = arguments.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, file in cases(np.random.default_rng(arguments.seed), arguments.size):
        (arguments.folder / name).write_bytes(file)
        decoded(file).save(arguments.folder / (name + ".png"), optimize=True)


main()
