"""What a starting worker and its operators do on the device, between the runs of users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from project.inference.device_lease import DeviceLease, Rank
from project.inference.lease_watch import LOAD_SECONDS
from project.inference.model_host import ModelHost
from project.inference.oom import free_cached_memory


class Maintenance:
    """Waits for the device in the batch lane: nobody's picture stands behind it."""

    def __init__(
        self,
        *,
        host: ModelHost,
        lease: DeviceLease,
        free: Callable[[], None] = free_cached_memory,
    ) -> None:
        self._host = host
        self._lease = lease
        self._free = free

    def warm(self, name: str) -> None:
        """Load a model unless it is loaded, and run its warm-up shapes.

        Raises ModelUnavailable, and OutOfMemory when models in use leave no room.
        """
        self._host.warm(name, exclusive=self._alone)

    def unload(self, name: str) -> int:
        """Drop a model; the bytes that it held. Raises ModelUnavailable and ModelInUse."""
        size = self._host.unload(name)
        if size:
            self.free_cache()
        return size

    def free_cache(self) -> None:
        """Give memory that no tensor uses back to the device."""
        with self._alone():
            self._free()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lease.hold(Rank(lane="batch", job=None)) as ticket:
            self._lease.watch.be_patient(ticket, LOAD_SECONDS)
            yield
