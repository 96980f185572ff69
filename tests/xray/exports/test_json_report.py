"""Guarantees about report.json and its seal."""

import json

import pytest
from django.core.management import CommandError, call_command

from tests.xray.factories import make_envelope, make_report, make_study
from xray.exports.json_report import Verdict, as_json, verify
from xray.reports.envelope import digest


def change(content, path, value):
    told = json.loads(content)
    place = told
    *parents, last = path
    for name in parents:
        place = place[name]
    assert place[last] != value
    place[last] = value
    return json.dumps(told).encode()


def test_a_sealed_report_is_the_envelope_and_genuine(envelope):
    content = as_json(envelope)
    told = json.loads(content)
    seal = told.pop("signature")
    assert told == envelope
    assert seal["digest"] == digest(envelope)
    assert verify(content) is Verdict.GENUINE
    assert as_json(envelope) == content


def test_another_layout_of_the_same_report_is_still_genuine(envelope):
    spread = json.dumps(json.loads(as_json(envelope)), indent=4, ensure_ascii=True)
    assert verify(spread.encode()) is Verdict.GENUINE


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("ai_findings", 0, "probability"), 0.913),
        (("ai_findings", 0, "laterality"), "left"),
        (("disclaimer",), ""),
        (("model", "version"), "2.0.0"),
        (("review", "status"), "accepted"),
        (("signature", "digest"), "0" * 64),
        (("signature", "digest"), "ü"),
    ],
)
def test_a_changed_report_is_found_out(path, value):
    assert verify(change(as_json(make_envelope()), path, value)) is Verdict.CHANGED


def test_an_added_member_is_a_change():
    told = json.loads(as_json(make_envelope()))
    told["note"] = "all clear"
    assert verify(json.dumps(told).encode()) is Verdict.CHANGED


def test_a_seal_of_another_installation_is_of_no_key_of_ours(settings):
    content = as_json(make_envelope())
    settings.SECRET_KEY = "another-key-of-sufficient-length-00000000000000000"
    assert verify(content) is Verdict.UNKNOWN_KEY
    settings.SECRET_KEY_FALLBACKS = ["test-only-key-of-sufficient-length-000000000000"]
    assert verify(content) is Verdict.GENUINE
    forged = change(as_json(make_envelope()), ("signature", "value"), "ü" * 64)
    assert verify(forged) is Verdict.UNKNOWN_KEY


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"{}", b'"report"', b"\xff\xfe", b'{"signature": {}}', b"[" * 100_000,
        b'{"a": NaN, "signature": {"algorithm": "HMAC-SHA256"}}',
        b'{"a": "\\ud800", "signature": {"algorithm": "HMAC-SHA256"}}',
        b'{"a": 1, "signature": {"algorithm": "none", "digest": "", "value": ""}}',
    ],
)  # fmt: skip
def test_what_is_no_report_is_called_so(content):
    assert verify(content) is Verdict.NO_REPORT


def test_a_name_said_twice_is_no_report():
    content = as_json(make_envelope())
    doubled = content.replace(b'{"ai_findings"', b'{"disclaimer":"none","ai_findings"', 1)
    assert verify(doubled) is Verdict.NO_REPORT


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "report.json"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.django_db
def test_the_command_tells_genuine_reports_from_changed_ones(user, private_files, written, capsys):
    study = make_study(user)
    report = study.reports.get()
    report.refresh_from_db()
    content = as_json(report.envelope)
    call_command("xray_verify_report", written(content))
    assert "genuine" in capsys.readouterr().out
    make_report(study)
    call_command("xray_verify_report", written(content))
    assert "since replaced" in capsys.readouterr().out
    study.delete()
    call_command("xray_verify_report", written(content))
    assert "not stored here any more" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_fails_with_the_reason(written, tmp_path):
    changed = change(as_json(make_envelope()), ("ai_findings", 0, "probability"), 0.1)
    for content, reason, code in (
        (changed, "was changed", 1),
        (b"{}", "no report", 1),
        (b" " * ((1 << 20) + 1), "larger", 2),
    ):
        with pytest.raises(CommandError, match=reason) as caught:
            call_command("xray_verify_report", written(content))
        assert caught.value.returncode == code
    with pytest.raises(CommandError, match="No such file"):
        call_command("xray_verify_report", tmp_path / "nothing.json")
