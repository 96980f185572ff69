"""What a signed-in page hears."""

from __future__ import annotations

import threading

import pytest
from asgiref.sync import SyncToAsync, sync_to_async
from redis.exceptions import ConnectionError

from project.jobs.hooks import JobChange
from project.jobs.models import Job, JobEvent
from project.realtime import connections, publisher
from project.realtime.feed_consumer import FeedConsumer, Pace
from project.uuid7 import uuid7
from tests.realtime.client_model import ClientModel
from tests.realtime.sockets import closing_code, hear, opened
from tests.realtime.story import afinish, aprogress, aqueued, astart, aview, progress

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


async def follow(socket, model, until):
    """Apply messages, asking to resume at gaps, until the model says so."""
    while not until(model):
        if (gap := model.apply(await hear(socket))) is not None:
            await socket.send_json_to({"resume": gap})


async def pruned(job, seqs):
    await JobEvent.objects.filter(job=job, seq__in=seqs).adelete()


async def test_snapshot_then_deltas_equals_the_database(user):
    early = await astart(await aqueued(user))
    async with opened(user) as socket:
        model = ClientModel()
        model.apply(await hear(socket))
        assert model.view() == await aview(user)
        late = await aqueued(user)
        await astart(late)
        for share in (0.25, 0.5, 0.75):
            await aprogress(early, share)
        await afinish(early)
        await afinish(late)
        ended = {str(early.pk): 6, str(late.pk): 3}
        await follow(socket, model, lambda m: {job: m.seq(job) for job in m.jobs} == ended)
    assert model.view() == await aview(user)


async def test_a_change_does_not_wait_for_the_thread_that_all_sockets_share(user):
    job = await astart(await aqueued(user))
    async with opened(user) as socket:
        await hear(socket)
        database = threading.Event()
        SyncToAsync.single_thread_executor.submit(database.wait)
        try:
            publisher.publish_change(
                JobChange(
                    **{name: getattr(job, name) for name in ("owner_id", "kind", "state", "stage")},
                    job=job.pk,
                    seq=job.seq + 1,
                    event="progress",
                    progress=0.5,
                    done=1,
                    total=2,
                )
            )
            assert (await hear(socket))["progress"] == 0.5
        finally:
            database.set()


async def test_a_change_during_the_snapshot_is_neither_lost_nor_told_twice(user, monkeypatch):
    from project.realtime import live_jobs

    job = await astart(await aqueued(user))
    read = live_jobs.read_snapshot

    def read_while_it_changes(**arguments):
        progress(job, 0.3)
        jobs = read(**arguments)
        progress(job, 0.6)
        publisher.flush()
        return jobs

    monkeypatch.setattr(live_jobs, "read_snapshot", read_while_it_changes)
    async with opened(user) as socket:
        snapshot, change = await hear(socket), await hear(socket)
        await afinish(job)
        last = await hear(socket)
    assert [entry["seq"] for entry in snapshot["jobs"]] == [3]
    assert (change["type"], change["from_seq"], change["seq"]) == ("job", 4, 4)
    assert (last["from_seq"], last["seq"], last["state"]) == (5, 5, "succeeded")


async def test_a_gap_is_repaired_by_resume(user, monkeypatch):
    from project.jobs import hooks

    job = await astart(await aqueued(user))
    async with opened(user) as socket:
        model = ClientModel()
        model.apply(await hear(socket))
        with monkeypatch.context() as silence:
            silence.setattr(hooks, "_publisher", lambda change: None)
            await aprogress(job, 0.4)
            await aprogress(job, 0.5)
        await afinish(job)
        change = await hear(socket)
        gap = model.apply(change)
        assert (change["from_seq"], gap) == (5, {str(job.pk): 2})
        await socket.send_json_to({"resume": gap})
        replayed = [await hear(socket) for _ in range(3)]
        for message in replayed:
            assert model.apply(message) is None
    assert [(m["event"], m["seq"]) for m in replayed] == [
        ("progress", 3), ("progress", 4), ("succeeded", 5),
    ]  # fmt: skip
    assert model.view() == await aview(user)


async def test_pruned_events_fall_back_to_a_snapshot(user):
    job = await astart(await aqueued(user))
    await aprogress(job, 0.5)
    await afinish(job)
    await pruned(job, [2, 3])
    async with opened(user) as socket:
        await hear(socket)
        await socket.send_json_to({"resume": {str(job.pk): 1}})
        answer = await hear(socket)
    assert (answer["type"], answer["complete"], answer["gone"]) == ("snapshot", False, [])
    assert [(entry["job"], entry["seq"], entry["state"]) for entry in answer["jobs"]] == [
        (str(job.pk), 4, "succeeded")
    ]


async def test_a_long_gap_is_answered_with_the_present_state(user):
    job = await astart(await aqueued(user))
    for share in range(1, 25):
        await aprogress(job, share / 100)
    async with opened(user) as socket:
        await hear(socket)
        await socket.send_json_to({"resume": {str(job.pk): 1}})
        answer = await hear(socket)
    assert (answer["type"], answer["jobs"][0]["seq"]) == ("snapshot", 26)


async def test_a_stranger_never_receives_another_users_event(user, stranger):
    theirs, own = await aqueued(stranger), await aqueued(user)
    async with opened(user) as socket:
        snapshot = await hear(socket)
        await astart(theirs)
        await astart(own)
        change = await hear(socket)
        await socket.send_json_to({"resume": {str(theirs.pk): 0, str(uuid7()): 0}})
        answer = await hear(socket)
        await socket.send_json_to({"snapshot": True})
        again = await hear(socket)
    assert [entry["job"] for entry in snapshot["jobs"]] == [str(own.pk)]
    assert change["job"] == str(own.pk)
    assert answer["jobs"] == []
    assert str(theirs.pk) in answer["gone"]
    assert len(answer["gone"]) == 2  # absent and invisible look the same
    assert [entry["job"] for entry in again["jobs"]] == [str(own.pk)]


