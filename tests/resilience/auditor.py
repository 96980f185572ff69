"""Compares rows, events and files by raw SQL and the storage itself, sharing no code with the
services under test. Each fault is one sentence that names the row or the file."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

TERMINAL = {"succeeded", "failed", "cancelled"}
# How many result rows a succeeded job of these kinds has; jobs of other kinds are not counted.
RESULTS = {
    "test.file": 1,
    "test.work": 1,
    "test.copy": 1,
    "test.echo": 0,
    "test.steps": 0,
    "enhance.photo": 1,
    "enhance.reblend": 1,
    "enhance.faces_preview": 0,
}
# What the job of an enlargement has made: its result, or what the first blend of faces replaced.
SHOWN = (
    "SELECT task.job_id, picture.file FROM enhance_enhancement AS task"
    " JOIN images_imagerecord AS picture ON picture.id = task.result_id"
)
REPLACED_FIRST = (
    "SELECT task.job_id, picture.file FROM enhance_reblend AS blend"
    " JOIN enhance_enhancement AS task ON task.id = blend.enhancement_id"
    " JOIN images_imagerecord AS picture ON picture.id = blend.replaced_id WHERE blend.version = 2"
)
SEEN_WITHIN = timedelta(seconds=60)  # the longest that the platform believes a silent worker


def audit(*, stored: set[str] | None = None) -> list[str]:
    """Every contradiction found, in words; empty when rows, events and files agree.

    `stored` are the keys of uploads and results in a store that is no local folder (a bucket).
    """
    files = _stored_files() if stored is None else stored
    return [*_audit_events(), *_audit_results(), *_audit_files(files)]


def audit_ended() -> list[str]:
    """Jobs that have not ended."""
    jobs = sorted((_hex(job), state) for job, state in _rows("SELECT id, state FROM jobs_job"))
    return [f"job {job} is lost: still {state}" for job, state in jobs if state not in TERMINAL]


def audit_answers(answers) -> list[str]:
    """Whether each accepted `(owner, key, job)` has one row, and is the only one of its key."""
    rows = defaultdict(list)
    for job, owner, key in _rows("SELECT id, owner_id, idempotency_key FROM jobs_job"):
        rows[owner, key].append(_hex(job))
    faults = []
    for owner, key, job in sorted(set(answers)):
        found = rows[owner, key]
        if not found:
            faults.append(f"job {_hex(job)} is lost: key {key} was accepted and has no row")
        elif found != [_hex(job)]:
            faults.append(f"key {key} was answered with job {_hex(job)}, its jobs are {found}")
    return faults


def audit_uploads() -> list[str]:
    """Uploads that no job works on."""
    idle = _rows(
        "SELECT picture.file FROM images_imagerecord AS picture"
        " LEFT JOIN enhance_enhancement AS task ON task.source_id = picture.id"
        " WHERE picture.purpose = 'upload' AND task.id IS NULL ORDER BY picture.file"
    )
    return [f"upload {key} belongs to no job" for (key,) in idle]


def audit_workers(*, dead, now=None) -> list[str]:
    """Workers that are shown as ready though they were killed at `dead[name]`: their row must
    not be touched afterwards, and nobody believes it for longer than a minute."""
    now = now or datetime.now(UTC)
    faults = []
    for name, ready, seen in _rows("SELECT name, ready, last_seen FROM jobs_worker ORDER BY name"):
        killed_at = dead.get(name)
        if not ready or killed_at is None or now - moment(seen) > SEEN_WITHIN:
            continue
        if moment(seen) > killed_at or now - killed_at > SEEN_WITHIN:
            faults.append(f"worker {name} is shown as ready, it was killed at {killed_at:%X}")
    return faults


def audit_stopped_workers(*, dead) -> list[str]:
    """Rows of workers that were stopped in good order; only the killed leave theirs."""
    left = [name for name in worker_names() if name not in dead]
    return [f"worker {name} stopped, its row is still there" for name in left]


def worker_names() -> list[str]:
    """Every worker that has a row."""
    return [name for (name,) in _rows("SELECT name FROM jobs_worker ORDER BY name")]


def moment(value) -> datetime:
    """A time of the database: SQLite hands out text, in UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _hex(job):
    return UUID(str(job)).hex


def _audit_events():
    events = defaultdict(list)
    for job, number, name in _rows("SELECT job_id, seq, name FROM jobs_jobevent ORDER BY id"):
        events[_hex(job)].append((number, name))
    jobs = _rows("SELECT id, state, seq, lease_token, finished_at FROM jobs_job ORDER BY id")
    for row, state, seq, lease, finished in jobs:
        job = _hex(row)
        found = sorted(events.pop(job, []))
        numbers = [number for number, _ in found]
        if numbers != list(range(1, seq + 1)):
            yield f"job {job}: gap or repeat in events {numbers}, row says {seq}"
        endings = [name for _, name in found if name in TERMINAL]
        if endings != ([state] if state in TERMINAL else []):
            yield f"job {job} is {state}, its endings are {endings}"
        if endings and found[-1][1] not in TERMINAL:
            yield f"job {job}: {found[-1]} came after the end"
        if (lease is not None) != (state == "running"):
            yield f"job {job} is {state} with lease {lease}"
        if (finished is not None) != (state in TERMINAL):
            yield f"job {job} is {state}, finished at {finished}"
    for job in events:
        yield f"events of job {job} without a job"


def _audit_results():
    """One result row, of the attempt that won, for a succeeded job; none for another."""
    results, parts_of = defaultdict(list), defaultdict(list)
    for key, purpose in _rows("SELECT file, purpose FROM images_imagerecord ORDER BY file"):
        folder, *parts = key.split("/")
        if folder == "jobs":
            found = results if purpose == "result" else parts_of
            found[_hex(parts[0])].append((int(parts[1]), key))
    linked = {_hex(job): key for job, key in (*_rows(SHOWN), *_rows(REPLACED_FIRST))}
    jobs = _rows("SELECT id, kind, state, attempt FROM jobs_job ORDER BY id")
    for row, kind, state, attempt in jobs:
        job = _hex(row)
        found = results.pop(job, [])
        wanted = RESULTS.get(kind, len(found)) if state == "succeeded" else 0
        if len(found) != wanted:
            yield f"job {job} ({kind}) is {state} with {len(found)} result rows, not {wanted}"
        for of_attempt, key in found:
            if of_attempt != attempt:
                yield f"job {job} ended in attempt {attempt}, its result is {key}"
        for of_attempt, key in parts_of.pop(job, []):
            if state != "succeeded" or of_attempt != attempt:
                yield f"job {job} is {state} in attempt {attempt} with the part {key}"
        if kind == "enhance.photo" and linked.get(job) != (found[0][1] if found else None):
            yield f"job {job} ({kind}) is {state}, its task shows {linked.get(job)}"
    for job, found in (*results.items(), *parts_of.items()):
        yield f"results {[key for _, key in found]} without their job {job}"


def _audit_files(stored):
    known = {key for (key,) in _rows("SELECT file FROM images_imagerecord")}
    for key in sorted(stored - known):
        yield f"file {key} without a row"
    for key in sorted(known - stored):
        yield f"row {key} without a file"


def _stored_files():
    root = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    return {
        str(path.relative_to(root))
        for folder in ("jobs", "uploads")
        for path in (root / folder).rglob("*")
        if path.is_file()
    }
