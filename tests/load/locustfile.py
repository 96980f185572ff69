"""People with a token: each waits a second, then does one thing. Loopback only."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

from locust import FastHttpUser, constant, task

PEOPLE = itertools.cycle(json.loads(Path(os.environ["LOAD_PEOPLE"]).read_text(encoding="utf-8")))
PHOTO = Path(os.environ["LOAD_PHOTO"]).read_bytes()
BARE = os.environ["LOAD_BARE"]
SMALL_JOB = {"cache": "false", "scale": "4", "quality_level": "fast"}


class SomebodyWithJobs(FastHttpUser):
    """Reads four times as often as they write; three in fifteen requests are the yardstick."""

    wait_time = constant(float(os.environ.get("LOAD_THINK", "1")))

    def on_start(self) -> None:
        """Become the next person."""
        person = next(PEOPLE)
        self.job = person["job"]
        self.asks = {"headers": {"Authorization": f"Token {person['token']}"}}

    @task(3)
    def jobs(self) -> None:
        """The list that every page polls."""
        self.client.get("/api/v1/jobs/", name="jobs list", **self.asks)

    @task(3)
    def detail(self) -> None:
        """One job."""
        self.client.get(f"/api/v1/jobs/{self.job}/", name="job detail", **self.asks)

    @task(1)
    def events(self) -> None:
        """Its history."""
        self.client.get(f"/api/v1/jobs/{self.job}/events/", name="job events", **self.asks)

    @task(1)
    def images(self) -> None:
        """The pictures."""
        self.client.get("/api/v1/images/", name="images list", **self.asks)

    @task(1)
    def enhancements(self) -> None:
        """The enhancements."""
        self.client.get("/api/v1/tasks/", name="enhance tasks", **self.asks)

    @task(2)
    def submit_and_cancel(self) -> None:
        """A small job, and second thoughts."""
        files = {"file": ("photo.png", PHOTO, "image/png")}
        with self.client.post(
            "/api/v1/enhance",
            data=SMALL_JOB,
            files=files,
            name="submit (W)",
            catch_response=True,
            **self.asks,
        ) as answer:
            job = answer.json().get("job") if answer.status_code == 202 else None
        if job is None:
            return
        self.client.post(f"/api/v1/jobs/{job}/cancel/", name="cancel (W)", **self.asks)

    @task(1)
    def favourite(self) -> None:
        """A mark on one's own job."""
        self.client.put(f"/api/v1/jobs/{self.job}/favourite/", name="favourite (W)", **self.asks)

    @task(3)
    def bare(self) -> None:
        """The yardstick."""
        self.client.get(BARE, name="bare view")
