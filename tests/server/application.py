"""A small ASGI application for the server's tests. It is loaded with the product's settings."""

import asyncio
import os
import threading
from pathlib import Path

from project.make_way import make_way

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings.test")
BLOCK = b"x" * 65536
HEADERS = [(b"content-type", b"text/plain")]
FOLDER = Path(os.environ["_OMNILENS_TEST_ROOT"])


async def application(scope, receive, send):
    """`/slow` answers when the file `gate` exists, `/large` sends 64 MB, `/events` never ends and
    `/inattentive` does not even when its client has gone; `/makes-way` gives up its process."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    await receive()
    await VIEWS[scope["path"]](receive, send)


async def slow(receive, send):
    (FOLDER / "slow").touch()
    while not (FOLDER / "gate").exists():
        await asyncio.sleep(0.01)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"late but here"})


async def large(receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    for number in range(1024):
        await send({"type": "http.response.body", "body": BLOCK, "more_body": True})
        (FOLDER / "blocks").write_text(str(number))
    await send({"type": "http.response.body", "body": b""})


async def events(receive, send):
    types = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": types})
    await send({"type": "http.response.body", "body": b": hello\n\n", "more_body": True})
    await receive()


async def inattentive(receive, send):
    await events(receive, send)
    (FOLDER / "gone").touch()
    await asyncio.Event().wait()


async def stuck(receive, send):
    (FOLDER / "stuck").touch()
    await asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)


async def makes_way(receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"bye"})
    make_way(seconds_for_others=0.2)


VIEWS = {
    "/slow": slow,
    "/large": large,
    "/events": events,
    "/inattentive": inattentive,
    "/stuck": stuck,
    "/makes-way": makes_way,
}
