"""Run samples one after the other, keep their results, say how each went."""

from __future__ import annotations

import io
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from PIL import Image, UnidentifiedImageError

from project.demo.client import DemoFailed
from project.samples import Sample, SampleRequest

POLL_SECONDS = 0.5
TERMINAL = frozenset({"succeeded", "failed", "cancelled"})


class Client(Protocol):
    """What the run needs of ApiClient."""

    def submit(self, request: SampleRequest) -> str: ...
    def get(self, path: str) -> Mapping[str, Any]: ...
    def download(self, url: str) -> tuple[bytes, str]: ...


@dataclass(frozen=True, kw_only=True)
class SampleOutcome:
    """One row of the table; `state` is a job state, or `refused` when no job came to be."""

    kind: str
    state: str
    seconds: float | None = None
    size_in: str = ""
    size_out: str = ""
    file: Path | None = None
    detail: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the job ended with a result that was saved."""
        return self.state == "succeeded" and self.file is not None


def announce(prepared: Sequence[tuple[Sample, SampleRequest]], say: Callable[[str], None]) -> None:
    """What will run, and how long that is expected to take on this machine."""
    for sample, request in prepared:
        expected = "time not known yet"
        if request.estimate_seconds is not None:
            expected = f"about {max(1, round(request.estimate_seconds))} s"
        note = f" ({request.note})" if request.note else ""
        say(f"{sample.kind}: {sample.label}, {expected}{note}")


def run_sample(
    sample: Sample,
    request: SampleRequest,
    *,
    client: Client,
    folder: Path,
    patience_seconds: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> SampleOutcome:
    """Submit, wait, save the result under `folder`. A refusal becomes a row, not an exception."""
    size_in = _describe(next((file.content for file in request.files.values()), b""))
    try:
        job = _wait(client, client.submit(request), patience_seconds, clock, sleep)
        if job["state"] != "succeeded":
            error = job.get("error") or {}
            detail = f"{error.get('code', '')} {error.get('detail', '')}".strip()
            return SampleOutcome(
                kind=sample.kind, state=str(job["state"]), size_in=size_in, detail=detail
            )
        content, media_type = client.download(sample.find_result(client.get, job))
    except (DemoFailed, KeyError) as error:
        return SampleOutcome(kind=sample.kind, state="refused", size_in=size_in, detail=str(error))
    return SampleOutcome(
        kind=sample.kind,
        state="succeeded",
        seconds=_run_seconds(job),
        size_in=size_in,
        size_out=_describe(content),
        file=_save(folder, sample.kind, content, media_type),
    )


def _wait(
    client: Client,
    job_id: str,
    patience_seconds: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Mapping[str, Any]:
    give_up = clock() + patience_seconds
    while True:
        job = client.get(f"/api/v1/jobs/{job_id}/")
        if job["state"] in TERMINAL:
            return job
        if clock() >= give_up:
            raise DemoFailed(f"job {job_id} is still {job['state']} after {patience_seconds:.0f} s")
        sleep(POLL_SECONDS)


def _run_seconds(job: Mapping[str, Any]) -> float | None:
    started, finished = job.get("started_at"), job.get("finished_at")
    if not started or not finished:
        return None
    return (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds()


def _save(folder: Path, kind: str, content: bytes, media_type: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{kind}{mimetypes.guess_extension(media_type) or '.bin'}"
    path.write_bytes(content)
    return path


def _describe(content: bytes) -> str:
    """Bytes, and width x height for a picture."""
    if not content:
        return "-"
    size = f"{len(content) / 1000:.0f} kB"
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return f"{picture.width}x{picture.height}, {size}"
    except UnidentifiedImageError:
        return size
