"""The registry of job kinds. A new imaging service is one new kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from django.db.models import Q
    from django.utils.functional import _StrPromise
    from rest_framework.serializers import Serializer

    from project.inference.context import RunContext
    from project.jobs.models import Job


class FileSink(Protocol):
    """Where a handler leaves its files: under a key of this attempt, invisible until finish."""

    def save(self, name: str, content: bytes) -> str:
        """Store `content` as `jobs/<id>/<attempt>/<name>` and return that storage key."""
        ...


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a handler hands back.

    `commit` writes the result rows; it runs inside the finishing transaction, under the fence,
    so a worker that lost its lease leaves no row behind.
    """

    commit: Callable[[Job], None]
    model_versions: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    rate_bucket: str = ""


class Handler(Protocol):
    """`handle(job=..., context=..., files=...) -> Outcome`; raises `project.inference.errors`."""

    def __call__(self, *, job: Job, context: RunContext, files: FileSink) -> Outcome: ...


@dataclass(frozen=True, kw_only=True)
class JobFace:
    """How its owner recognises a job: a name, its page and a picture (empty: none, or gone)."""

    title: str
    page_url: str
    thumbnail_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of job.

    `handler` is a dotted path `package.module:function`, imported in the worker only, so that
    the web process never loads torch. `service` names the accent it is shown in. `describe`
    gives the faces of many jobs of this kind with a constant number of queries; a job that it
    leaves out shows the label of the kind. `title_contains` finds jobs by that title.
    """

    key: str
    label: _StrPromise | str
    params_serializer: type[Serializer[Any]]
    handler: str
    stages: Mapping[str, _StrPromise | str]
    unit: _StrPromise | str
    errors: Mapping[str, _StrPromise | str] = field(default_factory=dict)
    retryable: frozenset[str] = frozenset()
    max_attempts: int = 3
    timeout: timedelta | None = None
    units: Callable[[Mapping[str, Any]], int] | None = None
    rate_bucket: Callable[[Mapping[str, Any]], str] | None = None
    result_url: Callable[[Job], str | None] | None = None
    resubmit: Callable[[Job, Job], None] | None = None
    service: str = ""
    describe: Callable[[Sequence[Job]], Mapping[UUID, JobFace]] | None = None
    title_contains: Callable[[str], Q] | None = None

    def load_handler(self) -> Handler:
        """Import and return the handler (worker only)."""
        module, _, name = self.handler.partition(":")
        handler: Handler = getattr(import_module(module), name)
        return handler


class UnknownKind(LookupError):
    """No feature app registered this kind."""

    code = "unknown_kind"


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Called from `AppConfig.ready()`; a key is registered once."""
    if kind.key in _kinds:
        raise ValueError(f"job kind {kind.key} is registered twice")
    _kinds[kind.key] = kind


def get(key: str) -> Kind:
    """The kind, or UnknownKind."""
    try:
        return _kinds[key]
    except KeyError:
        raise UnknownKind(key) from None


def all_kinds() -> list[Kind]:
    """Every registered kind, by key."""
    return [_kinds[key] for key in sorted(_kinds)]
