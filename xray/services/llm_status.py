"""Whether a language model can be had now: what was seen last, never a constant."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from project.sealing import CannotUnseal
from xray.models import LlmBackend
from xray.reports.llm.breaker import Breaker
from xray.reports.llm.client import client_for
from xray.reports.llm.errors import LlmError
from xray.reports.llm.transport import model_missing
from xray.services.llm_backend import current_backend, fingerprint, server_of
from xray.services.llm_breaker import CacheBreakerStore

logger = logging.getLogger(__name__)

CHECK_EVERY = timedelta(minutes=1)
FRESH_SECONDS = 5 * 60.0
SECRET_UNREADABLE = "llm_secret_unreadable"  # noqa: S105  (a code)
State = Literal["off", "unknown", "available", "failing"]


@dataclass(frozen=True, kw_only=True)
class LlmStatus:
    """`code` says why it is failing. `observed_at` is of the check or call that says so."""

    state: State
    code: str = ""
    observed_at: datetime | None = None


def llm_status(row: LlmBackend | None, *, now: float | None = None) -> LlmStatus:
    """What is known of a server: its breaker, its last check and its last call. Calls nobody."""
    now = time.time() if now is None else now
    if row is None or not row.is_enabled:
        return LlmStatus(state="off")
    store = CacheBreakerStore(fingerprint(row))
    noted = [seen for what in ("check", "call") if (seen := store.noted(what)) is not None]
    fresh = [(code, at) for code, at in noted if now - at <= FRESH_SECONDS]
    if not fresh:
        return LlmStatus(state="unknown")
    code, at = max(fresh, key=lambda seen: seen[1])
    observed_at = datetime.fromtimestamp(at, tz=UTC)
    if Breaker(store, clock=lambda: now).is_open:
        return LlmStatus(state="failing", code=code or "llm_busy", observed_at=observed_at)
    # A text that was not accepted, or a pause that was kept, says nothing against the server.
    if code in {"", "llm_rejected", "llm_busy"}:
        return LlmStatus(state="available", observed_at=observed_at)
    return LlmStatus(state="failing", code=code, observed_at=observed_at)


def multimodal_available() -> bool:
    """For `/health`: an enabled server answered well within the last five minutes."""
    return llm_status(current_backend()).state == "available"


def check_current_backend() -> None:
    """Periodic: `check_backend` of the server in use, if there is one."""
    row = current_backend()
    if row is not None:
        check_backend(row)


def check_backend(row: LlmBackend) -> LlmStatus:
    """Ask a server for its version and its model, and note what came of it.

    At most five seconds for each of the two questions.
    """
    code = _look(row)
    store = CacheBreakerStore(fingerprint(row))
    before = store.noted("check")
    store.note("check", code, time.time())
    if before is None or before[0] != code:  # each minute the same would drown the log
        level = logging.WARNING if code else logging.INFO
        logger.log(level, "xray: language model server %s: %s", row.name, code or "available")
    return llm_status(row)


def _look(row: LlmBackend) -> str:
    """The code of what is wrong; empty when nothing is."""
    try:
        server = server_of(row)
        client = client_for(server)
        client.version()
        if server.model not in client.models():
            raise model_missing(server)
    except LlmError as error:
        return error.code
    except CannotUnseal:
        return SECRET_UNREADABLE
    return ""
