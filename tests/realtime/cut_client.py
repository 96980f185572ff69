"""A client in its own process whose connection is cut at fixed points.

Usage: python -m tests.realtime.cut_client UNIX_SOCKET SESSION_KEY CUTS JOBS. Connection number n
is cut without a goodbye after 1 + n % 5 messages; each cut is a line on stdout. After the last
one the client follows until it knows the end of JOBS jobs, then prints its model as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys

from websockets.asyncio.client import ClientConnection, unix_connect

from tests.realtime.client_model import ClientModel

ENDED = {"succeeded", "failed", "cancelled"}


async def main(path: str, session: str, cuts: int, jobs: int) -> None:
    model = ClientModel()
    for number in range(cuts):
        async with connect(path, session) as socket:
            for _ in range(1 + number % 5):
                await listen(socket, model)
            socket.transport.abort()
        print("cut", number + 1, flush=True)
    async with connect(path, session) as socket:
        while sum(job["state"] in ENDED for job in model.jobs.values()) < jobs:
            await listen(socket, model)
    print(json.dumps(model.view()), flush=True)


def connect(path: str, session: str, origin: str = "http://localhost") -> unix_connect:
    """The socket of a signed-in page."""
    return unix_connect(
        path,
        "ws://localhost/ws/v1/feed/",
        subprotocols=["jobs.v1"],
        origin=origin,
        additional_headers={"Cookie": f"sessionid={session}"},
        ping_interval=None,
    )


async def listen(socket: ClientConnection, model: ClientModel) -> None:
    """Take one message, and ask for what a gap hides."""
    message = json.loads(await socket.recv())
    if message["type"] == "ping":
        await socket.send(json.dumps({"pong": True}))
    elif (gap := model.apply(message)) is not None:
        await socket.send(json.dumps({"resume": gap}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
