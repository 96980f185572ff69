"""The worker's side of orders: takes them within two seconds and carries them out one by one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, connections

from project.inference.device_failure import is_device_failure
from project.inference.errors import Draining, InferenceError
from project.inference.maintenance import Maintenance
from project.jobs.codes import INTERNAL_ERROR
from project.jobs.drain import Drain
from project.jobs.health import Health
from project.jobs.models import WorkerOrder
from project.jobs.orders import settle_order, take_order
from project.jobs.preload import Preload

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
Action = WorkerOrder.Action
Outcome = WorkerOrder.Outcome


class OrderClerk:
    """A daemon thread of its own: an order may wait for the device or load for minutes, while
    the presence of the worker must stay fresh. One small query every two seconds."""

    def __init__(
        self,
        *,
        worker: str,
        maintenance: Maintenance,
        preload: Preload,
        drain: Drain,
        health: Health,
        stop: Callable[[], None],
    ) -> None:
        """`stop()` begins the drain of the worker, as SIGTERM does."""
        self._worker = worker
        self._maintenance = maintenance
        self._preload = preload
        self._drain = drain
        self._health = health
        self._stop = stop
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="orders", daemon=True)

    def start(self) -> None:
        """Look for orders from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Take no further order. Does not wait for one that is being carried out."""
        self._stopped.set()

    def look(self) -> None:
        """Carry out every order that waits; preload what was missing and has come."""
        while (order := take_order(worker=self._worker)) is not None:
            outcome, detail = self._carry_out(order)
            settle_order(order=order, outcome=outcome, detail=detail)
            logger.info("order %s: %s %s", order, outcome, detail)
        if not self._drain.has_begun:
            self._preload.run()

    def _carry_out(self, order: WorkerOrder) -> tuple[str, str]:
        """(outcome, detail); a failure's detail begins with its code."""
        try:
            return Outcome.DONE, self._do(order)
        except InferenceError as error:
            if is_device_failure(error):
                self._health.break_down(f"{error.code}: {error.detail}")
            return Outcome.FAILED, f"{error.code}: {error.detail}"
        except Exception as error:
            logger.exception("order %s failed", order)
            return Outcome.FAILED, f"{INTERNAL_ERROR}: {type(error).__name__}: {error}"

    def _do(self, order: WorkerOrder) -> str:
        if order.action == Action.DRAIN:
            # Settled first: the process may end before another thread gets to it.
            settle_order(order=order, outcome=Outcome.DONE)
            if not self._drain.has_begun:
                self._stop()
        elif self._drain.has_begun:
            raise Draining("the worker is stopping")
        elif order.action == Action.WARM:
            self._maintenance.warm(order.model)
        elif order.action == Action.UNLOAD:
            return f"{self._maintenance.unload(order.model)} bytes"
        else:
            self._maintenance.free_cache()
        return ""

    def _work(self) -> None:
        try:
            while not self._stopped.wait(LOOK_SECONDS):
                try:
                    self.look()
                except DatabaseError as error:
                    logger.warning("worker %s could not look for orders: %s", self._worker, error)
                    connections.close_all()
                except InferenceError as error:
                    self._health.break_down(f"{error.code}: {error.detail}")
                except Exception:
                    logger.exception("worker %s could not look for orders", self._worker)
                    connections.close_all()
        finally:
            connections.close_all()
