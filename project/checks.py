"""System checks: mistyped variables everywhere, unsafe settings where they matter.

`manage.py check`, `up` and every other command run them; `project.asgi` refuses as well, so a
web server that is started without `up` does not slip through.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

GUARDED_PROFILES = frozenset({"production", "staging"})
SHORTEST_KEY = 50
FEWEST_WORKER_THREADS = 3


def register_all() -> None:
    """Called once by `ProjectConfig.ready`."""
    from project.images.credentials.checks import check_credentials

    register(check_environment_names)
    register(check_unsafe_settings)
    register(check_worker_threads)
    register(check_credentials, "content_credentials")


def check_environment_names(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """A variable that nobody reads is a typing mistake; production does not start with one."""
    from project.settings import env

    del app_configs, kwargs
    kind = Error if django_settings.PROFILE in GUARDED_PROFILES else Warning
    return [
        kind(f"{name} is not a setting of Omnilens.", hint=_hint(name), id="omnilens.E010")
        for name in env.unknown_names()
    ]


def check_unsafe_settings(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """The refusals of production and staging."""
    del app_configs, kwargs
    if django_settings.PROFILE not in GUARDED_PROFILES:
        return []
    return list(unsafe_settings(django_settings))


def check_worker_threads(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """The smallest worker has three threads, whatever was asked for."""
    del app_configs, kwargs
    asked = django_settings.WORKER_THREADS
    if asked >= FEWEST_WORKER_THREADS:
        return []
    return [
        Warning(
            f"OMNILENS_WORKER_THREADS is {asked}; {FEWEST_WORKER_THREADS} are used.",
            hint="Threads mostly wait for the device; they do not multiply its work.",
            id="omnilens.W011",
        )
    ]


def refuse_unsafe_settings() -> None:
    """Raise ImproperlyConfigured, listing every refusal, in a guarded profile."""
    if django_settings.PROFILE not in GUARDED_PROFILES:
        return
    refusals = unsafe_settings(django_settings)
    if refusals:
        raise ImproperlyConfigured(" ".join(f"{item.msg} {item.hint}" for item in refusals))


def unsafe_settings(settings: Any) -> Sequence[Error]:
    """Everything about `settings` that production refuses; no message shows a secret."""
    refusals = [
        *_key_refusals(settings),
        *_site_refusals(settings),
        *_store_refusals(settings),
    ]
    return [Error(text, hint=hint, id=f"omnilens.{code}") for code, text, hint in refusals]


_Refusal = tuple[str, str, str]


def _key_refusals(settings: Any) -> list[_Refusal]:
    how = (
        "Set OMNILENS_SECRET_KEY, or OMNILENS_SECRET_KEY_FILE, to the output of "
        "`python -c 'import secrets; print(secrets.token_urlsafe(50))'`."
    )
    key = _secret_key(settings)
    if not key:
        return [("E001", "Production needs a signing key of its own.", how)]
    generated = Path(settings.VAR_DIR) / "secret_key"
    if generated.is_file() and generated.read_text(encoding="utf-8").strip() == key:
        return [("E001", "The signing key is the generated one of the embedded default.", how)]
    if len(key) < SHORTEST_KEY or key.startswith("django-insecure-"):
        return [("E001", f"The signing key is shorter than {SHORTEST_KEY} characters.", how)]
    return []


def _site_refusals(settings: Any) -> list[_Refusal]:
    found: list[_Refusal] = []
    if settings.DEBUG:
        found.append(
            ("E002", "DEBUG shows code and settings to visitors.", "Unset OMNILENS_DEBUG.")
        )
    hosts = settings.ALLOWED_HOSTS
    if not hosts or "*" in hosts:
        found.append(
            (
                "E003",
                "ALLOWED_HOSTS accepts every host name, or none.",
                "Set OMNILENS_ALLOWED_HOSTS to the names of the site.",
            )
        )
    if settings.FAILPOINT:
        found.append(
            ("E006", "A fail-point is armed; it kills workers.", "Unset OMNILENS_FAILPOINT.")
        )
    return found


def _store_refusals(settings: Any) -> list[_Refusal]:
    found: list[_Refusal] = []
    if "sqlite3" in settings.DATABASES["default"]["ENGINE"]:
        found.append(
            (
                "E004",
                "SQLite serves one machine and one writer at a time.",
                "Set OMNILENS_DATABASE_URL to a PostgreSQL address.",
            )
        )
    redis = urlsplit(settings.REDIS_URL)
    if not settings.REDIS_URL:
        found.append(("E005", "No Redis is named.", "Set OMNILENS_REDIS_URL."))
    elif redis.scheme != "unix" and not redis.password:
        found.append(
            (
                "E005",
                "Redis over TCP without a password is open to its network.",
                "Use rediss://user:password@host:port/0, or a unix socket.",
            )
        )
    return found


def _secret_key(settings: Any) -> str:
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django's own way to say that it is empty
        return ""


def _hint(name: str) -> str:
    from project.settings import env

    close = get_close_matches(name, env.VARIABLES, n=1)
    known = "docs/operating/settings.md lists every name."
    return f"Did you mean {close[0]}? {known}" if close else known
