"""How the operator's key gets in, and that it does not get out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from project.log_redaction import known_secrets, redact
from project.settings import env
from project.settings.parsers import BASE_DIR
from tests.images.credentials.authority import KEYS, key_pem, pem

CERTIFICATES, KEY = "OMNILENS_C2PA_CERTIFICATES", "OMNILENS_C2PA_KEY"


@pytest.fixture(autouse=True)
def fresh_secrets():
    """The list of secrets is made once a process."""
    known_secrets.cache_clear()
    yield
    known_secrets.cache_clear()


@pytest.fixture
def key_text() -> str:
    return key_pem(KEYS["es256"]()).decode()


def body_of(key: str) -> str:
    return key.splitlines()[1]


@pytest.mark.parametrize("name", [CERTIFICATES, KEY])
def test_a_path_stays_a_path_and_its_file_is_not_read(monkeypatch, name):
    monkeypatch.setenv(name, "/nowhere/at.pem")
    assert env.get(name) == Path("/nowhere/at.pem")
    monkeypatch.setenv(name, "keys/at.pem")
    assert env.get(name) == BASE_DIR / "keys/at.pem"
    monkeypatch.setenv(name, "")
    assert env.get(name) is None


def test_a_secret_file_gives_the_text(monkeypatch, tmp_path, key_text):
    (tmp_path / "key").write_text(key_text)
    monkeypatch.delenv(KEY, raising=False)
    monkeypatch.setenv(f"{KEY}_FILE", str(tmp_path / "key"))
    assert env.get(KEY) == key_text.strip()


def test_a_log_line_masks_the_key_wherever_it_comes_from(monkeypatch, key_text):
    assert redact(f"loaded {key_text.strip()} now") == "loaded *** now"
    cut_short = key_text[:90]
    assert body_of(key_text)[:30] not in redact(f"loaded {cut_short}")
    monkeypatch.setenv(KEY, key_text)
    known_secrets.cache_clear()
    assert body_of(key_text) not in redact(key_text)


def test_a_path_is_no_secret_and_logging_goes_on(monkeypatch):
    monkeypatch.setenv(KEY, "/etc/omnilens/signer.key")
    known_secrets.cache_clear()
    assert redact("cannot read /etc/omnilens/signer.key") == "cannot read /etc/omnilens/signer.key"


def start(tmp_path, **environment):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("OMNILENS_C2PA")}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--tag", "content_credentials"],
        cwd=BASE_DIR, capture_output=True, text=True,
        env=clean | environment | {"OMNILENS_VAR": str(tmp_path / "var"), "OMNILENS_DOTENV": "",
                                   "DJANGO_SETTINGS_MODULE": "project.settings"},
    )  # fmt: skip


def test_a_start_with_a_broken_key_fails_with_words(tmp_path, key_text, intermediate):
    (tmp_path / "key.pem").write_text(key_text)
    (tmp_path / "chain.pem").write_bytes(pem(intermediate.issue(KEYS["es256"]())))
    done = start(
        tmp_path,
        OMNILENS_C2PA_CERTIFICATES=str(tmp_path / "chain.pem"),
        OMNILENS_C2PA_KEY=str(tmp_path / "key.pem"),
    )
    assert done.returncode != 0
    assert "omnilens.E021" in done.stderr
    assert "does not belong to the certificate of Example Signer" in done.stderr
    assert body_of(key_text) not in done.stdout + done.stderr


def test_a_start_without_a_key_passes(tmp_path):
    done = start(tmp_path)
    assert done.returncode == 0, done.stderr
