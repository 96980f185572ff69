"""Clients of a running stack: they upload as people do and hear of the end over a socket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from tests.measure.feed_clients import ENDED, feed

PATIENCE_SECONDS = 900


@dataclass
class Ear:
    """One open socket of a person; `ended` holds the client's clock at the end of each job."""

    address: str
    token: str
    ended: dict[str, float] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ready, self._news = asyncio.Event(), asyncio.Condition()

    async def listen(self) -> None:
        """Until cancelled."""
        async with feed(self.address, self.token) as socket:
            async for text in socket:
                if '"type": "ping"' in text:
                    await socket.send('{"pong": true}')
                elif '"type": "snapshot"' in text:
                    self.ready.set()
                elif any(word in text for word in ENDED):
                    message = json.loads(text)
                    async with self._news:
                        self.ended.setdefault(message["job"], time.perf_counter())
                        self.states[message["job"]] = message["state"]
                        self._news.notify_all()

    async def end_of(self, job: str) -> float:
        """The moment at which this client heard of the end. Raises RuntimeError on a failure."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            await self._news.wait_for(lambda: job in self.ended)
        if self.states[job] != "succeeded":
            raise RuntimeError(f"job {job} ended {self.states[job]}")
        return self.ended[job]


@dataclass(frozen=True, kw_only=True)
class Streamed:
    """Seconds from the first request until the first and the last result were announced."""

    first: float
    total: float


async def stream(
    url: str, token: str, pictures: Sequence[bytes], *, at_once: int, **options: str
) -> Streamed:
    """Hand in `pictures` by `at_once` clients, each of which asks for the next when it has one."""
    ear = Ear(url.replace("http://", "ws://") + "/ws/v1/feed/", token)
    listening = asyncio.create_task(ear.listen())
    headers = {"Authorization": f"Token {token}"}
    waiting, ends = list(reversed(pictures)), []

    async def client() -> None:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=120) as http:
            while waiting:
                files = {"file": ("photo.png", waiting.pop(), "image/png")}
                answer = await http.post("/api/v1/enhance", data=options, files=files)
                ends.append(await ear.end_of(answer.raise_for_status().json()["job"]))

    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await ear.ready.wait()
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(client())
    finally:
        listening.cancel()
    return Streamed(first=min(ends) - began, total=max(ends) - began)
