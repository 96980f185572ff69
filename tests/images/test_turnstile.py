"""Uploads that arrive together are taken in one after another."""

import threading

import pytest

from project.images import intake
from project.images.policy import Policy
from project.images.turnstile import Turnstile
from tests.images import samples
from tests.inference.fakes import until

PATIENCE_SECONDS = 20


class Line:
    """Threads at a turnstile, each of which stays inside until it is let out."""

    def __init__(self, turnstile):
        self.turnstile, self.inside, self.left, self.threads = turnstile, [], {}, []
        self.news = threading.Condition()

    def arrive(self, name):
        """Returns when the newcomer stands in the line."""
        before, self.left[name] = self.turnstile.waiting, threading.Event()
        thread = threading.Thread(target=self._go, args=(name,))
        self.threads.append(thread)
        thread.start()
        until(lambda: self.turnstile.waiting > before)

    def _go(self, name):
        with self.turnstile.turn():
            with self.news:
                self.inside.append(name)
                self.news.notify_all()
            assert self.left[name].wait(PATIENCE_SECONDS)

    def until(self, *names):
        with self.news:
            assert self.news.wait_for(lambda: self.inside == list(names), timeout=PATIENCE_SECONDS)

    def end(self):
        for event in self.left.values():
            event.set()
        for thread in self.threads:
            thread.join()


def test_those_who_arrive_together_go_in_one_after_another_in_their_order():
    line = Line(Turnstile(patience_seconds=PATIENCE_SECONDS))
    line.arrive("first")
    line.until("first")
    line.arrive("second")
    line.arrive("third")
    assert line.inside == ["first"]
    line.left["first"].set()
    line.until("first", "second")
    line.left["second"].set()
    line.until("first", "second", "third")
    line.end()


def test_nobody_stands_for_long_behind_something_long():
    line = Line(Turnstile(patience_seconds=0))
    line.arrive("long")
    line.until("long")
    line.arrive("short")
    line.until("long", "short")
    line.end()


def test_a_turn_that_fails_is_passed_on():
    turnstile = Turnstile(patience_seconds=PATIENCE_SECONDS)
    with pytest.raises(ZeroDivisionError), turnstile.turn():
        raise ZeroDivisionError
    assert turnstile.waiting == 0


def test_a_small_upload_takes_its_turn(monkeypatch):
    seen = []
    monkeypatch.setattr(intake, "_prepare", lambda *_: seen.append(intake._small_ones.waiting))
    upload = samples.upload(samples.save(samples.gradient()))
    intake.prepare_upload(upload, Policy(extensions=("png",), max_bytes=10**7))
    assert seen == [1]
