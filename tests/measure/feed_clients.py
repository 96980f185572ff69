"""The pages of `make sockets`, in a process of their own: 200 that read and ten that do not.

Usage: python -m tests.measure.feed_clients URL. The first line on stdin is a JSON object
`{"tokens": [...], "each": 10, "stalled": token, "stalls": 10}`. Prints `ready` when all have their
snapshot; on the line `done` prints what each socket saw as JSON and ends.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

ENDED = ('"state": "succeeded"', '"state": "failed"', '"state": "cancelled"')
EACH_TIMED = 7
SMALL_BUFFER_BYTES = 4096  # so that what is not read stays with the server, not with the kernel
FAREWELL_SECONDS = 10


class Page:
    """One socket that reads, answers pings and comes back when it is closed."""

    def __init__(self, address: str, token: str) -> None:
        self.address = address
        self.token = token
        self.ended: set[str] = set()
        self.messages = 0
        self.closed: Counter[str] = Counter()
        self.delays: list[float] = []
        self.ready = asyncio.Event()

    async def live(self) -> None:
        """Until cancelled."""
        while True:
            try:
                async with feed(self.address, self.token) as one:
                    await self._read(one)
            except ConnectionClosed as error:
                self.closed[str(error.rcvd.code if error.rcvd else "cut")] += 1
            except (OSError, WebSocketException) as error:
                self.closed[type(error).__name__] += 1
                await asyncio.sleep(0.5)

    async def _read(self, one: ClientConnection) -> None:
        async for text in one:
            self.messages += 1
            if '"type": "ping"' in text:
                await one.send('{"pong": true}')
            elif any(word in text for word in ENDED) or '"type": "snapshot"' in text:
                self._note(json.loads(text))
            elif self.messages % EACH_TIMED == 0:
                sent = json.loads(text).get("data", {}).get("sent")
                if sent is not None:
                    self.delays.append(time.time() - sent)

    def _note(self, message: dict[str, Any]) -> None:
        jobs = message["jobs"] if message["type"] == "snapshot" else [message]
        self.ended |= {j["job"] for j in jobs if j["state"] in ("succeeded", "failed", "cancelled")}
        self.ready.set()


def feed(address: str, token: str, **options: Any) -> connect:
    """A socket of a signed-in program."""
    headers = {"Authorization": f"Token {token}"}
    return connect(
        address,
        subprotocols=["jobs.v1"],
        additional_headers=headers,
        ping_interval=None,
        compression=None,
        **options,
    )


async def stall(address: str, token: str) -> ClientConnection:
    """A page that is open and takes nothing."""
    parts = urlsplit(address)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, (parts.hostname, parts.port))
    return await feed(address, token, sock=sock, max_queue=1)


async def farewell(stalled: ClientConnection) -> str:
    """Read what is left; how the server ended it, or `open`."""
    try:
        async with asyncio.timeout(FAREWELL_SECONDS):
            while True:
                await stalled.recv()
    except ConnectionClosed as error:
        return str(error.rcvd.code) if error.rcvd else "cut"
    except TimeoutError:
        return "open"


async def main(url: str) -> None:
    """Everything of one run."""
    address = url.replace("http://", "ws://") + "/ws/v1/feed/"
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    asked = json.loads(await lines.readline())
    pages = [Page(address, token) for token in asked["tokens"] for _ in range(asked["each"])]
    living = []
    for page in pages:
        living.append(asyncio.create_task(page.live()))
        await page.ready.wait()
    stalled = [await stall(address, asked["stalled"]) for _ in range(asked["stalls"])]
    print("ready", flush=True)
    await lines.readline()
    for task in living:
        task.cancel()
    saw = {
        "ended": [sorted(page.ended) for page in pages],
        "messages": [page.messages for page in pages],
        "closed": dict(sum((page.closed for page in pages), Counter())),
        "delays": [delay for page in pages for delay in page.delays],
        "stalled": dict(Counter(await asyncio.gather(*map(farewell, stalled)))),
    }
    print(json.dumps(saw), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
