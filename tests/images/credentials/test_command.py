"""`manage.py credentials` and the doctor's line."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from project.doctor import credentials
from project.doctor.findings import Level
from project.images.credentials import sdk, sign
from tests.images.credentials.authority import NOW
from tests.images.credentials.pictures import EDITED, marked, offset_of_pixels


def printed(*arguments, code: int = 0) -> str:
    out = io.StringIO()
    if code:
        with pytest.raises(SystemExit) as ended:
            call_command("credentials", *map(str, arguments), stdout=out)
        assert ended.value.code == code
    else:
        call_command("credentials", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def picture(tmp_path):
    file = tmp_path / "result.png"
    file.write_bytes(
        sign(marked("PNG"), format="PNG", source_type=EDITED, models={"net": "1"}, resized=True)
    )
    return file


def test_it_says_who_signed_what(picture):
    text = printed(picture)
    assert "Intact" in text
    assert "not trusted" in text
    lines = [line.strip() for line in text.splitlines()]
    assert [line for line in lines if line.startswith("Action:")] == [
        "Action:     c2pa.opened",
        "Action:     c2pa.edited",
        "Action:     c2pa.resized.proportional",
    ]
    assert "omnilens.models: net 1" in lines
    assert f"as: {EDITED}" in lines
    assert f"IPTC mark:  {EDITED}" in text


def test_a_changed_picture_ends_with_1(picture):
    content = bytearray(picture.read_bytes())
    content[offset_of_pixels(bytes(content), "PNG")] ^= 1
    picture.write_bytes(content)
    text = printed(picture, code=1)
    assert "INVALID" in text
    assert "assertion.dataHash.mismatch" in text


def test_a_picture_without_credentials_ends_with_2(picture):
    picture.write_bytes(marked("PNG"))
    assert "Credentials: none" in printed(picture, code=2)


def test_json_holds_the_same(picture):
    found = json.loads(printed(picture, "--json"))
    assert found["iptc"] == str(EDITED)
    assert found["credentials"]["state"] == "untrusted"
    assert found["credentials"]["source_type"] == str(EDITED)
    assert found["credentials"]["actions"][0]["name"] == "c2pa.opened"


@pytest.mark.parametrize("content", [b"", b"text", None])
def test_what_is_no_picture_is_refused_with_words(tmp_path, content):
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=str(file)) as refused:
        call_command("credentials", str(file))
    assert refused.value.returncode == 2


def line(settings, **options):
    (finding,) = credentials.examine(settings, **options)
    return finding


def test_the_doctor_names_the_operators_key(settings, configure):
    configure("es384")
    finding = line(settings)
    assert finding.level is Level.OK
    assert "Example Signer" in finding.text
    assert f"{NOW + timedelta(days=365):%Y-%m-%d}" in finding.text


def test_the_doctor_says_that_the_development_authority_is_not_believed(settings):
    finding = line(settings)
    assert finding.level is Level.OK
    assert "untrusted" in finding.text
    assert "OMNILENS_C2PA_CERTIFICATES" in finding.text


def test_the_doctor_warns_of_the_development_authority_in_production(settings):
    settings.PROFILE = "production"
    finding = line(settings)
    assert finding.level is Level.WARNING
    assert "OMNILENS_C2PA_KEY" in finding.repair


def test_the_doctor_warns_before_a_certificate_expires(settings, configure):
    configure(not_after=NOW + timedelta(days=10))
    assert line(settings).level is Level.WARNING


def test_the_doctor_reports_a_broken_key(settings, configure):
    _chain, key = configure()
    key.write_text("nonsense")
    finding = line(settings)
    assert finding.level is Level.ERROR
    assert "not a PEM private key" in finding.text


def test_the_doctor_reports_a_missing_library(settings, monkeypatch):
    monkeypatch.setattr(sdk, "is_installed", lambda: False)
    finding = line(settings)
    assert finding.level is Level.ERROR
    assert "requirements/ml.txt" in finding.repair
