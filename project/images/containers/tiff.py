"""TIFF: judged from its first directory; pages, strips and tiles are bounded before decoding."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from project.images.containers.header import Header, Malformed, Reason, Unsupported
from project.images.containers.tiff_directory import (
    BYTE,
    LONG,
    MAX_FILE_BYTES,
    Directory,
    Field,
    byte_order,
    directories,
    first_integer,
    first_offset,
    integers,
    make_bytes,
    read_directory,
    write_directory,
)

NAME = "TIFF"
MAY_HAVE_TAIL = True
SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_BYTES, PLANAR = 273, 277, 278, 279, 284
PREDICTOR, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTES = 317, 322, 323, 324, 325
INK_SET, EXTRA_SAMPLES, SAMPLE_FORMAT, XMP, ICC = 332, 338, 339, 700, 34_675
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6
ASSOCIATED_ALPHA, UNASSOCIATED_ALPHA = 1, 2
NONE, CCITT, FAX3, FAX4, LZW, JPEG, DEFLATE, PACKBITS, OLD_DEFLATE = (
    1, 2, 3, 4, 5, 7, 8, 32_773, 32_946,
)  # fmt: skip
_COMPRESSIONS = frozenset({NONE, CCITT, FAX3, FAX4, LZW, JPEG, DEFLATE, PACKBITS, OLD_DEFLATE})
_DEEP_COMPRESSIONS = frozenset({NONE, LZW, DEFLATE, PACKBITS, OLD_DEFLATE})
_PHOTOMETRICS = frozenset({WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR})
# NewSubfileType: a smaller copy of another page, or a mask of it, is no page of its own.
_REDUCED_OR_MASK = 0b101
_LEAST_TILE_PIXELS = 1 << 22
_MAX_BLOCKS = 1 << 21


def matches(data: bytes) -> bool:
    """Whether the first bytes are classic TIFF's or BigTIFF's."""
    return data[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


def read_header(data: bytes) -> Header:
    """Size, depth and colour of the first page, and whether there are more."""
    if data[:4] in (b"II+\x00", b"MM\x00+"):
        raise Unsupported(Reason.LAYOUT)
    order = byte_order(data)
    first = read_directory(data, order, first_offset(data, order))

    def value(tag: int, default: int | None = None) -> int:
        found = integers(first.fields.get(tag), order)
        if not found and default is None:
            raise Malformed(f"tag {tag} is missing")
        return found[0] if found else (default or 0)

    width, height = value(WIDTH), value(HEIGHT)
    if not width or not height:
        raise Malformed("a side is zero")
    samples, photometric = value(SAMPLES, 1), value(PHOTOMETRIC)
    bits = integers(first.fields.get(BITS), order) or (1,)
    _refuse_variants(
        bits=bits,
        samples=samples,
        photometric=photometric,
        compression=value(COMPRESSION, NONE),
        planar=value(PLANAR, 1),
        ink_set=value(INK_SET, 1),
        sample_formats=integers(first.fields.get(SAMPLE_FORMAT), order),
    )
    _check_blocks(first, order, width, height)
    return Header(
        width=width,
        height=height,
        bit_depth=bits[0],
        is_cmyk=photometric == CMYK,
        is_animated=_has_more_pages(data, order),
    )


def _refuse_variants(
    *,
    bits: Sequence[int],
    samples: int,
    photometric: int,
    compression: int,
    planar: int,
    ink_set: int,
    sample_formats: Sequence[int],
) -> None:
    if any(kind not in (1, 4) for kind in sample_formats):
        raise Unsupported(Reason.FLOAT)
    if photometric not in _PHOTOMETRICS or (photometric == CMYK and ink_set != 1):
        raise Unsupported(Reason.COLOUR_SPACE)
    if compression not in _COMPRESSIONS:
        raise Unsupported(Reason.COMPRESSION)
    if len(set(bits)) != 1 or len(bits) not in (1, samples) or not 1 <= samples <= 5:
        raise Unsupported(Reason.LAYOUT)
    if bits[0] == 16:
        if compression not in _DEEP_COMPRESSIONS:
            raise Unsupported(Reason.COMPRESSION)
        if photometric not in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB):
            raise Unsupported(Reason.COLOUR_SPACE)
        if planar != 1 or samples not in ((3, 4) if photometric == RGB else (1,)):
            raise Unsupported(Reason.LAYOUT)


def _check_blocks(page: Directory, order: str, width: int, height: int) -> None:
    """Every strip or tile lies in the file, and no tile is larger than its picture asks for."""
    tiles = TILE_OFFSETS in page.fields
    offsets = integers(page.fields.get(TILE_OFFSETS if tiles else STRIP_OFFSETS), order)
    if not offsets:
        raise Malformed("no pixels")
    if tiles:
        sides = [integers(page.fields.get(tag), order) for tag in (TILE_WIDTH, TILE_HEIGHT)]
        if not all(sides) or not all(side[0] for side in sides):
            raise Malformed("a tile without sides")
        if sides[0][0] * sides[1][0] > max(_LEAST_TILE_PIXELS, 4 * width * height):
            raise Malformed("a tile larger than the picture")


def _has_more_pages(data: bytes, order: str) -> bool:
    pages = directories(data)
    next(pages)
    for page in pages:
        kind = first_integer(page.fields.get(SUBFILE), order) or 0
        if not kind & _REDUCED_OR_MASK:
            return True
    return False


def find_end(data: bytes) -> int:
    """Offset after the last byte that any page refers to."""
    order = byte_order(data)
    end, seen = 8, 0
    for page in directories(data):
        blocks = _blocks(page, order, len(data))
        seen += len(blocks)
        if seen > _MAX_BLOCKS:
            raise Malformed("too many strips")
        end = max(end, page.end, *(stop for _, stop in blocks))
    return end


def _blocks(page: Directory, order: str, size: int) -> list[tuple[int, int]]:
    """Start and stop of each strip or tile; raises Malformed when one leaves the file."""
    pair = (TILE_OFFSETS, TILE_BYTES) if TILE_OFFSETS in page.fields else (
        STRIP_OFFSETS, STRIP_BYTES,
    )  # fmt: skip
    offsets, counts = (integers(page.fields.get(tag), order) for tag in pair)
    if len(offsets) != len(counts):
        raise Malformed("strips without lengths")
    blocks = [(start, start + length) for start, length in zip(offsets, counts, strict=True)]
    if any(stop > size for _, stop in blocks):
        raise Malformed("a strip lies outside the file")
    return blocks or [(0, 0)]


def read_xmp(data: bytes) -> bytes | None:
    """The packet in tag 700 of the first page."""
    order = byte_order(data)
    entry = read_directory(data, order, first_offset(data, order)).fields.get(XMP)
    return bytes(entry.data) if entry else None


def with_xmp(data: bytes, packet: bytes) -> bytes:
    """The first page, written anew with exactly this packet."""
    order = byte_order(data)
    page = read_directory(data, order, first_offset(data, order))
    page.fields[XMP] = make_bytes(BYTE, packet)
    blocks = [data[start:stop] for start, stop in _blocks(page, order, len(data))]
    return write_file(page, blocks, order=order)


def write_file(page: Directory, blocks: Sequence[bytes], *, order: str = "<") -> bytes:
    """A file of one page: header, strips or tiles, directory. Raises Malformed beyond 4 GB."""
    tiles = TILE_WIDTH in page.fields
    offsets, position = [], 8
    parts = [b""]
    for block in blocks:
        offsets.append(position)
        parts += [block, b"\x00" * (len(block) & 1)]
        position += len(block) + (len(block) & 1)
    if position > MAX_FILE_BYTES:
        raise Malformed("a TIFF holds at most 4 GB")
    for tag, values in (
        (TILE_OFFSETS if tiles else STRIP_OFFSETS, offsets),
        (TILE_BYTES if tiles else STRIP_BYTES, [len(block) for block in blocks]),
    ):
        page.fields[tag] = _longs(order, values)
    magic = b"II*\x00" if order == "<" else b"MM\x00*"
    parts[0] = magic + struct.pack(order + "I", position)
    return b"".join([*parts, write_directory(page, order, position)])


def _longs(order: str, values: Sequence[int]) -> Field:
    return Field(LONG, len(values), struct.pack(f"{order}{len(values)}I", *values))
