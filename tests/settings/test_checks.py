"""Production does not start with unsafe settings."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.checks import ERROR, WARNING
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from project import checks

ROOT = Path(__file__).resolve().parents[2]
KEY = "k3y-" + "of-production-" * 5
SAFE = {
    "PROFILE": "production",
    "SECRET_KEY": KEY,
    "DEBUG": False,
    "ALLOWED_HOSTS": ["lens.example.org"],
    "FAILPOINT": "",
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "REDIS_URL": "rediss://:canary-password@redis.example.org:6380/0",
}
SQLITE = {"default": {"ENGINE": "django.db.backends.sqlite3"}}


def refusals(tmp_path, **changes):
    settings = SimpleNamespace(**{**SAFE, "VAR_DIR": tmp_path, **changes})
    return {message.id for message in checks.unsafe_settings(settings)}


def test_safe_settings_are_accepted(tmp_path):
    assert refusals(tmp_path) == set()
    assert refusals(tmp_path, REDIS_URL="unix:///run/redis.sock") == set()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"SECRET_KEY": ""}, "omnilens.E001"),
        ({"SECRET_KEY": "short"}, "omnilens.E001"),
        ({"SECRET_KEY": "django-insecure-" + KEY}, "omnilens.E001"),
        ({"DEBUG": True}, "omnilens.E002"),
        ({"ALLOWED_HOSTS": ["*"]}, "omnilens.E003"),
        ({"ALLOWED_HOSTS": []}, "omnilens.E003"),
        ({"DATABASES": SQLITE}, "omnilens.E004"),
        ({"REDIS_URL": "redis://redis.example.org:6379/0"}, "omnilens.E005"),
        ({"REDIS_URL": ""}, "omnilens.E005"),
        ({"FAILPOINT": "job.after_file_write"}, "omnilens.E006"),
    ],
)
def test_production_refuses_unsafe_settings(tmp_path, change, expected):
    assert refusals(tmp_path, **change) == {expected}


def test_production_refuses_the_generated_key(tmp_path):
    (tmp_path / "secret_key").write_text(KEY)
    assert refusals(tmp_path) == {"omnilens.E001"}


def test_no_refusal_shows_a_secret(tmp_path):
    settings = SimpleNamespace(
        **{**SAFE, "VAR_DIR": tmp_path, "SECRET_KEY": "canary", "DEBUG": True, "DATABASES": SQLITE}
    )
    shown = " ".join(f"{m.msg} {m.hint}" for m in checks.unsafe_settings(settings))
    assert "canary" not in shown


@pytest.mark.parametrize(("profile", "refused"), [("production", True), ("staging", True),
                                                  ("embedded", False)])  # fmt: skip
def test_the_web_server_refuses_as_well(profile, refused):
    with override_settings(PROFILE=profile, ALLOWED_HOSTS=["*"]):
        if refused:
            with pytest.raises(ImproperlyConfigured, match="OMNILENS_ALLOWED_HOSTS"):
                checks.refuse_unsafe_settings()
        else:
            checks.refuse_unsafe_settings()
        assert bool(checks.check_unsafe_settings(None)) is refused


@pytest.mark.parametrize(("profile", "level"), [("embedded", WARNING), ("production", ERROR)])
def test_a_mistyped_variable_is_reported_with_the_right_name(monkeypatch, profile, level):
    monkeypatch.setenv("OMNILENS_TORCH_THREAD", "2")
    with override_settings(PROFILE=profile):
        found = [m for m in checks.check_environment_names(None) if "TORCH_THREAD " in m.msg]
    assert [(m.level, "OMNILENS_TORCH_THREADS" in m.hint) for m in found] == [(level, True)]


def test_too_few_threads_are_reported_and_raised():
    with override_settings(WORKER_THREADS=1):
        assert [m.id for m in checks.check_worker_threads(None)] == ["omnilens.W011"]
    with override_settings(WORKER_THREADS=3):
        assert checks.check_worker_threads(None) == []


def manage(*arguments, **environment):
    clean = {"PATH": os.environ["PATH"], "OMNILENS_DOTENV": "",
             "DJANGO_SETTINGS_MODULE": "project.settings.production"}  # fmt: skip
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=clean | environment, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip


def test_up_obeys_the_refusals_and_starts_nothing(tmp_path):
    done = manage("up", OMNILENS_VAR=str(tmp_path / "var"), OMNILENS_SECRET_KEY=KEY,
                  OMNILENS_ALLOWED_HOSTS="*", OMNILENS_REDIS_URL="redis://redis:6379/0")  # fmt: skip
    assert done.returncode == 1
    for code in ("omnilens.E003", "omnilens.E004", "omnilens.E005"):
        assert code in done.stderr
    assert not (tmp_path / "var" / "up.lock").exists()


@pytest.mark.parametrize("profile", ["production", "staging"])
def test_a_guarded_profile_passes_djangos_own_deployment_checks(tmp_path, profile):
    done = manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        DJANGO_SETTINGS_MODULE=f"project.settings.{profile}",
        OMNILENS_VAR=str(tmp_path),
        OMNILENS_SECRET_KEY=KEY + "0123456789",
        OMNILENS_ALLOWED_HOSTS="lens.example.org",
        OMNILENS_DATABASE_URL="postgres://omnilens:canary@db.example.org/omnilens",
        OMNILENS_REDIS_URL="rediss://:canary@redis.example.org:6380/0",
    )
    assert (done.returncode, done.stderr) == (0, "")