async def test_a_change_that_was_never_pushed_arrives_with_the_next_ping(user, monkeypatch):
    from project.jobs import hooks

    job = await astart(await aqueued(user))
    async with opened(user, pace=Pace(ping_seconds=0.05)) as socket:
        await hear(socket)
        monkeypatch.setattr(hooks, "_publisher", lambda change: None)
        await afinish(job)
        repair = await hear(socket)
    assert (repair["type"], repair["complete"]) == ("snapshot", False)
    assert [(entry["job"], entry["state"]) for entry in repair["jobs"]] == [
        (str(job.pk), "succeeded")
    ]


async def test_the_snapshot_holds_every_open_job_and_the_newest_fifty(user):
    old_open = await aqueued(user)
    old_ended = await afinish(await astart(await aqueued(user)))
    for _ in range(50):
        await aqueued(user)
    async with opened(user) as socket:
        jobs = {entry["job"] for entry in (await hear(socket))["jobs"]}
    assert str(old_open.pk) in jobs
    assert str(old_ended.pk) not in jobs
    assert len(jobs) == 51


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid"),
        ("{", "invalid"),
        ("[" * 10_000, "invalid"),
        ("null", "invalid"),
        ("[]", "invalid"),
        ('{"resume": []}', "invalid"),
        ('{"resume": {"x": 1}}', "invalid"),
        ('{"resume": {"%s": -1}}', "invalid"),
        ('{"resume": {"%s": true}}', "invalid"),
        ('{"resume": {"%s": 1.5}}', "invalid"),
        ('{"resume": {"%s": 99999999999999999999}}', "invalid"),
        ('{"resume": {"%s": "1 OR 1=1"}}', "invalid"),
        ('{"subscribe": ["user.1"]}', "invalid"),
        ('{"type": "job.changed"}', "invalid"),
        ('{"pong": true, "x": "' + "x" * 20_000 + '"}', "too_large"),
    ],
)
async def test_a_malformed_message_gets_an_error_and_the_socket_stays(user, text, code):
    job = await aqueued(user)
    async with opened(user) as socket:
        await hear(socket)
        await socket.send_input(
            {"type": "websocket.receive", "text": text.replace("%s", str(job.pk))}
        )
        answer = await hear(socket)
        await astart(job)
        after = await hear(socket)
    assert (answer["v"], answer["type"], answer["code"]) == (1, "error", code)
    assert answer["detail"]
    assert after["event"] == "started"


async def test_a_binary_message_gets_an_error(user):
    async with opened(user) as socket:
        await hear(socket)
        await socket.send_to(bytes_data=b"\x00\xff")
        assert (await hear(socket))["code"] == "invalid"


async def test_more_than_a_hundred_resumed_jobs_ask_for_a_snapshot(user):
    async with opened(user) as socket:
        await hear(socket)
        await socket.send_json_to({"resume": {str(uuid7()): 0 for _ in range(101)}})
        assert (await hear(socket))["code"] == "resync_required"


async def test_a_client_that_answers_no_ping_is_closed(user):
    async with opened(user, pace=Pace(ping_seconds=0.02, unanswered_pings=2)) as socket:
        assert await closing_code(socket) == 4408


async def test_a_client_that_answers_pings_stays(user):
    async with opened(user, pace=Pace(ping_seconds=0.02, unanswered_pings=2)) as socket:
        await hear(socket)
        for _ in range(6):
            assert await socket.receive_json_from(5) == {"v": 1, "type": "ping"}
            await socket.send_json_to({"pong": True})


async def test_sixty_four_waiting_jobs_close_a_socket_that_does_not_drain(user, monkeypatch):
    from project.realtime.publisher import publish_change
    from tests.realtime.test_publisher import change_of

    async def stalled(self):
        del self

    monkeypatch.setattr(FeedConsumer, "write", stalled)
    async with opened(user) as socket:
        await hear(socket)
        for _ in range(65):
            publish_change(change_of(user, job=uuid7()))
        assert await closing_code(socket) == 4408


async def test_a_stopping_server_says_so(user):
    async with opened(user) as socket:
        await hear(socket)
        await sync_to_async(publisher.drain_connections, thread_sensitive=False)()
        assert await closing_code(socket) == 4410


async def test_errors_are_told_in_the_readers_language(user):
    user.language = "zh-hans"
    await user.asave()
    job = await aqueued(user)
    await Job.objects.filter(pk=job.pk).aupdate(
        state="failed", error_code="echo_failed", finished_at=job.created_at
    )
    async with opened(user) as socket:
        entry = (await hear(socket))["jobs"][0]
    assert entry["error"] == {"code": "echo_failed", "detail": "The echo was lost (zh-hans)."}


async def test_a_socket_without_redis_is_asked_to_come_back_later(user, monkeypatch):
    async def away(**connection):
        raise ConnectionError

    monkeypatch.setattr(connections, "aenter", away)
    async with opened(user) as socket:
        assert await closing_code(socket) == 1013


async def test_a_failing_task_closes_the_socket_instead_of_leaving_it_deaf(user, monkeypatch):
    async def broken(self):
        raise RuntimeError("a bug")

    monkeypatch.setattr(FeedConsumer, "write", broken)
    async with opened(user, pace=Pace(ping_seconds=3600)) as socket:
        assert await closing_code(socket) == 1011
