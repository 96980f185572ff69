"""Fail-points kill at the armed place and nowhere else."""

from __future__ import annotations

import os
import signal

import pytest

from project import failpoints


@pytest.fixture
def kills(monkeypatch):
    """The signals that would have been sent."""
    sent = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    monkeypatch.setattr(failpoints, "_reached", {})
    return sent


def test_nothing_happens_unless_one_is_armed(kills, monkeypatch):
    monkeypatch.delenv("OMNILENS_FAILPOINT", raising=False)
    failpoints.reach("job.after_claim")
    assert kills == []


def test_the_nth_passage_of_the_armed_point_kills_this_process(kills, monkeypatch):
    monkeypatch.setenv("OMNILENS_FAILPOINT", "job.after_claim:2")
    failpoints.reach("job.before_publish")
    failpoints.reach("job.after_claim")
    assert kills == []
    failpoints.reach("job.after_claim")
    assert kills == [(os.getpid(), signal.SIGKILL)]
