"""A signed file says what was done to it, and every change of it shows."""

from __future__ import annotations

import http.server
import io
import logging
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from project.images import storage
from project.images.containers import png
from project.images.credentials import (
    CannotRead,
    CannotSign,
    CannotSignCode,
    State,
    read_credentials,
    sign,
)
from project.images.decode import decode
from project.images.formats import FORMATS as IMAGE_FORMATS
from project.images.intake import Policy, accept_upload
from project.images.marking import SourceType, read_marking
from project.images.policy import OWN_FILES
from tests.images.credentials.pictures import (
    EDITED,
    FORMATS,
    marked,
    offset_of_pixels,
    pixels,
    ramp,
    xmp,
)
from tests.images.samples import gradient, upload


def signed(format: str, **options) -> bytes:
    return sign(marked(format), format=format, source_type=EDITED, **options)


@pytest.mark.parametrize("format", FORMATS)
def test_a_signed_file_is_intact_and_says_what_was_done(format, settings):
    content = signed(
        format,
        description="Enlarged by a neural network",
        models={"realesrgan-x4plus": "1.2"},
        parameters={"scale": 4},
        resized=True,
        source_media_type="image/jpeg",
    )
    found = read_credentials(content, format)
    assert (found.state, found.problems) == (State.UNTRUSTED, ())
    assert found.generator == f"Omnilens {settings.VERSION}"
    assert [action.name for action in found.actions] == [
        "c2pa.opened",
        "c2pa.edited",
        "c2pa.resized.proportional",
    ]
    edit = found.actions[1]
    assert edit.source_type == found.source_type == str(EDITED)
    assert edit.software == f"Omnilens {settings.VERSION}"
    assert edit.description == "Enlarged by a neural network"
    assert edit.parameters == {"omnilens.models": "realesrgan-x4plus 1.2", "omnilens.scale": "4"}


@pytest.mark.parametrize("format", FORMATS)
def test_signing_changes_no_pixel_and_keeps_the_iptc_mark(format):
    before = marked(format)
    after = sign(before, format=format, source_type=EDITED)
    assert pixels(after) == pixels(before)
    assert xmp(after) == xmp(before)
    assert EDITED.encode() in xmp(after)
    assert read_marking(after).source_type == EDITED


@pytest.mark.parametrize("format", FORMATS)
def test_one_changed_byte_of_the_picture_is_found(format):
    content = bytearray(signed(format))
    content[offset_of_pixels(bytes(content), format)] ^= 1
    found = read_credentials(bytes(content), format)
    assert found.state is State.INVALID
    assert found.problems == ("assertion.dataHash.mismatch", "signingCredential.untrusted")


@pytest.mark.parametrize("format", FORMATS)
def test_a_changed_mark_is_found(format):
    content = signed(format)
    at = content.index(xmp(content)[:40])
    lie = content[:at] + content[at:].replace(
        b"compositeWithTrainedAlgorithmicMedia", b"digitalCaptureDigitalCaptureDigitalC", 1
    )
    assert len(lie) == len(content) and lie != content
    assert "assertion.dataHash.mismatch" in read_credentials(lie, format).problems


def test_a_changed_statement_is_found():
    content = signed("PNG", description="Enlarged by a neural network")
    lie = content.replace(b"Enlarged by a neural network", b"Straight out of the camera !")
    assert lie != content
    found = read_credentials(lie, "PNG")
    assert found.state is State.INVALID
    assert found.problems


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_without_credentials_has_none(format):
    assert read_credentials(marked(format), format) is None


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA"])
def test_grey_and_transparent_pictures_are_signed(mode):
    before = marked("PNG", gradient().convert(mode))
    after = sign(before, format="PNG", source_type=EDITED)
    assert pixels(after) == pixels(before)
    assert read_credentials(after, "PNG").state is State.UNTRUSTED


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_pictures_of_16_bits_keep_every_level(format):
    before = ramp(format)
    after = sign(before, format=format, source_type=EDITED)
    assert read_credentials(after, format).state is State.UNTRUSTED
    picture = decode(after, OWN_FILES)
    assert picture.array.dtype == np.uint16
    assert len(np.unique(picture.array)) > 256
    assert np.array_equal(picture.array, decode(before, OWN_FILES).array)


@pytest.mark.django_db
@pytest.mark.parametrize("format", FORMATS)
def test_a_signed_result_may_be_uploaded_and_leaves_its_credentials_behind(user, format):
    name = f"photo.{IMAGE_FORMATS[format].extensions[0]}"
    policy = Policy(extensions=("png", "jpg", "webp", "tif"), max_bytes=10**7)
    record = accept_upload(owner=user, upload=upload(signed(format), name), policy=policy)
    stored = storage.read(record.file)
    assert read_credentials(stored, record.format) is None
    assert b"c2pa" not in stored


