"""`python -m project.web_server`: daphne that leaves in good order and waits for slow readers.

Takes daphne's arguments. Two things are added to its server:

* SIGTERM. daphne cancels every request. This one stops accepting, closes WebSockets with 4410
  and event streams, answers what it has accepted, and ends when all has been sent. Others that
  share the listening socket take the next connection. It waits for OMNILENS_REQUEST_TIMEOUT at
  most, and only ten seconds when a stuck view is why it leaves (project/make_way.py).
* Back-pressure. daphne puts whatever an application sends into memory, and its transport cuts a
  client that has not read all of it a minute later. Here `send` waits while the client is behind,
  and gives the client up when it takes nothing for OMNILENS_REQUEST_TIMEOUT.
"""

from __future__ import annotations

from daphne.cli import CommandLineInterface  # isort:skip  (it installs the reactor)

import asyncio
import logging
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakSet

from daphne.http_protocol import WebRequest
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer
from twisted.internet import reactor as _reactor

from project.make_way import asked_seconds
from project.supervisor.ready_signal import READY_DESCRIPTOR

logger = logging.getLogger("project.web_server")  # it runs as __main__
reactor: Any = _reactor  # its type names no methods

# A connection that was accepted a moment ago may still bring its request.
LINGER_SECONDS = 1.0
GOING_AWAY = 4410  # project.realtime.events.DRAINING, without loading the product
POLL_SECONDS = 0.05
# Room beside the request timeout for the answer itself to be sent.
SECONDS_TO_SEND = 5.0
SECONDS_FOR_THREADS = 3.0


class ReaderPace:
    """Told by the transport when its buffer is full and when the client has caught up."""

    def __init__(self) -> None:
        self._may_send = asyncio.Event()
        self._may_send.set()

    def pauseProducing(self) -> None:
        """The client is behind."""
        self._may_send.clear()

    def resumeProducing(self) -> None:
        """The client has read everything."""
        self._may_send.set()

    stopProducing = resumeProducing  # the client has gone: nobody is to wait

    async def wait(self, seconds: float) -> bool:
        """Whether the client caught up in time."""
        try:
            async with asyncio.timeout(seconds or None):
                await self._may_send.wait()
        except TimeoutError:
            return False
        return True


