"""People who never give up: each request is repeated, with its key, until it is accepted."""

from __future__ import annotations

import threading
import time
from collections import Counter

import requests

from tests.resilience.chaos.plan import PHOTO, photo

THREADS = 4
PATIENCE_SECONDS = 60
RETRY_SECONDS = 0.2
ACCEPTED = (200, 202)


class Clients:
    """Sends the orders in turn over HTTP, at most up to the number `gate`.

    `answers` holds `(owner, key, job)` of every accepted answer, `seen` what happened on the
    way, `refused` what no retry can mend."""

    def __init__(self, *, url, orders, owners, tokens):
        self.url = url
        self.answers = []
        self.refused = []
        self.seen = Counter()
        self._owners = owners
        self._tokens = tokens
        self._orders = iter(orders)
        self._changed = threading.Condition()
        self._gate = 0
        self._is_open = False
        self._in_flight = 0
        self._stopped = False
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]

    def start(self):
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def allow(self, *, up_to, is_open):
        """Send no order from number `up_to` on, and none at all while not `is_open`."""
        with self._changed:
            self._gate, self._is_open = up_to, is_open
            self._changed.notify_all()

    def stop(self):
        """End without sending the rest."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    @property
    def accepted(self):
        """How many orders have been accepted."""
        with self._changed:
            return self.seen["accepted"]

    @property
    def are_done(self):
        """Whether every order has been sent and answered."""
        return not any(thread.is_alive() for thread in self._threads)

    def wait_for_flight(self, seconds):
        """Until a request is on its way; False when none was."""
        with self._changed:
            return self._changed.wait_for(lambda: self._in_flight > 0, seconds)

    def cancel(self, *, owner, job):
        """Ask for the end of a job; whether the answer came."""
        try:
            answer = requests.post(
                f"{self.url}/api/v1/jobs/{job}/cancel/", headers=self._headers(owner), timeout=30
            )
        except requests.RequestException:
            return False
        return answer.ok

    def _work(self):
        while (order := self._next()) is not None:
            for _ in range(1 + order.repeat):
                self._insist(order)
            with self._changed:
                self.seen["accepted"] += 1

    def _next(self):
        with self._changed:
            order = None if self._stopped else next(self._orders, None)
            self._changed.wait_for(
                lambda: (
                    self._stopped or order is None or (self._is_open and order.number < self._gate)
                )
            )
            return None if self._stopped else order

    def _insist(self, order):
        while not self._stopped:
            try:
                answer = self._send(order)
            except requests.RequestException as error:
                is_away = "refused" in str(error)
                self._count("web away" if is_away else "cut in mid-request")
                time.sleep(RETRY_SECONDS)
                continue
            if answer.status_code in ACCEPTED:
                body = answer.json()
                job = body.get("task_id") or body["id"]
                self.answers.append((self._owners[order.owner], order.key, job))
                self._count("replayed answers" if answer.status_code == 200 else "new jobs")
                return
            if answer.status_code < 500:
                self.refused.append(f"{order.key}: {answer.status_code} {answer.text[:300]}")
                return
            self._count(f"answers {answer.status_code}")
            time.sleep(RETRY_SECONDS)

    def _send(self, order):
        headers = {**self._headers(order.owner), "Idempotency-Key": order.key}
        with self._changed:
            self._in_flight += 1
            self._changed.notify_all()
        try:
            if order.kind == PHOTO:
                return requests.post(
                    f"{self.url}/api/v1/enhance",
                    headers=headers,
                    files={"file": ("photo.png", photo(order), "image/png")},
                    data={"scale": "2", "quality_level": "fast", "cache": "false"},
                    timeout=PATIENCE_SECONDS,
                )
            body = {"kind": order.kind, "lane": order.lane, "params": order.params}
            return requests.post(
                f"{self.url}/api/v1/chaos/", headers=headers, json=body, timeout=PATIENCE_SECONDS
            )
        finally:
            with self._changed:
                self._in_flight -= 1

    def _headers(self, owner):
        return {"Authorization": self._tokens[owner]}

    def _count(self, what):
        with self._changed:
            self.seen[what] += 1
