"""Small pictures as arrays, files and uploads."""

import io

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def pixels(width, height, *, seed=1):
    """Smooth colours with an edge, uint8 H x W x 3."""
    rows, columns = np.mgrid[0:height, 0:width]
    red = 90 + 80 * np.sin(columns / 7 + seed)
    green = 120 + 60 * np.cos(rows / 5 + seed)
    blue = 40 + 150 * ((rows + columns) // 9 % 2)
    return np.stack([red, green, blue], axis=2).clip(0, 255).astype(np.uint8)


def as_file(array, format="PNG", **options):
    """The bytes of the array as a file of `format`."""
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, format, **options)
    return buffer.getvalue()


def upload(array=None, *, name="photo.png", format="PNG", content=None):
    """What a browser sends."""
    data = (
        as_file(pixels(24, 18) if array is None else array, format) if content is None else content
    )
    return SimpleUploadedFile(name, data, content_type=f"image/{format.lower()}")


def opened(content):
    """A fully loaded Pillow image."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
