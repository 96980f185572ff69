"""The scheduler: one failing item never stops the others; a stop is quick."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from project import periodic
from project.management.commands import schedule
from project.periodic import PeriodicWork, Scheduler
from tests.supervisor.conftest import eventually

ROOT = Path(__file__).resolve().parents[2]


def run_for(seconds, clock, items):
    """Run a scheduler whose waiting advances the clock, until `seconds` have passed."""
    end = clock.now + seconds

    def wait(pause):
        clock.now += pause
        return clock.now > end

    scheduler = Scheduler(items, clock=clock, wait=wait)
    scheduler.run()
    return scheduler


def work(name, seconds, function):
    return PeriodicWork(name=name, every=timedelta(seconds=seconds), function=function)


def test_each_item_runs_on_its_own_beat(clock):
    ran = []
    run_for(10, clock, [
        work("sweep", 2, lambda: ran.append("sweep")),
        work("retention", 5, lambda: ran.append("retention")),
    ])  # fmt: skip
    assert (ran.count("sweep"), ran.count("retention")) == (6, 3)


def test_a_failing_item_is_logged_counted_and_does_not_stop_the_others(clock, caplog):
    ran = []

    def fail():
        raise RuntimeError("the bucket is gone")

    scheduler = run_for(5, clock, [
        work("retention", 2, fail), work("sweep", 2, lambda: ran.append(1)),
    ])  # fmt: skip
    assert scheduler.failures == {"retention": 3}
    assert scheduler.runs == {"retention": 3, "sweep": 3}
    assert len(ran) == 3
    assert "periodic work retention failed (3 failures of 3 runs)" in caplog.text
    assert "the bucket is gone" in caplog.text


def test_a_name_is_registered_once(monkeypatch):
    monkeypatch.setattr(periodic, "_items", {})
    periodic.register("x", timedelta(1), lambda: None)
    with pytest.raises(ValueError, match="twice"):
        periodic.register("x", timedelta(1), lambda: None)
    assert [item.name for item in periodic.registered()] == ["x"]


@pytest.mark.django_db
def test_long_periodic_work_does_not_hold_up_the_sweep(monkeypatch, kept_signals):
    swept, was_released, released = [], [], threading.Event()

    def sweep():
        swept.append(1)
        if len(swept) == 2:
            released.set()
            os.kill(os.getpid(), signal.SIGTERM)

    long = work("long", 3600, lambda: was_released.append(released.wait(10)))
    monkeypatch.setattr(periodic, "_items", {"long": long})
    monkeypatch.setattr("project.jobs.sweep.sweep", sweep)
    monkeypatch.setattr(schedule, "SWEEP_EVERY", timedelta(0))
    call_command("schedule")
    assert was_released == [True]


@pytest.mark.django_db
def test_long_periodic_work_does_not_hold_up_what_is_prompt(monkeypatch, kept_signals):
    """Retries of webhooks are prompt: they do not wait for a look at every stored file."""
    assert {item.name for item in periodic.registered() if item.is_prompt} == {"webhooks.sweep"}
    was_released, released = [], threading.Event()

    def prompt():
        released.set()
        os.kill(os.getpid(), signal.SIGTERM)

    long = work("long", 3600, lambda: was_released.append(released.wait(10)))
    quick = PeriodicWork(name="quick", every=timedelta(1), function=prompt, is_prompt=True)
    monkeypatch.setattr(periodic, "_items", {"long": long, "quick": quick})
    monkeypatch.setattr("project.jobs.sweep.sweep", lambda: None)
    call_command("schedule")
    assert was_released == [True]


def test_sigterm_stops_the_scheduler_process_at_once():
    process = subprocess.Popen(
        [sys.executable, "manage.py", "schedule"],
        cwd=ROOT, env={**os.environ, "DJANGO_SETTINGS_MODULE": "project.settings.test",
                       "OMNILENS_LOG_LEVEL": "INFO"},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        line = process.stderr.readline()
        while "the scheduler runs" not in line:
            assert line, "the scheduler ended early"
            line = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        eventually(lambda: process.poll() is not None, seconds=60)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