def test_many_threads_sign_at_once():
    pictures = [marked(format, gradient(64 + n, 48)) for n in range(8) for format in FORMATS]
    formats = [format for _n in range(8) for format in FORMATS]

    def sign_one(content: bytes, format: str) -> bytes:
        return sign(content, format=format, source_type=EDITED)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(sign_one, pictures, formats))
    for before, after, format in zip(pictures, results, formats, strict=True):
        assert pixels(after) == pixels(before)
        assert read_credentials(after, format).state is State.UNTRUSTED


def test_a_picture_made_from_nothing_names_no_original():
    content = sign(marked("PNG"), format="PNG", source_type=SourceType.GENERATED)
    (action,) = read_credentials(content, "PNG").actions
    assert (action.name, action.source_type) == ("c2pa.created", str(SourceType.GENERATED))


def test_two_signings_differ_in_nothing_that_is_said():
    said = [read_credentials(signed("PNG", models={"a": "1"}), "PNG") for _ in range(2)]
    assert said[0] == said[1]


def test_nothing_personal_is_in_the_file(settings, tmp_path, monkeypatch):
    for name in ("USER", "LOGNAME", "HOSTNAME", "HOME"):
        monkeypatch.setenv(name, "canary-user")
    settings.VAR_DIR = tmp_path / "canary-user"
    content = signed("PNG", models={"net": "1"}, parameters={"scale": 2})
    for canary in ("canary", str(tmp_path), socket.gethostname(), "root@"):
        assert canary.encode() not in content
    assert read_credentials(content, "PNG").title == ""


def test_no_second_picture_hides_in_the_file():
    image = Image.effect_noise((1200, 900), 80).convert("RGB")
    before = marked("JPEG", image)
    grown = len(sign(before, format="JPEG", source_type=EDITED)) - len(before)
    assert grown < 20_000, "a thumbnail of noise would be far larger"


def test_a_format_that_cannot_be_signed_is_refused():
    with pytest.raises(CannotSign, match="BMP") as refused:
        sign(b"BM", format="BMP", source_type=EDITED)
    assert refused.value.code is CannotSignCode.FORMAT_UNSUPPORTED


def test_a_damaged_file_is_refused_and_not_returned():
    with pytest.raises(CannotSign) as refused:
        sign(marked("PNG")[:40], format="PNG", source_type=EDITED)
    assert refused.value.code is CannotSignCode.SIGNING_FAILED


def test_damaged_credentials_are_invalid_not_absent():
    content = bytearray(signed("PNG"))
    at = content.index(b"jumd")
    content[at - 4 : at] = b"\xff\xff\xff\xff"
    assert read_credentials(bytes(content), "PNG").state is State.INVALID


def test_no_line_of_the_log_holds_key_material(caplog, var):
    caplog.set_level(logging.DEBUG)
    signed("PNG")
    with pytest.raises(CannotSign):
        sign(b"nonsense", format="PNG", source_type=EDITED)
    key = (var / "content_credentials" / "signer.pem").read_text()
    body = key.split("PRIVATE KEY-----")[1].strip()[:40]
    assert body not in caplog.text
    assert "PRIVATE KEY" not in caplog.text


@pytest.fixture
def listener():
    """A web server on this machine, and what it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/manifest.c2pa", asked
        server.shutdown()


def pointing_to(address: str) -> bytes:
    """A file that names an address for its credentials."""
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="{address}"/>'
        "</rdf:RDF></x:xmpmeta>"
    )
    return png.with_xmp(marked("PNG"), packet.encode())


def test_reading_fetches_nothing(listener):
    address, asked = listener
    with pytest.raises(CannotRead, match="none is fetched"):
        read_credentials(pointing_to(address), "PNG")
    assert asked == []


def test_the_library_would_fetch_if_it_were_let(listener):
    """Without our settings the test above could not fail."""
    import c2pa

    address, asked = listener
    with pytest.raises(c2pa.C2paError, match="404"):
        c2pa.Reader("image/png", io.BytesIO(pointing_to(address)))
    assert asked == ["/manifest.c2pa"]


def test_the_web_process_imports_no_signing_library():
    code = (
        "import sys, project.asgi, project.urls; from django.urls import get_resolver; "
        "get_resolver().url_patterns; import project.images.credentials; "
        "sys.exit('c2pa' in sys.modules or 'project.images.credentials.keys' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
