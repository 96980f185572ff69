"""AV1 bitstreams: the largest frame that each sequence header allows (AV1 section 5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from project.images.containers.header import Malformed

_SEQUENCE_HEADER = 1
_LEB128_BYTES = 8
# Of all streams of a file: a unit may be two bytes long, so megabytes hold millions.
MAX_UNITS = 50_000


def sequence_sizes(streams: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """Width and height of every sequence header; no frame may be larger than its own."""
    count = 0
    for stream in streams:
        for kind, unit in _units(stream):
            count += 1
            if count > MAX_UNITS:
                raise Malformed("too many units")
            if kind == _SEQUENCE_HEADER:
                yield _frame_size(_Bits(unit))


def _units(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        head = data[position]
        kind, extended, has_size = head >> 3 & 15, head >> 2 & 1, head >> 1 & 1
        position += 1 + extended
        size = len(data) - position
        if has_size:
            size, position = _leb128(data, position)
        if size < 0 or position + size > len(data):
            raise Malformed("a unit of the bitstream is cut short")
        yield kind, data[position : position + size]
        position += size


def _leb128(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for index in range(_LEB128_BYTES):
        if position + index >= len(data):
            break
        byte = data[position + index]
        value |= (byte & 127) << 7 * index
        if not byte & 128:
            return value, position + index + 1
    raise Malformed("a length without an end")


class _Bits:
    """Bits from the most significant one on."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data[:256], "big"), 8 * len(data[:256])

    def take(self, count: int) -> int:
        """The next bits as a number; raises Malformed at the end."""
        if count > self._left:
            raise Malformed("a sequence header is cut short")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def skip_uvlc(self) -> None:
        """A number in variable length coding."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        if zeros < 32:
            self.take(zeros)


def _frame_size(bits: _Bits) -> tuple[int, int]:
    bits.take(4)  # profile, still picture
    if bits.take(1):  # reduced header
        bits.take(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    return bits.take(width_bits) + 1, bits.take(height_bits) + 1


def _skip_operating_points(bits: _Bits) -> None:
    delay_bits = 0
    if bits.take(1):  # timing
        bits.take(64)
        if bits.take(1):
            bits.skip_uvlc()
        if bits.take(1):  # decoder model
            delay_bits = bits.take(5) + 1
            bits.take(42)
    has_display_delay = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:
            bits.take(1)
        if delay_bits and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if has_display_delay and bits.take(1):
            bits.take(4)
