"""Compares rows, events and files by raw SQL and the file system, sharing no code with the
services under test."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection

TERMINAL = {"succeeded", "failed", "cancelled"}


def audit() -> list[str]:
    """Every contradiction found, in words; empty when rows, events and files agree."""
    return [*_audit_events(), *_audit_files()]


def _rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _audit_events():
    events = {}
    for job, number, name in _rows("SELECT job_id, seq, name FROM jobs_jobevent ORDER BY id"):
        events.setdefault(str(job), []).append((number, name))
    for job, state, seq, lease in _rows("SELECT id, state, seq, lease_token FROM jobs_job"):
        found = sorted(events.pop(str(job), []))
        numbers = [number for number, _ in found]
        if numbers != list(range(1, seq + 1)):
            yield f"job {job}: events {numbers}, row says {seq}"
        endings = [name for _, name in found if name in TERMINAL]
        if endings != ([state] if state in TERMINAL else []):
            yield f"job {job} is {state}, its endings are {endings}"
        if endings and found[-1][1] not in TERMINAL:
            yield f"job {job}: {found[-1]} came after the end"
        if (lease is not None) != (state == "running"):
            yield f"job {job} is {state} with lease {lease}"
    for job in events:
        yield f"events of job {job} without a job"


def _audit_files():
    root = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    stored = {str(path.relative_to(root)) for path in (root / "jobs").rglob("*") if path.is_file()}
    known = {key for (key,) in _rows("SELECT file FROM images_imagerecord")}
    known = {key for key in known if key.startswith("jobs/")}
    for key in sorted(stored - known):
        yield f"file {key} without a row"
    for key in sorted(known - stored):
        yield f"row {key} without a file"
