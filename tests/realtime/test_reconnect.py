"""A client in another process, a real server, a real Redis, and a bad connection."""

from __future__ import annotations

import asyncio
import itertools
import json
import queue
import subprocess
import sys
import threading

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from project.realtime.publisher import drain_connections
from tests.realtime.cut_client import connect
from tests.realtime.server import daphne
from tests.realtime.sockets import sign_in
from tests.realtime.story import finish, progress, queued, start, view

pytestmark = [
    pytest.mark.services,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(scope="module")
def server(django_db_setup):
    """The unix socket of a daphne that serves this test database."""
    with daphne() as path:
        yield path


CUTS = 50
JOBS = 6
PATIENCE_SECONDS = 60


def read_lines(process, lines):
    for line in process.stdout:
        lines.put(line.decode().strip())
    lines.put(None)


def test_a_client_that_is_cut_fifty_times_ends_equal_to_the_database(user, stranger, server):
    session = sign_in(user)
    jobs = [start(queued(user)) for _ in range(JOBS)]
    lines: queue.Queue[str | None] = queue.Queue()
    client = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.realtime.cut_client",
            server,
            session,
            str(CUTS),
            str(JOBS),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        threading.Thread(target=read_lines, args=(client, lines), daemon=True).start()
        change_until_cut(jobs, queued(stranger), lines)
        for job in jobs:
            finish(job)
        model = json.loads(lines.get(timeout=PATIENCE_SECONDS))
    finally:
        client.kill()
        client.wait(timeout=10)
    assert model == view(user)
    assert {entry[1] for entry in model.values()} == {"succeeded"}


def change_until_cut(jobs, theirs, lines):
    """Keep changing the jobs, and a stranger's, until the client was cut CUTS times."""
    for turn in itertools.count():
        progress(jobs[turn % JOBS], (turn % 1000) / 1000)
        progress(theirs, 0.5)
        try:
            line = lines.get(timeout=0.01)
        except queue.Empty:
            continue
        assert line is not None, "the client ended early"
        if line == f"cut {CUTS}":
            return


def test_a_stopping_server_closes_its_sockets_with_4410(user, server):
    session = sign_in(user)

    async def closing_code(path):
        async with connect(path, session) as socket:
            assert json.loads(await socket.recv())["type"] == "snapshot"
            drain_connections()
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), PATIENCE_SECONDS)
            return closed.value.rcvd.code

    assert asyncio.run(closing_code(server)) == 4410


def test_a_cross_origin_page_is_refused_by_the_real_server(user, server):
    session = sign_in(user)

    async def knock(path):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(path, session, origin="http://evil.example"):
                pass
        return refused.value.response.status_code

    assert asyncio.run(knock(server)) == 403
