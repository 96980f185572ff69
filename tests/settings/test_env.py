"""Variables are typed, documented, reach their settings, and never print a secret."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from project.settings import dotenv, env, parsers, table
from project.settings.stores import email_config
from project.settings.variables import VARIABLES

ROOT = Path(__file__).resolve().parents[2]

# alias: (text in the environment, Django setting, expected value)
ALIASES = {
    "DATABASE_URL": ("postgres://u:p@db:5432/lens", "DATABASES.default.NAME", "lens"),
    "REDIS_URL": ("redis://:pw@redis:6379/1", "REDIS_URL", "redis://:pw@redis:6379/1"),
    "SECRET_KEY": ("a-key-from-the-old-system", "SECRET_KEY", "a-key-from-the-old-system"),
    "ALLOWED_HOSTS": ("a.example.org, b.example.org", "ALLOWED_HOSTS",
                      ["a.example.org", "b.example.org"]),
    "MODEL_PATH": ("/srv/models", "MODEL_ROOT", "/srv/models"),
    "DIFFUSION_MODEL_PATH": ("/srv/diffusion", "DIFFUSION_MODEL_PATH", "/srv/diffusion"),
    "INFERENCE_STEPS": ("12", "INFERENCE_STEPS", 12),
    "GUIDANCE_SCALE": ("3.5", "GUIDANCE_SCALE", 3.5),
    "UPLOAD_MAX_SIZE": ("52428800", "UPLOAD_MAX_BYTES", 52428800),
    "ALLOWED_EXTENSIONS": (".JPG,png", "ALLOWED_EXTENSIONS", ["jpg", "png"]),
    "LOG_LEVEL": ("warning", "LOGGING.root.level", "WARNING"),
    "LOG_FILE": ("/tmp/omnilens-alias.log", "LOGGING.handlers.file.filename",
                 "/tmp/omnilens-alias.log"),
    "CUDA_VISIBLE_DEVICES": ("1", "CUDA_VISIBLE_DEVICES", "1"),
    "PYTORCH_CUDA_ALLOC_CONF": ("max_split_size_mb:64", "PYTORCH_CUDA_ALLOC_CONF",
                                "max_split_size_mb:64"),
    "WORKERS": ("5", "WORKER_THREADS", 5),
    "TIMEOUT": ("300", "JOB_TIMEOUT", 300.0),
}  # fmt: skip

DUMP = """
import json, sys
from datetime import timedelta
from project.settings import embedded
def show(path):
    name, *keys = path.split(".")
    value = getattr(embedded, name)
    for key in keys:
        value = value[key]
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value if isinstance(value, (int, float, str, list, type(None))) else str(value)
print(json.dumps({path: show(path) for path in sys.argv[1:]}))
"""


def settings_with(environment, paths, tmp_path):
    """The values of settings in a fresh process that has only this environment."""
    clean = {"PATH": os.environ["PATH"], "OMNILENS_VAR": str(tmp_path / "var"),
             "OMNILENS_DOTENV": "", "DJANGO_SETTINGS_MODULE": "project.settings.embedded"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", DUMP, *paths],
        env=clean | environment, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_alias_reaches_its_django_setting(tmp_path):
    environment = {alias: text for alias, (text, _path, _value) in ALIASES.items()}
    paths = [path for _text, path, _value in ALIASES.values()]
    found = settings_with(environment, paths, tmp_path)
    assert found == {path: value for _text, path, value in ALIASES.values()}


def test_the_table_of_aliases_is_complete():
    declared = {alias for variable in VARIABLES.values() for alias in variable.aliases}
    read_as_they_are = {"CUDA_VISIBLE_DEVICES", "PYTORCH_CUDA_ALLOC_CONF"}
    assert set(ALIASES) == declared | read_as_they_are


def test_the_dotenv_file_is_read_and_the_environment_wins(tmp_path):
    file = tmp_path / "my.env"
    file.write_text(
        "# a comment\nOMNILENS_DEVICE=cpu\nexport TIMEOUT = 5m\nOMNILENS_TORCH_THREADS='7'\n"
    )
    found = settings_with(
        {"OMNILENS_DOTENV": str(file), "OMNILENS_TORCH_THREADS": "2"},
        ["DEVICE", "JOB_TIMEOUT", "TORCH_THREADS"],
        tmp_path,
    )
    assert found == {"DEVICE": "cpu", "JOB_TIMEOUT": 300.0, "TORCH_THREADS": 2}


def test_every_setting_is_documented():
    page = (ROOT / "docs" / "operating" / "settings.md").read_text(encoding="utf-8")
    assert page == table.render(), "run `manage.py settings_table`"
    for variable in VARIABLES.values():
        assert f"| `{variable.name}` |" in page


def test_every_variable_names_a_setting_that_exists_and_says_what_it_is_for():
    from project.settings import embedded

    for variable in VARIABLES.values():
        assert hasattr(embedded, variable.setting), variable.name
        assert len(variable.help) > 5
        if variable.default is not None:
            variable.parse(variable.default)


def test_no_spelling_is_declared_twice():
    spellings = [s for v in VARIABLES.values() for s in (v.name, *v.aliases)]
    assert len(spellings) == len(set(spellings))


def test_a_secret_may_come_from_a_file(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("from-a-file\n")
    monkeypatch.delenv("OMNILENS_SECRET_KEY", raising=False)
    monkeypatch.setenv("OMNILENS_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert env.get("OMNILENS_SECRET_KEY") == "from-a-file"


def test_a_missing_secret_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("OMNILENS_METRICS_TOKEN_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ImproperlyConfigured, match=r"OMNILENS_METRICS_TOKEN_FILE.*No such file"):
        env.get("OMNILENS_METRICS_TOKEN")


def test_the_own_name_wins_over_the_alias(monkeypatch):
    monkeypatch.setenv("TIMEOUT", "300")
    monkeypatch.setenv("OMNILENS_JOB_TIMEOUT", "2h")
    assert env.get("OMNILENS_JOB_TIMEOUT") == timedelta(hours=2)


def test_a_value_that_does_not_parse_names_its_variable(monkeypatch):
    monkeypatch.setenv("TIMEOUT", "soon")
    with pytest.raises(ImproperlyConfigured, match="TIMEOUT='soon': expected a duration"):
        env.get("OMNILENS_JOB_TIMEOUT")


def test_a_malformed_dotenv_line_is_named_by_number_and_never_shown():
    with pytest.raises(ImproperlyConfigured) as refusal:
        dotenv.parse("A=1\ncanary-secret-without-a-name\n", source=".env")
    assert str(refusal.value) == ".env, line 2: expected NAME=value"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20MB", 20_000_000),
        ("20MiB", 20 * 1024**2),
        ("1.5k", 1536),
        (" 7 ", 7),
        ("2 GB", 2 * 10**9),
    ],
)
def test_sizes_are_read_with_their_units(text, expected):
    assert parsers.size(text) == expected


@pytest.mark.parametrize(
    "parse", [parsers.size, parsers.duration, parsers.boolean, parsers.positive]
)
@pytest.mark.parametrize("text", ["many", "-1", "1 parsec"])
def test_nonsense_is_refused(parse, text):
    with pytest.raises(ValueError):
        parse(text)


def test_relative_paths_start_at_the_project_root():
    assert parsers.path("var/models") == ROOT / "var" / "models"


def test_an_email_url_becomes_mail_settings(tmp_path):
    mail = email_config("smtp+tls://user:p%40ss@mail.example.org", tmp_path)
    assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"]) == ("mail.example.org", 587)
    assert (mail["EMAIL_HOST_USER"], mail["EMAIL_HOST_PASSWORD"]) == ("user", "p@ss")
    assert (mail["EMAIL_USE_TLS"], mail["EMAIL_USE_SSL"]) == (True, False)
    assert mail["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"


def test_without_an_email_url_mail_becomes_files(tmp_path):
    mail = email_config("", tmp_path)
    assert mail["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert mail["EMAIL_FILE_PATH"] == str(tmp_path / "mail")


def test_an_unknown_name_is_found(monkeypatch):
    monkeypatch.setenv("OMNILENS_TORCH_THREAD", "2")
    monkeypatch.setenv("OMNILENS_SECRET_KEY_FILE", "/run/secret")
    assert "OMNILENS_TORCH_THREAD" in env.unknown_names()
    assert "OMNILENS_SECRET_KEY_FILE" not in env.unknown_names()