class GracefulServer(Server):  # type: ignore[misc]  # daphne ships no types
    """daphne's server with an ending and a pace. `connections` is daphne's own table."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "signal_handlers": False})
        self._listening: list[Any] = []
        self._channels: WeakSet[Any] = WeakSet()
        self._paces: dict[Any, ReaderPace] = {}
        self._leaving_since: float | None = None

    def run(self) -> None:
        """Serve until `leave` or `stop`."""
        from django.conf import settings

        self._reader_seconds: float = settings.REQUEST_TIMEOUT.total_seconds()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: reactor.callFromThread(self._or_stop, self.leave))
        super().run()

    def listen_success(self, port: Any) -> None:
        """Remember the port, and tell a supervisor that asked for it."""
        super().listen_success(port)
        self._listening.append(port)
        if descriptor := os.environ.pop(READY_DESCRIPTOR, ""):
            os.write(int(descriptor), b"1")
            os.close(int(descriptor))

    def protocol_connected(self, protocol: Any) -> None:
        """Remember the connection of a request: it outlives the request."""
        super().protocol_connected(protocol)
        if isinstance(protocol, WebRequest):
            self._channels.add(protocol.channel)

    async def handle_reply(self, protocol: Any, message: Mapping[str, Any]) -> None:
        """Send one message of the application, at the pace of the client."""
        if not isinstance(protocol, WebRequest) or protocol.channel is None or protocol.finished:
            await super().handle_reply(protocol, message)
            return
        if message["type"] == "http.response.start":
            if self._leaving_since is not None:
                protocol.channel.persistent = False
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            self._paces[protocol] = ReaderPace()
            protocol.registerProducer(self._paces[protocol], streaming=True)
        elif not message.get("more_body"):
            self._forget_pace(protocol)
        await super().handle_reply(protocol, message)
        pace = self._paces.get(protocol)
        if pace and message.get("more_body") and not await pace.wait(self._reader_seconds):
            logger.warning("a client took nothing for %g s", self._reader_seconds)
            protocol.channel.transport.abortConnection()

    def protocol_disconnected(self, protocol: Any) -> None:
        """The request is over, or its client has gone."""
        self._paces.pop(protocol, None)
        super().protocol_disconnected(protocol)

    def leave(self) -> None:
        """Begin to end; a second call ends at once."""
        if self._leaving_since is not None:
            self.stop()
            return
        self._leaving_since = time.monotonic()
        for port in self._listening:
            port.stopListening()
        reactor.callLater(0, self._or_stop, self._look_who_is_left)

    def kill_all_applications(self) -> Any:
        """As daphne's, which fails when a connection has no application yet."""
        running = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details and not details["application_instance"].done()
        ]
        for application in running:
            application.cancel()
        if not running:
            return None
        return defer.Deferred.fromFuture(asyncio.gather(*running, return_exceptions=True))

    def _look_who_is_left(self) -> None:
        assert self._leaving_since is not None  # noqa: S101  (for mypy; `leave` sets it)
        self._end_what_has_no_end()
        waited = time.monotonic() - self._leaving_since
        if waited >= LINGER_SECONDS:
            for channel in list(self._channels):
                if not channel.requests:
                    channel.loseConnection()  # what is still in its buffer is sent first
        open_channels = [channel for channel in self._channels if _is_connected(channel)]
        serving = [
            one for one, details in self.connections.items() if "disconnected" not in details
        ]
        is_over = waited >= LINGER_SECONDS and not open_channels and not serving
        if is_over or waited >= self._seconds_to_leave():
            self.stop()
            return
        reactor.callLater(POLL_SECONDS, self._or_stop, self._look_who_is_left)

    def _seconds_to_leave(self) -> float:
        if (asked := asked_seconds()) is not None:
            return asked
        # Without a request timeout the supervisor's patience is the bound.
        return self._reader_seconds + SECONDS_TO_SEND if self._reader_seconds else math.inf

    def _end_what_has_no_end(self) -> None:
        for protocol, details in list(self.connections.items()):
            if "disconnected" in details:  # the client has gone, its application not yet
                continue
            if isinstance(protocol, WebSocketProtocol):
                if protocol.state == protocol.STATE_OPEN:
                    protocol.serverClose(code=GOING_AWAY)
            elif _is_event_stream(protocol):
                self._forget_pace(protocol)
                protocol.finish()

    def _or_stop(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception:
            # Twisted's log goes nowhere, and a server that cannot leave must still end.
            logger.exception("the server could not leave in good order")
            self.stop()

    def _forget_pace(self, protocol: Any) -> None:
        if self._paces.pop(protocol, None) and protocol.channel is not None:
            protocol.unregisterProducer()


def _is_event_stream(protocol: Any) -> bool:
    types = protocol.responseHeaders.getRawHeaders(b"content-type") or [b""]
    return bool(types[0].startswith(b"text/event-stream")) and not protocol.finished


def _is_connected(channel: Any) -> bool:
    return channel.transport is not None and bool(getattr(channel.transport, "connected", False))


class WebServerCommand(CommandLineInterface):  # type: ignore[misc]
    """daphne's command line with that server."""

    server_class = GracefulServer


def _end_without_stuck_threads() -> None:
    """Python waits at its end for threads of a pool, also for one that never returns."""

    def end() -> None:
        time.sleep(SECONDS_FOR_THREADS)
        logger.critical("a thread does not return; this process ends without it")
        os._exit(0)

    threading.Thread(target=end, daemon=True).start()


if __name__ == "__main__":
    WebServerCommand.entrypoint()
    _end_without_stuck_threads()
