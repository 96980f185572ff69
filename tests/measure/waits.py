"""What a job waited for and how long its steps were, read from its rows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

ENDED = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Seconds from the submit until a worker had claimed it, and until its first step began;
    `whole` until its end, `step` is the device time of one unit."""

    claimed: float
    device: float
    whole: float
    step: float


def wait_of(job_id: str) -> Wait:
    """Of an enlargement that has succeeded."""
    from enhance.models import Enhancement

    made = Enhancement.objects.select_related("job").get(pk=job_id)
    job, timings = made.job, made.timings
    claimed = _seconds(job.started_at - job.created_at)
    return Wait(
        claimed=claimed,
        device=claimed + timings["decode"] + timings["load"],
        whole=_seconds(job.finished_at - job.created_at),
        step=job.device_seconds / job.total_units,
    )


def hand_in(client: httpx.Client, content: bytes, **options: Any) -> str:
    """POST a picture; the id of its job."""
    files = {"file": ("photo.png", content, "image/png")}
    answer = client.post("/api/v1/enhance", data={"cache": "false", **options}, files=files)
    return str(answer.raise_for_status().json()["job"])


def follow(client: httpx.Client, job: str, *, seconds: float, every: float = 0.1) -> str:
    """Poll to the end; the state. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state = str(client.get(f"/api/v1/jobs/{job}/").raise_for_status().json()["state"])
        if state in ENDED:
            return state
        time.sleep(every)
    raise TimeoutError(f"job {job} did not end in {seconds:.0f} s")


def _seconds(span: timedelta) -> float:
    return span.total_seconds()
