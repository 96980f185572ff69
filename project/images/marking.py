"""The one marker: every output carries the IPTC digital source type as XMP.

Definitions from the IPTC vocabulary (http://cv.iptc.org/newscodes/digitalsourcetype/):

- `compositeWithTrainedAlgorithmicMedia`, "Edited using Generative AI": a generative model
  changed or added content. Right for outputs of networks trained to invent plausible detail
  (Real-ESRGAN, GFPGAN, diffusion try-on).
- `algorithmicallyEnhanced`, "Algorithmically-altered media": an algorithm changed or corrected
  the medium without changing its main content. Right for resampling, sharpening, colour work.
- `trainedAlgorithmicMedia`, "Created using Generative AI": made by a model from a prompt alone.
"""

from __future__ import annotations

import enum
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from project.images import xmp
from project.images.containers import Markable, identify_markable
from project.images.containers.header import Malformed

_VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_META = "adobe:ns:meta/"
_SOURCE_TYPE = f"{{{_IPTC_EXT}}}DigitalSourceType"
_CREATOR_TOOL = f"{{{_XMP}}}CreatorTool"
_DESCRIPTION = f"{{{_RDF}}}Description"
_MAX_MERGED_BYTES = 60_000

for _prefix, _uri in (("rdf", _RDF), ("Iptc4xmpExt", _IPTC_EXT), ("xmp", _XMP), ("x", _META)):
    ET.register_namespace(_prefix, _uri)


class SourceType(enum.StrEnum):
    """The IPTC terms that outputs of this platform may carry; see the module docstring."""

    GENERATIVE_EDIT = _VOCABULARY + "compositeWithTrainedAlgorithmicMedia"
    ENHANCED = _VOCABULARY + "algorithmicallyEnhanced"
    GENERATED = _VOCABULARY + "trainedAlgorithmicMedia"


@dataclass(frozen=True, kw_only=True)
class Marking:
    """What a marked file says of its origin."""

    source_type: str
    software: str = ""


def mark(content: bytes, *, source_type: str, software: str = "Omnilens") -> bytes:
    """`content` (PNG, JPEG, WEBP or TIFF) with a SourceType; pixels and other metadata are untouched.

    An XMP packet that is there already keeps its other properties; one that is no XML, or too
    long for a JPEG segment, is replaced. Raises ValueError for any other kind of file.
    """
    container = _container(content)
    packet = _packet(container.read_xmp(content), source_type=source_type, software=software)
    return container.with_xmp(content, packet)


def read_marking(content: bytes) -> Marking | None:
    """The marking of a PNG, JPEG, WEBP or TIFF file, or None where it has none."""
    root = xmp.parse(_container(content).read_xmp(content))
    if root is None:
        return None
    source_type = _property(root, _SOURCE_TYPE)
    if not source_type:
        return None
    return Marking(source_type=source_type, software=_property(root, _CREATOR_TOOL))


def _container(content: bytes) -> Markable:
    container = identify_markable(content)
    if container is None:
        raise Malformed("only PNG, JPEG, WEBP and TIFF can be marked")
    return container


def _property(root: ET.Element, name: str) -> str:
    for description in root.iter(_DESCRIPTION):
        if name in description.attrib:
            return description.attrib[name]
        child = description.find(name)
        if child is not None:
            return (child.get(f"{{{_RDF}}}resource") or child.text or "").strip()
    return ""


def _packet(existing: bytes | None, *, source_type: str, software: str) -> bytes:
    root = xmp.parse(existing)
    merged = _serialise(_set(root, source_type, software)) if root is not None else b""
    if not merged or len(merged) > _MAX_MERGED_BYTES:
        merged = _serialise(_set(_empty(), source_type, software))
    return merged


def _empty() -> ET.Element:
    meta = ET.Element(f"{{{_META}}}xmpmeta")
    ET.SubElement(meta, f"{{{_RDF}}}RDF")
    return meta


def _set(root: ET.Element, source_type: str, software: str) -> ET.Element:
    """Drop both properties wherever they are, then set them once."""
    rdf = root if root.tag == f"{{{_RDF}}}RDF" else root.find(f".//{{{_RDF}}}RDF")
    if rdf is None:
        return _set(_empty(), source_type, software)
    for description in rdf.findall(_DESCRIPTION):
        for name in (_SOURCE_TYPE, _CREATOR_TOOL):
            description.attrib.pop(name, None)
            for child in description.findall(name):
                description.remove(child)
        if not len(description) and set(description.attrib) <= {f"{{{_RDF}}}about"}:
            rdf.remove(description)
    description = ET.Element(_DESCRIPTION, {f"{{{_RDF}}}about": ""})
    ET.SubElement(description, _SOURCE_TYPE).text = str(source_type)
    ET.SubElement(description, _CREATOR_TOOL).text = software
    rdf.append(description)
    return root


def _serialise(root: ET.Element) -> bytes:
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=False)
    begin = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'.encode()
    return begin + body + b'<?xpacket end="w"?>'
