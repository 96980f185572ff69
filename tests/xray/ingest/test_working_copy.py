"""The working copy is the film, the whole film and nothing but the film."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from tests.images import samples
from tests.xray import canaries
from xray.ingest.working_copy import decode_film, encode_film


def ramp(bits: int):
    levels = 1 << bits
    return (np.arange(levels, dtype=np.float32) / np.float32(levels - 1)).reshape(-1, 64)


@pytest.mark.parametrize("bit_depth", [8, 16])
def test_every_level_comes_back(bit_depth):
    film = ramp(bit_depth)
    back = decode_film(encode_film(film, bit_depth=bit_depth))
    assert back.dtype == np.float32 and np.array_equal(back, film)


def test_any_film_comes_back_within_half_a_level():
    film = canaries.film().astype(np.float32) / 255 * np.float32(0.77)
    for bit_depth, step in ((8, 255), (16, 65_535)):
        back = decode_film(encode_film(film, bit_depth=bit_depth))
        assert np.abs(back - film).max() <= 0.5 / step + 1e-7


@pytest.mark.parametrize("bit_depth", [8, 16])
def test_it_holds_pixels_and_no_metadata_and_is_the_same_each_time(bit_depth):
    content = encode_film(ramp(8), bit_depth=bit_depth)
    assert content == encode_film(ramp(8).copy(), bit_depth=bit_depth)
    kinds, at = [], 8
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kinds.append(content[at + 4 : at + 8])
        at += 12 + length
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
    assert content[24:26] == bytes([bit_depth, 0]), "depth and grey"


def test_values_beyond_the_range_are_clipped():
    film = np.array([[-1, 0.5, 2]], np.float32)
    assert decode_film(encode_film(film, bit_depth=8)).tolist()[0][::2] == [0, 1]


@pytest.mark.parametrize("shape", [(3, 4, 3), (0, 4), (5,)])
def test_what_is_no_film_is_not_written(shape):
    with pytest.raises(ValueError, match="shape"):
        encode_film(np.zeros(shape, np.float32), bit_depth=8)


def test_a_colour_picture_is_no_working_copy():
    buffer = io.BytesIO()
    samples.gradient().save(buffer, "PNG")
    with pytest.raises(ValueError, match="grey"):
        decode_film(buffer.getvalue())
    Image.open(io.BytesIO(encode_film(ramp(16), bit_depth=16))).verify()
