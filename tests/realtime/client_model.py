"""The client rule of docs/api/websocket.md once more, independent of the page script."""

from __future__ import annotations

from typing import Any

FACTS = ("favourite", "cancel_requested")


class ClientModel:
    """`{job: what is known}`; `apply` returns the resume request that a gap calls for."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}

    def apply(self, message: dict[str, Any]) -> dict[str, int] | None:
        if message["type"] == "snapshot":
            self._snapshot(message)
        elif message["type"] == "job":
            return self._change(message)
        return None

    def _snapshot(self, message: dict[str, Any]) -> None:
        if message["complete"]:
            self.jobs = {}
        for job in message["jobs"]:
            if job["seq"] >= self.seq(job["job"]):
                self.jobs[job["job"]] = job
        for job in message["gone"]:
            self.jobs.pop(job, None)

    def _change(self, message: dict[str, Any]) -> dict[str, int] | None:
        known = self.seq(message["job"])
        if not (message["ephemeral"] and message["seq"] == known):
            if message["seq"] <= known:
                return None
            if message["from_seq"] > known + 1:
                return {message["job"]: known}
        facts = {name: message["data"][name] for name in FACTS if name in message["data"]}
        self.jobs[message["job"]] = {**self.jobs.get(message["job"], {}), **message, **facts}
        return None

    def seq(self, job: str) -> int:
        return self.jobs.get(job, {}).get("seq", 0)

    def view(self) -> dict[str, list[Any]]:
        """What must equal the database."""
        return {
            job: [known["seq"], known["state"], known["stage"], known["progress"]]
            for job, known in self.jobs.items()
        }
