"""What waits to be sent to one connection: the newest event per job, paced and bounded."""

from __future__ import annotations

from project.realtime.events import JobMessage

MIN_INTERVAL_SECONDS = 0.2
MAX_PENDING = 64


class TooSlow(Exception):
    """The client does not keep up: close the connection, it comes back to a snapshot."""


class Outbox:
    """Coalesces by job: at most 5 messages a second per job and MAX_PENDING jobs waiting.

    Times are seconds of one monotonic clock, given by the caller.
    """

    def __init__(self) -> None:
        self._pending: dict[str, JobMessage] = {}
        self._sent_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def offer(self, message: JobMessage) -> None:
        """Keep `message` for its turn. Raises TooSlow when MAX_PENDING jobs wait already."""
        waiting = self._pending.get(message["job"])
        if waiting is not None:
            self._pending[message["job"]] = coalesce(waiting, message)
        elif len(self._pending) >= MAX_PENDING:
            raise TooSlow
        else:
            self._pending[message["job"]] = message

    def take(self, now: float) -> list[JobMessage]:
        """Remove and return what may be sent at `now`, in order of arrival."""
        self._sent_at = {
            job: at for job, at in self._sent_at.items() if now - at < MIN_INTERVAL_SECONDS
        }
        due = [message for job, message in self._pending.items() if job not in self._sent_at]
        for message in due:
            del self._pending[message["job"]]
            self._sent_at[message["job"]] = now
        return due

    def delay(self, now: float) -> float | None:
        """Seconds until something may be sent, or None when nothing waits."""
        if not self._pending:
            return None
        latest = (self._sent_at.get(job, 0.0) + MIN_INTERVAL_SECONDS for job in self._pending)
        return max(0.0, min(latest) - now)


def coalesce(old: JobMessage, new: JobMessage) -> JobMessage:
    """One message that stands for both.

    It spans `from_seq..seq` only when nothing is missing between the two; a gap stays visible,
    so that the client asks to resume. Late messages (publishers race) change nothing.
    """
    if new["ephemeral"]:
        return _with_progress(old, new) if new["seq"] == old["seq"] else _newer(old, new)
    if old["ephemeral"] and new["seq"] == old["seq"]:
        return _with_progress(new, old)
    if old["ephemeral"] or new["seq"] <= old["seq"]:
        return _newer(old, new)
    if new["from_seq"] > old["seq"] + 1:
        return new
    return {**new, "from_seq": old["from_seq"], "data": {**old["data"], **new["data"]}}


def _newer(old: JobMessage, new: JobMessage) -> JobMessage:
    return new if new["seq"] > old["seq"] else old


def _with_progress(old: JobMessage, new: JobMessage) -> JobMessage:
    return {
        **new,
        "event": old["event"],
        "from_seq": old["from_seq"],
        "ephemeral": old["ephemeral"],
        "data": {**old["data"], **new["data"]},
    }
