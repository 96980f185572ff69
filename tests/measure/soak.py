"""`make soak`: half an hour of small jobs of every lane; memory and open files must stay flat.

A real stack with the real `fast` network works on 64-pixel pictures: jobs through the API and the
services, cancels, failures, downloads, lists, and pages that watch over a socket. Each process is
sampled every few seconds. Exit code 1 when one grows, is replaced, or a job ends otherwise than
it should.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx

from tests.measure import host
from tests.measure.deployment import Deployment, deployment
from tests.measure.footprint import MIB_PER_HOUR, Footprint
from tests.measure.people import Person, person, photo, submit

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE = 12
WATCHERS = 4
SIDE = 64
SAMPLE_SECONDS = 5.0
PAUSE_SECONDS = 0.5
JOB_PATIENCE_SECONDS = 180
ENDED = frozenset({"succeeded", "failed", "cancelled"})
OPTIONS = {"scale": "4", "quality_level": "fast"}
# What the next job is: its way in, and how it should end. A cancel may come too late.
TURNS = (
    ("api", {"succeeded"}),
    ("batch", {"succeeded"}),
    ("api", {"succeeded"}),
    ("stream", {"succeeded"}),
    ("cancel", {"cancelled", "succeeded"}),
    ("broken", {"failed"}),
)


class Mixture:
    """One thread of users: hands in the next job, follows it to its end, takes the result."""

    def __init__(self, stack: Deployment, people: list[Person]) -> None:
        self.stack = stack
        self.people = itertools.cycle([(one, one.client(stack.url)) for one in people])
        self.photos = itertools.cycle([photo(side) for side in (SIDE, SIDE - 5, SIDE - 11)])
        self.turns = itertools.cycle(TURNS)
        self.ended: Counter[str] = Counter()
        self.faults: list[str] = []

    def run(self, *, until: threading.Event) -> None:
        """Until told; what goes wrong is a fault of the run."""
        for way, wanted in self.turns:
            if until.is_set():
                return
            who, client = next(self.people)
            try:
                state = self._one(way, who, client)
            except (httpx.HTTPError, TimeoutError) as error:
                self.faults.append(f"{way}: {type(error).__name__} {error}")
                continue
            self.ended[f"{way} {state}"] += 1
            if state not in wanted:
                self.faults.append(f"a {way} job ended {state}")
            until.wait(PAUSE_SECONDS)

    def _one(self, way: str, who: Person, client: httpx.Client) -> str:
        job = self._hand_in(way, who, client)
        if way == "cancel":
            client.post(f"/api/v1/jobs/{job}/cancel/").raise_for_status()
        state = self._follow(job, client)
        client.get("/api/v1/jobs/").raise_for_status()
        if state == "succeeded":
            client.get(f"/api/v1/download/{job}").raise_for_status()
        return state

    def _hand_in(self, way: str, who: Person, client: httpx.Client) -> str:
        content = next(self.photos)
        if way in {"api", "cancel"}:
            files = {"file": ("photo.png", content, "image/png")}
            answer = client.post("/api/v1/enhance", data={"cache": "false", **OPTIONS}, files=files)
            return str(answer.raise_for_status().json()["job"])
        if way == "broken":
            return without_original(who, content)
        return str(submit(who.user, content, lane=way, **OPTIONS).pk)

    def _follow(self, job: str, client: httpx.Client) -> str:
        end = time.monotonic() + JOB_PATIENCE_SECONDS
        while time.monotonic() < end:
            state = str(client.get(f"/api/v1/jobs/{job}/").raise_for_status().json()["state"])
            if state in ENDED:
                return state
            time.sleep(0.25)
        raise TimeoutError(f"job {job} did not end in {JOB_PATIENCE_SECONDS} s")


def without_original(who: Person, content: bytes) -> str:
    """A job that must fail: its original is gone before a worker can see it."""
    from django.db import transaction

    from enhance.models import Enhancement
    from project.images import storage

    with transaction.atomic():
        job = submit(who.user, content, **OPTIONS)
        source = Enhancement.objects.select_related("source").get(pk=job.pk).source
        assert source is not None
        storage.delete(source.file)
    return str(job.pk)


async def watch(url: str, token: str, heard: Counter[str]) -> None:
    """A page that stays open and comes back when it is cut."""
    from websockets.asyncio.client import connect
    from websockets.exceptions import WebSocketException

    address = url.replace("http://", "ws://") + "/ws/v1/feed/"
    headers = {"Authorization": f"Token {token}"}
    while True:
        try:
            async with connect(
                address, subprotocols=["jobs.v1"], additional_headers=headers, ping_interval=None
            ) as feed:
                async for message in feed:
                    heard["messages"] += 1
                    if '"ping"' in str(message):
                        await feed.send('{"pong": true}')
        except (OSError, WebSocketException):
            heard["cuts"] += 1
        await asyncio.sleep(1)


def watch_all(url: str, people: list[Person], heard: Counter[str]) -> None:
    """The watching pages, in a thread that ends with the process."""

    async def all_of_them() -> None:
        await asyncio.gather(*(watch(url, one.token, heard) for one in people))

    threading.Thread(target=lambda: asyncio.run(all_of_them()), daemon=True).start()


def moments(seconds: float) -> Iterator[float]:
    """Seconds since the beginning, at the pace of the samples."""
    began = time.monotonic()
    while (now := time.monotonic() - began) < seconds:
        yield now
        time.sleep(SAMPLE_SECONDS)


def soak(stack: Deployment, *, minutes: float, warm_up: float) -> int:
    """Run on a started stack; the exit code."""
    stack.enter()
    people = [person(f"soak{number}") for number in range(PEOPLE)]
    heard: Counter[str] = Counter()
    watch_all(stack.url, people[:WATCHERS], heard)
    mixture, stop, footprint = Mixture(stack, people), threading.Event(), Footprint()
    working = threading.Thread(target=mixture.run, kwargs={"until": stop})
    working.start()
    try:
        for seconds in moments(minutes * 60):
            footprint.take(stack.children(), seconds=seconds)
            if not working.is_alive():
                mixture.faults.append(f"the users stopped after {seconds:.0f} s")
                break
    finally:
        stop.set()
        working.join()
    print(f"\nafter {minutes:g} min, the first {warm_up:g} as warm-up; {host.load()}")
    for line in footprint.judge(warm_up_seconds=warm_up * 60):
        print(line)
    print(f"{sum(mixture.ended.values())} jobs: {dict(sorted(mixture.ended.items()))}")
    print(f"{heard['messages']} messages at {WATCHERS} sockets, cut {heard['cuts']} times")
    faults = [*footprint.faults, *mixture.faults, *([] if heard["messages"] else ["deaf sockets"])]
    return verdict(faults)


def verdict(faults: list[Any]) -> int:
    """Print what is wrong; the exit code."""
    for fault in faults[:20]:
        print(f"FAULT {fault}")
    print(f"goal: private memory below {MIB_PER_HOUR:g} MiB/h, open files flat, no fault")
    print("MISSED" if faults else "met")
    return 1 if faults else 0


def main() -> int:
    """Command line; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--warm-up", type=float, help="minutes; default: a fifth")
    parser.add_argument("--nice", type=int, default=0, help="of the stack under test")
    options = parser.parse_args()
    warm_up = options.minutes / 5 if options.warm_up is None else options.warm_up
    print(f"soak, {options.minutes:g} min; {host.describe()}", flush=True)
    with deployment(nice=options.nice) as stack:
        return soak(stack, minutes=options.minutes, warm_up=warm_up)


if __name__ == "__main__":
    sys.exit(main())
