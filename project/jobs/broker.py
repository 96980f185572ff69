"""The Redis transport for bells: a connection that died takes nothing down with it.

kombu 5.7 closes a lost connection by putting its unacknowledged messages back, and
acknowledges late on the channel that received the message; both need the connection that is
gone, raise AttributeError, and end the worker. A bell is not worth either: the rows are the
truth and the sweeper rings again (celery#8091 and its relatives; tests/resilience/test_broker).
"""

from __future__ import annotations

from kombu.transport import redis


class BellChannel(redis.Channel):
    """Puts nothing back when it closes, and acknowledges nothing once it is closed."""

    do_restore = False

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:  # noqa: FBT001, FBT002
        """As in kombu (whose signature this is) while the channel is open."""
        if not self.closed:
            super().basic_ack(delivery_tag, multiple=multiple)


class Transport(redis.Transport):
    """kombu's Redis transport with that channel."""

    Channel = BellChannel
