"""Writes augment.json: images changed by torchvision's and Pillow's functions with given parameters.

Run by hand where torch, torchvision and Pillow are: python augment.py > augment.json
"""

import base64
import json

import numpy as np
import PIL
import torch

library = torch.library.Library("torchvision", "DEF")  # of use where torchvision has no compiled operators
for name in ("nms", "qnms"):
    library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision
from PIL import Image
from torchvision.transforms import functional as F
from torchvision.transforms.functional import InterpolationMode

WIDTH, HEIGHT = 21, 16
FILL = [124, 116, 104]
BILINEAR = InterpolationMode.BILINEAR


def source():
    """Gradients with some noise: smooth enough to interpolate, and with many colours."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [40 + 8 * x + 3 * y, 220 - 6 * x + 2 * y, 30 + 2 * x + 11 * y]
    noise = np.random.default_rng(1).integers(-12, 13, (HEIGHT, WIDTH, 3))
    return Image.fromarray(np.clip(np.stack(planes, -1) + noise, 0, 255).astype(np.uint8))


def tensor(image):
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def hue(image, turn):
    """Of a tensor: Pillow's has 8 bits per channel of HSV, which rounds by several levels."""
    return Image.fromarray(F.adjust_hue(tensor(image), turn).permute(1, 2, 0).numpy())


def affine(image, angle, right, down, scale, shear_x, shear_y):
    return F.affine(image, angle, [right, down], scale, [shear_x, shear_y], BILINEAR, FILL)


def sheared(image, degrees):
    return F.affine(image, 0.0, [0, 0], 1.0, [degrees, 0.0], BILINEAR, FILL, center=[0, 0])


def perspective(image, *corners):
    """Moves the corners of the image to x and y of four points."""
    start = [[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]]
    return F.perspective(image, start, [list(corners[i:i + 2]) for i in range(0, 8, 2)], BILINEAR, FILL)


def blur(image, std):
    size = 2 * int(np.ceil(3 * std)) + 1
    return F.gaussian_blur(image, [size, size], [std, std])


def resized_crop(image, x, y, width, height, to_width, to_height):
    return F.resized_crop(image, y, x, height, width, [to_height, to_width], BILINEAR)


def bicubic(image, width, height):
    return image.resize((width, height), Image.BICUBIC)


CASES = [
    ("affine", affine, [30, 2, -3, 1.2, 10, -5]),
    ("affine", affine, [-100, 0, 0, 0.7, 0, 0]),
    ("affine", affine, [0, 5, 1, 1, 0, 0]),
    ("shear", sheared, [16.7]),
    ("rotate", lambda i, a: F.rotate(i, a, BILINEAR, False, None, FILL), [25]),
    ("perspective", perspective, [3.3, 2.2, 18.1, 1.4, 20.3, 15.2, 1.3, 12.4]),
    ("perspective", perspective, [0.2, 0.1, 17.3, 4.1, 20.7, 15.9, 5.2, 13.1]),
    ("brightness", F.adjust_brightness, [0.6]),
    ("brightness", F.adjust_brightness, [1.7]),
    ("contrast", F.adjust_contrast, [0.4]),
    ("contrast", F.adjust_contrast, [1.9]),
    ("saturation", F.adjust_saturation, [0.3]),
    ("saturation", F.adjust_saturation, [1.8]),
    ("hue", hue, [0.1]),
    ("hue", hue, [-0.35]),
    ("sharpness", F.adjust_sharpness, [0.2]),
    ("sharpness", F.adjust_sharpness, [1.9]),
    ("grayscale", lambda i: F.rgb_to_grayscale(i, 3), []),
    ("posterize", F.posterize, [3]),
    ("solarize", F.solarize, [119]),
    ("autoContrast", F.autocontrast, []),
    ("equalize", F.equalize, []),
    ("blur", blur, [0.6]),
    ("blur", blur, [2.3]),
    ("flip", F.hflip, []),
    ("resizedCrop", resized_crop, [3, 2, 15, 9, 8, 8]),
    ("resizedCrop", resized_crop, [1, 4, 7, 11, 20, 24]),
    ("bicubic", bicubic, [9, 7]),
    ("bicubic", bicubic, [40, 33]),
]


def encoded(image):
    rgb = image.convert("RGB")
    return {"width": rgb.width, "height": rgb.height, "pixels": base64.b64encode(rgb.tobytes()).decode()}


image = source()
print(json.dumps({
    "format": "parity-augment/1",
    "source": f"torchvision {torchvision.__version__.split('+')[0]}, Pillow {PIL.__version__}",
    "fill": FILL,
    "image": encoded(image),
    "cases": [{"operation": name, "values": values, "result": encoded(function(image, *values))}
              for name, function, values in CASES],
}, indent=1))
