"""Every output says that a machine made it, once, in a place other programs look."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from project.images.encode import CannotEncode, encode
from project.images.marking import Marking, SourceType, mark, read_marking
from tests.images import samples

pytestmark = pytest.mark.services

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF")
ARRAY = np.asarray(samples.gradient())


def pillow_xmp(content: bytes) -> bytes:
    """What a foreign reader finds."""
    info = Image.open(io.BytesIO(content)).info
    packet = info.get("xmp") or info.get("XML:com.adobe.xmp")
    return packet if isinstance(packet, bytes) else packet.encode()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("source_type", list(SourceType))
def test_every_output_carries_its_source_type_for_any_reader(format, source_type):
    made = encode(ARRAY, source_type=source_type, format=format)
    expected = Marking(source_type=source_type.value, software="Omnilens")
    assert read_marking(made.content) == expected
    assert source_type.value.encode() in pillow_xmp(made.content)
    assert source_type.value.startswith("http://cv.iptc.org/newscodes/digitalsourcetype/")


@pytest.mark.parametrize("format", FORMATS)
def test_marking_changes_no_pixel(format):
    plain = samples.save(samples.gradient(), format)
    marked = mark(plain, source_type=SourceType.ENHANCED)
    before, after = (np.asarray(Image.open(io.BytesIO(data))) for data in (plain, marked))
    assert np.array_equal(before, after)
    assert read_marking(plain) is None


@pytest.mark.parametrize("format", FORMATS)
def test_a_second_marking_replaces_the_first(format):
    first = mark(samples.save(samples.gradient(), format), source_type=SourceType.GENERATED)
    second = mark(first, source_type=SourceType.GENERATIVE_EDIT, software="Omnilens 1.0")
    assert second.count(b"digitalsourcetype") == 1
    assert second.count(b"<x:xmpmeta") == 1
    assert read_marking(second) == Marking(
        source_type=SourceType.GENERATIVE_EDIT.value, software="Omnilens 1.0"
    )


@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
def test_other_properties_of_a_packet_survive(format):
    packet = (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        b' xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        b' e:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"'
        b' dc:rights="Ada"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    content = mark(
        samples.save(samples.gradient(), format, xmp=packet), source_type=SourceType.ENHANCED
    )
    assert b"Ada" in pillow_xmp(content)
    assert b"digitalCapture" not in content
    assert read_marking(content).source_type == SourceType.ENHANCED


# Well-formed and full of what a merge would keep, but for its declaration.
_DECLARED = (
    '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "Canary">]>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>'
    "<x:note>Canary&b;</x:note></rdf:Description></rdf:RDF></x:xmpmeta>"
)


@pytest.mark.parametrize(
    "packet",
    [
        b"not xml <", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<a/>",
        b"<a>" + b"x" * 65_000 + b"</a>", _DECLARED.encode("utf-16"),
        _DECLARED.encode("utf-16-be"), _DECLARED.encode("utf-16-le"), b"<a>" * 5000,
        b"<a>" * 5000 + b"</a>" * 5000,
    ],
    ids=[
        "broken", "entities", "no rdf", "too long", "entities in UTF-16", "in UTF-16 BE",
        "in UTF-16 LE", "unclosed", "deep",
    ],
)  # fmt: skip
def test_an_unusable_packet_is_replaced(packet):
    content = samples.save(samples.gradient(), "JPEG", xmp=packet)
    marked = mark(content, source_type=SourceType.ENHANCED)
    assert read_marking(marked).source_type == SourceType.ENHANCED
    assert packet not in marked
    assert b"Canary" not in marked


def test_a_packet_in_utf_16_without_declarations_is_read():
    packet = _DECLARED.replace('<!DOCTYPE a [<!ENTITY b "Canary">]>', "").replace("&b;", "")
    content = samples.save(samples.gradient(), "JPEG", xmp=packet.encode("utf-16"))
    marked = mark(content, source_type=SourceType.ENHANCED)
    assert b"Canary" in marked  # a property of a plain packet survives, whatever its encoding
    assert read_marking(marked).source_type == SourceType.ENHANCED


def test_a_png_holds_exactly_one_xmp_chunk_before_its_pixels():
    content = encode(ARRAY, source_type=SourceType.ENHANCED).content
    again = mark(content, source_type=SourceType.ENHANCED)
    assert again == content
    assert content.count(b"iTXtXML:com.adobe.xmp\x00") == 1
    assert content.index(b"iTXt") < content.index(b"IDAT")


def test_a_webp_with_alpha_keeps_it_and_stays_well_formed():
    image = samples.gradient()
    image.putalpha(samples.gradient().getchannel("G"))
    for options in ({"lossless": True}, {"quality": 80}):
        marked = mark(samples.save(image, "WEBP", **options), source_type=SourceType.ENHANCED)
        assert struct.unpack_from("<I", marked, 4)[0] == len(marked) - 8
        opened = Image.open(io.BytesIO(marked))
        assert opened.mode == "RGBA"
        assert len(np.unique(np.asarray(opened)[..., 3])) > 20


def test_what_is_no_picture_cannot_be_marked():
    with pytest.raises(ValueError, match="only PNG, JPEG, WEBP and TIFF"):
        mark(b"GIF89a", source_type=SourceType.ENHANCED)


@pytest.mark.parametrize("format", FORMATS)
def test_type_extension_and_magic_bytes_agree(format):
    made = encode(ARRAY, source_type=SourceType.ENHANCED, format=format)
    assert Image.open(io.BytesIO(made.content)).format == made.format == format
    assert Image.MIME[format] == made.media_type
    assert made.extension == samples.EXTENSIONS[format]
    assert (made.width, made.height) == (48, 32)


@pytest.mark.parametrize("format", FORMATS)
def test_equal_pixels_give_equal_bytes(format):
    first, second = (
        encode(ARRAY, source_type=SourceType.ENHANCED, format=format).content for _ in range(2)
    )
    assert first == second


def test_an_output_declares_srgb():
    made = encode(ARRAY, source_type=SourceType.ENHANCED, format="JPEG")
    assert Image.open(io.BytesIO(made.content)).info["icc_profile"][36:40] == b"acsp"


def test_quality_changes_a_jpeg():
    sizes = [
        len(encode(ARRAY, source_type=SourceType.ENHANCED, format="JPEG", quality=q).content)
        for q in (10, 50, 95)
    ]
    assert sizes == sorted(set(sizes))


def test_transparency_is_never_dropped_silently():
    alpha = np.full(ARRAY.shape[:2], 0, np.uint8)
    with pytest.raises(CannotEncode):
        encode(ARRAY, alpha=alpha, source_type=SourceType.ENHANCED, format="JPEG")
    flat = encode(
        ARRAY,
        alpha=alpha,
        source_type=SourceType.ENHANCED,
        format="JPEG",
        background=(255, 255, 255),
    )
    assert np.asarray(Image.open(io.BytesIO(flat.content))).min() >= 254


def test_a_grey_result_has_one_channel():
    grey = np.dstack([ARRAY[..., 0]] * 3)
    made = encode(grey, source_type=SourceType.ENHANCED, is_grey=True)
    assert Image.open(io.BytesIO(made.content)).mode == "L"


def test_a_side_that_a_format_cannot_hold_is_refused():
    with pytest.raises(CannotEncode):
        encode(np.zeros((1, 65_536, 3), np.uint8), source_type=SourceType.ENHANCED, format="JPEG")
