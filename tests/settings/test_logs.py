"""No secret reaches a log line; the log file is private."""

import json
import logging
import stat

import pytest

from project import log_file, log_redaction
from project.json_log import JsonFormatter
from project.log_redaction import PlainFormatter, redact

CANARY = "canary-5e57c0de-value"


@pytest.fixture(autouse=True)
def fresh_secrets():
    log_redaction.known_secrets.cache_clear()
    yield
    log_redaction.known_secrets.cache_clear()


def record(message, *args, exc_info=None):
    return logging.LogRecord("test", logging.INFO, __file__, 1, message, args, exc_info)


def failing():
    try:
        raise RuntimeError(f"could not use {CANARY}")
    except RuntimeError as error:
        return (type(error), error, error.__traceback__)


@pytest.mark.parametrize("formatter", [PlainFormatter(), JsonFormatter()])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OMNILENS_SECRET_KEY", CANARY),
        ("OMNILENS_BOOTSTRAP_TOKEN", CANARY),
        ("OMNILENS_S3_SECRET_KEY", CANARY),
        ("OMNILENS_DATABASE_URL", f"postgres://lens:{CANARY}@db/lens"),
        ("OMNILENS_EMAIL_URL", f"smtp://lens:{CANARY}@mail:25"),
    ],
)
def test_a_canary_secret_never_reaches_a_line(monkeypatch, formatter, variable, value):
    monkeypatch.setenv(variable, value)
    for item in (
        record(f"x {CANARY} y"),
        record("x %s y", CANARY),
        record("z", exc_info=failing()),
    ):
        line = formatter.format(item)
        assert CANARY not in line
        assert "***" in line


@pytest.mark.parametrize(
    "text",
    [
        f"redis://:{CANARY}@host:6379/0",
        f"postgres://user:{CANARY}@host/db",
        f"Authorization: Bearer {CANARY}.abc",
        f"Authorization: Token omni_{CANARY}",
        f"password={CANARY}&x=1",
        f'{{"password": "{CANARY}"}}',
        f"eyJhbGciOi.{CANARY}.signature",
    ],
)
def test_whatever_looks_like_a_credential_is_masked(text):
    assert CANARY not in redact(text)


@pytest.mark.parametrize(
    "text",
    ["job 42 took 3 s", "http://127.0.0.1:8000/jobs/", "the token has expired", "tickets: 3"],
)
def test_ordinary_lines_stay_as_they_are(text):
    assert redact(text) == text


def test_a_json_line_is_one_object_with_the_request_id():
    line = json.loads(JsonFormatter().format(record("hello %s", "world")))
    assert set(line) == {"at", "level", "logger", "message", "request_id"}
    assert line["message"] == "hello world"


def test_the_log_file_is_private_and_survives_a_rotation(tmp_path):
    path = tmp_path / "logs" / "omnilens.log"
    handler = log_file.PrivateFileHandler(path)
    try:
        handler.emit(record("first"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert log_file.rotate(path, max_bytes=10_000) is False
        assert log_file.rotate(path, max_bytes=1) is True
        handler.emit(record("second"))
        assert path.read_text() == "second\n"
        assert (tmp_path / "logs" / "omnilens.log.1").read_text() == "first\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        handler.close()


def test_old_log_files_are_dropped(tmp_path):
    path = tmp_path / "omnilens.log"
    for number in range(5):
        path.write_text(f"{number}")
        log_file.rotate(path, max_bytes=1, keep=3)
    kept = sorted((p.name, p.read_text()) for p in tmp_path.iterdir())
    assert kept == [("omnilens.log.1", "4"), ("omnilens.log.2", "3"), ("omnilens.log.3", "2")]
