"""Real sample jobs that rooms offer to `manage.py demo` and to the first `make run`.

Rooms register in `ready()`; `make_request` runs only when the samples run, so it may load a
picture. The demo goes through the HTTP API like any client; it never calls a service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, kw_only=True)
class SampleFile:
    """One file of a multipart upload."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, kw_only=True)
class SampleRequest:
    """The POST that submits the job.

    `path` is the API path (`/api/v1/...`); without `files` the fields are sent as JSON.
    `estimate_seconds` is the expected running time on this machine, if the room knows it;
    `note` says what was adapted to the machine (for example a smaller crop).
    """

    path: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, SampleFile] = field(default_factory=dict)
    estimate_seconds: float | None = None
    note: str = ""


def result_url_of_job(get: Callable[[str], Mapping[str, Any]], job: Mapping[str, Any]) -> str:
    """The default place of a result: `result_url` of the job's own representation."""
    del get
    return str(job["result_url"])


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One sample job of a kind.

    `find_result(get, job)` returns the URL of the result file; `job` is the final
    `GET /api/v1/jobs/{id}/`, and `get(path)` reads further JSON from the API when needed.
    """

    kind: str
    label: _StrPromise | str
    make_request: Callable[[], SampleRequest]
    find_result: Callable[[Callable[[str], Mapping[str, Any]], Mapping[str, Any]], str] = (
        result_url_of_job
    )


_samples: dict[str, Sample] = {}


def register(sample: Sample) -> None:
    """Offer a sample; a kind is registered once."""
    if sample.kind in _samples:
        raise ValueError(f"sample of {sample.kind} is registered twice")
    _samples[sample.kind] = sample


def samples() -> list[Sample]:
    """The samples in the order of registration."""
    return list(_samples.values())
