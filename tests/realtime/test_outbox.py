"""Back pressure, without any network."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.realtime.outbox import MAX_PENDING, Outbox, TooSlow
from tests.realtime.client_model import ClientModel


def message(seq, *, job="a", ephemeral=False, progress=0.0, data=None):
    return {
        "v": 1, "type": "job", "job": job, "kind": "k", "seq": seq, "from_seq": seq,
        "event": "progress", "state": "running", "stage": "s", "progress": progress,
        "ephemeral": ephemeral, "done": 0, "total": 0, "eta_seconds": None, "data": data or {},
    }  # fmt: skip


def test_the_first_change_of_a_job_is_sent_at_once():
    outbox = Outbox()
    outbox.offer(message(1))
    assert outbox.delay(100.0) == 0
    assert [sent["seq"] for sent in outbox.take(100.0)] == [1]
    assert outbox.delay(100.0) is None


def test_one_job_is_sent_at_most_five_times_a_second():
    outbox, sent = Outbox(), []
    for step in range(1000):
        outbox.offer(message(step + 1))
        sent += outbox.take(step / 1000)
    assert len(sent) == 5
    assert [change["from_seq"] for change in sent] == [1, *(c["seq"] + 1 for c in sent[:-1])]


def test_a_paced_job_does_not_hold_up_another():
    outbox = Outbox()
    outbox.offer(message(1, job="a"))
    outbox.take(0.0)
    outbox.offer(message(2, job="a"))
    outbox.offer(message(1, job="b"))
    assert [change["job"] for change in outbox.take(0.1)] == ["b"]
    assert outbox.delay(0.1) == pytest.approx(0.1)
    assert [change["job"] for change in outbox.take(0.2)] == ["a"]


def test_a_stalled_client_costs_at_most_64_messages():
    outbox = Outbox()
    for seq in range(1, 50):
        for number in range(MAX_PENDING):
            outbox.offer(message(seq, job=f"job{number}"))
    assert len(outbox) == MAX_PENDING == 64
    with pytest.raises(TooSlow):
        outbox.offer(message(1, job="one more"))
    assert len(outbox) == MAX_PENDING


def test_coalescing_keeps_a_gap_visible():
    outbox = Outbox()
    outbox.offer(message(3))
    outbox.offer(message(7))
    (sent,) = outbox.take(0.0)
    assert (sent["from_seq"], sent["seq"]) == (7, 7)


def test_a_late_message_changes_nothing():
    outbox = Outbox()
    outbox.offer(message(5, progress=0.5))
    outbox.offer(message(4, progress=0.4))
    outbox.offer(message(4, ephemeral=True, progress=0.45))
    (sent,) = outbox.take(0.0)
    assert (sent["seq"], sent["progress"]) == (5, 0.5)


def test_unstored_progress_moves_a_waiting_stored_event():
    outbox = Outbox()
    outbox.offer(message(5, progress=0.5, data={"preview": "p"}))
    outbox.offer(message(5, ephemeral=True, progress=0.6))
    (sent,) = outbox.take(0.0)
    assert (sent["seq"], sent["progress"], sent["ephemeral"]) == (5, 0.6, False)
    assert sent["data"] == {"preview": "p"}


def test_what_a_coalesced_event_carried_is_not_lost():
    outbox = Outbox()
    outbox.offer(message(5, data={"preview": "p"}))
    outbox.offer(message(6))
    (sent,) = outbox.take(0.0)
    assert sent["data"] == {"preview": "p"}


@given(
    steps=st.lists(
        st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans(), st.booleans()), max_size=80
    )
)
def test_a_client_behind_the_outbox_never_believes_more_than_was_told(steps):
    """Numbering and coalescing, with losses: gaps are noticed, and nothing else is."""
    outbox, client, lost, now = Outbox(), ClientModel(), set(), 0.0
    seq = dict.fromkeys("abc", 0)
    told = dict.fromkeys("abc", 0.0)
    for job, ephemeral, drop, pause in steps:
        told[job] += 0.001
        seq[job] += not ephemeral
        if drop and not ephemeral:
            lost.add(job)
        else:
            outbox.offer(message(seq[job], job=job, ephemeral=ephemeral, progress=told[job]))
        now += 0.3 if pause else 0.0
        for sent in outbox.take(now):
            gap = client.apply(sent)
            assert gap is None or job in lost or sent["job"] in lost
    for sent in outbox.take(now + 1):
        client.apply(sent)
    for job in set("abc") - lost:
        if seq[job]:
            assert client.jobs[job]["seq"] == seq[job]
            assert client.jobs[job]["progress"] == told[job]
    for job in lost & set(client.jobs):
        assert client.jobs[job]["seq"] <= seq[job]
