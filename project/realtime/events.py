"""Every message of the feed, typed: the single list of what travels (docs/api/websocket.md).

The same payloads go over the socket, SSE and polling. A change that would break a client
raises VERSION and the name of the subprotocol.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypedDict, cast, get_args

from project.jobs.api.payload import JobPayload, StateName, state_name
from project.jobs.hooks import JobChange
from project.jobs.models import Job, JobEvent

VERSION: Literal[1] = 1
SUBPROTOCOL = "jobs.v1"
FEED_PATH = "ws/v1/feed/"

EventName = Literal[
    "queued", "started", "progress", "partial", "requeued", "succeeded", "failed", "cancelled"
]
ErrorCode = Literal["invalid", "too_large", "resync_required"]
CloseCode = Literal[4401, 4408, 4409, 4410]

UNAUTHENTICATED: CloseCode = 4401
TOO_SLOW: CloseCode = 4408
TOO_MANY_SOCKETS: CloseCode = 4409
DRAINING: CloseCode = 4410


class SnapshotMessage(TypedDict):
    """The present state of jobs; a `complete` one replaces all that the client knows."""

    v: Literal[1]
    type: Literal["snapshot"]
    complete: bool
    jobs: list[JobPayload]
    gone: list[str]


class JobMessage(TypedDict):
    """One change of one job; `from_seq` is smaller than `seq` after coalescing."""

    v: Literal[1]
    type: Literal["job"]
    job: str
    kind: str
    seq: int
    from_seq: int
    event: EventName
    state: StateName
    stage: str
    progress: float
    ephemeral: bool
    done: int
    total: int
    eta_seconds: float | None
    data: dict[str, Any]


class ErrorMessage(TypedDict):
    """What was wrong with a message of the client; `resync_required` asks for a snapshot."""

    v: Literal[1]
    type: Literal["error"]
    code: ErrorCode
    detail: str


class PingMessage(TypedDict):
    """Proof of life; the client answers `{"pong": true}`."""

    v: Literal[1]
    type: Literal["ping"]


ServerMessage = SnapshotMessage | JobMessage | ErrorMessage | PingMessage
SERVER_MESSAGES: tuple[type, ...] = get_args(ServerMessage)


class ResumeRequest(TypedDict):
    """`{job: known seq}` of at most 100 jobs with a gap."""

    resume: dict[str, int]


class SnapshotRequest(TypedDict):
    """Ask for a complete snapshot."""

    snapshot: Literal[True]


class Pong(TypedDict):
    """The answer to a ping."""

    pong: Literal[True]


ClientMessage = ResumeRequest | SnapshotRequest | Pong
CLIENT_MESSAGES: tuple[type, ...] = get_args(ClientMessage)


def event_name(name: str) -> EventName:
    """The event as the type of the protocol; raises ValueError for another word."""
    return cast("EventName", JobEvent.Name(name).value)


def job_message(change: JobChange) -> JobMessage:
    """A committed change as it is pushed."""
    return {
        "v": VERSION,
        "type": "job",
        "job": str(change.job),
        "kind": change.kind,
        "seq": change.seq,
        "from_seq": change.seq,
        "event": event_name(change.event),
        "state": state_name(change.state),
        "stage": change.stage,
        "progress": change.progress,
        "ephemeral": change.ephemeral,
        "done": change.done,
        "total": change.total,
        "eta_seconds": change.eta_seconds,
        "data": dict(change.data),
    }


def replayed_message(event: JobEvent, job: Job) -> JobMessage:
    """A stored event, with the present state of its job: the past one is not kept."""
    return {
        "v": VERSION,
        "type": "job",
        "job": str(job.pk),
        "kind": job.kind,
        "seq": event.seq,
        "from_seq": event.seq,
        "event": event_name(event.name),
        "state": state_name(job.state),
        "stage": job.stage,
        "progress": job.progress,
        "ephemeral": False,
        "done": job.done_units,
        "total": job.total_units,
        "eta_seconds": None,
        "data": event.data,
    }


def snapshot_message(
    jobs: Iterable[JobPayload], *, complete: bool, gone: Iterable[str] = ()
) -> SnapshotMessage:
    """The present state of `jobs`; `gone` are ids that name no job of this user."""
    return {
        "v": VERSION,
        "type": "snapshot",
        "complete": complete,
        "jobs": list(jobs),
        "gone": list(gone),
    }


def error_message(code: ErrorCode, detail: str) -> ErrorMessage:
    """An answer to a message that could not be used."""
    return {"v": VERSION, "type": "error", "code": code, "detail": detail}


def ping_message() -> PingMessage:
    """Proof of life."""
    return {"v": VERSION, "type": "ping"}


def user_group(user_id: int) -> str:
    """The channel group of all live connections of one user."""
    return f"user.{user_id}"
