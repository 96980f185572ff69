"""Everything that can be judged about an upload without decoding a pixel."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from project.images import errors
from project.images.containers import Container, identify
from project.images.containers.header import Header, Malformed, Unsupported
from project.images.policy import Policy

FIRST_FRAME_ONLY = "animated_first_frame_only"
DEPTH_REDUCED = "depth_reduced"
# Kinds of file that run or unpack when they are served or opened as something else.
_FOREIGN = (b"%pdf-", b"<?php", b"<script", b"<html", b"<svg", b"<!doctype")
_ZIP_END, _ZIP_END_REACH = b"PK\x05\x06", 65_557


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """What the file announces, within the limits of a policy."""

    container: Container
    header: Header

    @property
    def is_deep(self) -> bool:
        """Whether decoding gives 16 bits per channel."""
        return self.header.decoded_depth > 8

    @property
    def warnings(self) -> tuple[str, ...]:
        """Codes of what the decoders leave out."""
        left_out = (
            (self.header.is_animated, FIRST_FRAME_ONLY),
            (self.header.reduces_depth and self.header.bit_depth > 8, DEPTH_REDUCED),
        )
        return tuple(code for applies, code in left_out if applies)


def inspect(data: bytes, policy: Policy) -> Inspected:
    """Judge the bytes by header, limits and end.

    Raises UploadRefused with the codes empty_file, too_large_bytes, unsupported_format,
    corrupt_image, animated_not_accepted, unsupported_bit_depth, unsupported_colour_space,
    side_too_long or too_many_pixels.
    """
    if not data:
        raise errors.empty_file(policy)
    if len(data) > policy.max_bytes:
        raise errors.too_large_bytes(policy)
    container = identify(data)
    if container is None or container.NAME not in policy.formats:
        raise errors.unsupported_format(policy)
    try:
        header = container.read_header(data)
        _check_limits(header, policy)
        end = container.find_end(data)
    except Unsupported as error:
        raise errors.unsupported_variant(policy, error.reason) from error
    except (Malformed, struct.error, IndexError) as error:
        raise errors.corrupt_image(policy) from error
    _refuse_foreign_tail(data, end, container, policy)
    return Inspected(container=container, header=header)


def _check_limits(header: Header, policy: Policy) -> None:
    width, height = header.width, header.height
    if max(width, height) > policy.max_side:
        raise errors.side_too_long(policy, width=width, height=height)
    if width * height > policy.max_pixels:
        raise errors.too_many_pixels(policy, width=width, height=height)
    if header.is_animated and not policy.first_frame_only:
        raise errors.animated_not_accepted(policy)
    if header.decoded_depth not in (8, 16) or header.decoded_depth > policy.max_depth:
        raise errors.unsupported_bit_depth(policy, bits=header.bit_depth)


def _refuse_foreign_tail(data: bytes, end: int, container: Container, policy: Policy) -> None:
    """Archives and markup are refused always, other bytes where nobody appends any."""
    tail = data[end:]
    if not tail.strip(b"\x00"):
        return
    lowered = tail.lower()
    is_foreign = (
        not container.MAY_HAVE_TAIL
        or any(sign in lowered for sign in _FOREIGN)
        or _ZIP_END in tail[-_ZIP_END_REACH:]
    )
    if is_foreign:
        raise errors.foreign_content(policy)
