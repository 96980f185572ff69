"""After each cut of the connection the client's picture equals the database.

`make reconnect` runs these with 500 cuts during 100 jobs; the suite with fewer.
"""

from __future__ import annotations

import asyncio
import os
import random

import pytest
from asgiref.sync import sync_to_async
from hypothesis import given, settings
from hypothesis import strategies as st

from project.jobs import hooks
from tests.factories import UserFactory
from tests.realtime.bad_connection import STEPS, BadConnection, Jobs, play
from tests.realtime.cut_client import connect, listen
from tests.realtime.server import daphne
from tests.realtime.sockets import sign_in

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

CUTS = int(os.environ.get("RECONNECT_CUTS", "8"))
JOBS = int(os.environ.get("RECONNECT_JOBS", "8"))
PATIENCE_SECONDS = 20  # less than until the ping, whose comparison would repair anything
PROBABILITY = st.floats(0, 1, allow_nan=False)


@pytest.fixture
def publisher(monkeypatch):
    """Set who hears of changes; nobody at first."""

    def set_publisher(publish):
        monkeypatch.setattr(hooks, "_publisher", publish)

    set_publisher(lambda change: None)
    return set_publisher


def story(publisher, jobs):
    """A page of a new user with `jobs` jobs."""
    connection = BadConnection(UserFactory())
    publisher(connection.publish)
    return connection, Jobs(connection.owner, jobs)


@pytest.fixture
def page(publisher):
    return lambda jobs: story(publisher, jobs)


def test_whatever_the_connection_does_the_picture_equals_the_database(page):
    @settings(derandomize=True, deadline=None, max_examples=12)
    @given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 9), PROBABILITY), max_size=50))
    def holds(steps):
        connection, jobs = page(4)
        play(connection, jobs, steps)
        connection.settle()
        assert connection.difference() == {}
        jobs.end()
        connection.settle()
        assert connection.difference() == {}

    holds()


def test_after_each_of_many_cuts_the_picture_equals_the_database(page):
    rng = random.Random(20_26)
    connection, jobs = page(JOBS)
    while connection.cuts < CUTS:
        steps = [
            (rng.choice(STEPS), rng.randrange(JOBS), rng.random())
            for _ in range(rng.randint(1, 12))
        ]
        play(connection, jobs, steps)
        connection.settle()
        assert connection.difference() == {}, f"after cut {connection.cuts}: {steps}"
        connection.cut()
    jobs.end()
    connection.settle()
    assert connection.difference() == {}
    print(f"{connection.cuts} cuts during {JOBS} jobs, {jobs.turn} changes: equal after each")


def test_a_real_server_gives_the_same_picture_after_each_cut(user):
    session = sign_in(user)
    # The picture of a connection over a real socket; only the comparison is used.
    believed, jobs = BadConnection(user), Jobs(user, JOBS)
    rng = random.Random(20_27)
    change, difference = sync_to_async(jobs.change), sync_to_async(believed.difference)

    async def some_changes(most):
        for _ in range(rng.randint(0, most)):
            await change(rng.randrange(JOBS), rng.random())

    async def until_equal(socket):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await difference():
                await listen(socket, believed.client)

    async def follow(path):
        for _ in range(CUTS):
            changing = asyncio.create_task(some_changes(6))
            async with connect(path, session) as socket:
                await listen(socket, believed.client)
                await changing
                await until_equal(socket)
                await some_changes(4)
                socket.transport.abort()
            await some_changes(2)
        await sync_to_async(jobs.end)()
        async with connect(path, session) as socket:
            await listen(socket, believed.client)
            await until_equal(socket)

    with daphne() as path:
        asyncio.run(follow(path))
    assert believed.difference() == {}
    assert {job["state"] for job in believed.client.jobs.values()} <= {"succeeded", "failed"}
    print(f"{CUTS} cuts of a real socket during {JOBS} jobs: equal after each")
