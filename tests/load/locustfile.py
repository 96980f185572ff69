"""Ten people who read: each waits a second, then asks for one thing. Loopback only."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

from locust import FastHttpUser, constant, task

PEOPLE = itertools.cycle(json.loads(Path(os.environ["LOAD_PEOPLE"]).read_text(encoding="utf-8")))
BARE = os.environ["LOAD_BARE"]


class Reader(FastHttpUser):
    """One signed-in reader with an API token and a few finished jobs."""

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
    def job(self) -> None:
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

    @task(3)
    def bare(self) -> None:
        """The yardstick."""
        self.client.get(BARE, name="bare view")
