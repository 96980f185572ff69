"""Is the other side there yet? Redis before the migrations, `/readyz` before the address."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import redis

REDIS_SECONDS = 30.0
READY_TIMEOUT_SECONDS = 2.0
POLL_SECONDS = 0.05


class NotAnswering(Exception):
    """The server did not answer in time; the text says what it said last, without secrets."""


def wait_for_redis(
    url: str,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    stopped: Callable[[], bool],
    seconds: float = REDIS_SECONDS,
) -> None:
    """Return once PING is answered, or when `stopped()`; raises NotAnswering after `seconds`."""
    client = redis.Redis.from_url(url, socket_timeout=2.0, socket_connect_timeout=2.0)
    give_up = clock() + seconds
    try:
        while not stopped():
            try:
                client.ping()
                return
            except redis.RedisError as error:
                if clock() >= give_up:
                    raise NotAnswering(f"Redis does not answer: {type(error).__name__}") from error
            sleep(POLL_SECONDS)
    finally:
        client.close()


def host_header(url: str, allowed_hosts: Sequence[str]) -> str:
    """A Host that Django accepts: the URL's own, or the first allowed name."""
    own = urlsplit(url).netloc
    name = urlsplit(url).hostname or ""
    if "*" in allowed_hosts or name in allowed_hosts or f"[{name}]" in allowed_hosts:
        return own
    return allowed_hosts[0].removeprefix(".") if allowed_hosts else own


def probe_ready(url: str, *, host: str) -> str:
    """Ask `/readyz`: an empty string when it is green, else what is missing."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=READY_TIMEOUT_SECONDS
    )
    try:
        connection.request("GET", "/readyz", headers={"Host": host, "Accept": "application/json"})
        response = connection.getresponse()
        body = response.read(4096).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return f"no answer yet ({type(error).__name__})"
    finally:
        connection.close()
    return "" if response.status == http.HTTPStatus.OK else _summary(response.status, body)


def _summary(status: int, body: str) -> str:
    try:
        parsed = json.loads(body)
    except ValueError:
        return f"/readyz answers {status}"
    checks = parsed.get("checks") if isinstance(parsed, dict) else None
    return f"/readyz answers {status}: {json.dumps(checks or parsed, ensure_ascii=False)}"
