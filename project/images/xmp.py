"""XMP packets as trees, without document type declarations in whatever encoding."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from xml.parsers import expat

_MAX_DEPTH = 64
_PADDING = b"\x00 \t\r\n"


class _Refused(Exception):
    """A declaration, or elements nested too deeply."""


def parse(packet: bytes | None) -> ET.Element | None:
    """The tree of a packet; None when there is none, it is broken or it declares entities.

    Looking for `<!DOCTYPE` among the bytes would miss a packet in UTF-16: the parser itself has
    to meet the declaration.
    """
    if packet is None:
        return None
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.CharacterDataHandler = builder.data
    depth = 0

    def start(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise _Refused
        builder.start(_qualified(name), {_qualified(key): v for key, v in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_qualified(name))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(_without_padding(packet), True)  # noqa: FBT003  (expat takes no keyword)
    except (expat.ExpatError, _Refused):
        return None
    return builder.close()


def _refuse(*declaration: object) -> None:
    raise _Refused


def _qualified(name: str) -> str:
    """expat says `uri}local`, trees say `{uri}local`."""
    return "{" + name if "}" in name else name


def _without_padding(packet: bytes) -> bytes:
    """Editors pad packets in place; in UTF-16 zeros are halves of characters."""
    is_wide = packet[:2] in (b"\xfe\xff", b"\xff\xfe") or b"\x00" in packet[:4]
    return packet if is_wide else packet.strip(_PADDING)
