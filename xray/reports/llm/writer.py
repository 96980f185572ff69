"""One report text by a language model: ask, read, verify, ask once more, or give up with a code.

The model decides nothing. What it writes counts only after the verifier found every claim of it
in the fact sheet; what it did not is never returned.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xray.reports.envelope import Generator, Sentence
from xray.reports.facts import FactSheet
from xray.reports.llm.client import Ask, Completion, Message, client_for
from xray.reports.llm.draft import Draft
from xray.reports.llm.errors import LlmError
from xray.reports.llm.prompts import Prompt, build_prompt, retry_text
from xray.reports.llm.schema import Language, schema
from xray.reports.llm.server import LlmServer
from xray.reports.problem import Problem
from xray.reports.verifier import Verdict, verify

logger = logging.getLogger(__name__)

ATTEMPTS = 2
ECHO_CHARACTERS = 4000


@dataclass(frozen=True, kw_only=True)
class LlmAnswer:
    """Verified sentences, and what the envelope's `generator` says of them.

    `seconds` and `first_seconds` (to the first word) are of the accepted attempt.
    """

    narrative: list[Sentence]
    impression: list[Sentence]
    dropped: tuple[Problem, ...]
    generator: Generator
    seconds: float
    first_seconds: float
    tokens: int | None


def write_with_llm(
    facts: FactSheet,
    *,
    language: Language,
    server: LlmServer,
    on_text: Callable[[str], None] = lambda text: None,
    check: Callable[[], None] = lambda: None,
    picture: bytes | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> LlmAnswer:
    """The text of `server` about `facts`.

    `on_text` gets the unverified draft, twice a second at most. `check` is asked four times a
    second and may raise to end it. `picture` (PNG or JPEG) goes out only if the server's row says
    so. Raises LlmError, whose `generator` is for the envelope of the structured report.
    """
    prompt = build_prompt(facts, language=language, schema=schema(facts, language))
    writing = _Writing(server, prompt, clock() + server.limits.seconds, clock)
    picture = picture if server.sends_images else None
    try:
        for attempt in range(1, ATTEMPTS + 1):
            completion = writing.ask(on_text=Draft(on_text), check=check, picture=picture)
            verdict = verify(completion.text, facts, language=language, instructions=prompt.system)
            writing.judged(attempt, completion, verdict, language)
            if verdict.accepted:
                return _answer(writing, completion, verdict)
        raise LlmError("llm_rejected", problems=verdict.errors)
    except LlmError as error:
        error.generator = writing.generator(
            "llm_rejected" if error.code == "llm_rejected" else "structured", outcome=error.code
        )
        logger.info("xray: no text by the language model: %s", error)
        raise


class _Writing:
    """The conversation so far, and what will be said of it."""

    def __init__(
        self, server: LlmServer, prompt: Prompt, until: float, clock: Callable[[], float]
    ) -> None:
        self._server, self._prompt, self._until, self._clock = server, prompt, until, clock
        self._messages = [
            Message(role="system", content=prompt.system),
            Message(role="user", content=prompt.user),
        ]
        self._attempts: list[dict[str, Any]] = []

    def ask(
        self,
        *,
        on_text: Callable[[str], None],
        check: Callable[[], None],
        picture: bytes | None,
    ) -> Completion:
        """One call within the time that is left. Raises LlmError."""
        left = self._until - self._clock()
        if left <= 0:
            raise LlmError("llm_timeout", "no time is left for another attempt")
        question = Ask(
            messages=tuple(self._messages),
            schema=self._prompt.schema,
            seconds=left,
            picture=picture,
        )
        with self._server.breaker.guard():
            return client_for(self._server).chat(question, on_text=on_text, check=check)

    def judged(
        self, attempt: int, completion: Completion, verdict: Verdict, language: Language
    ) -> None:
        """Note the verdict and, for another attempt, say what was wrong."""
        self._attempts.append(
            {
                "attempt": attempt,
                "errors": sorted({problem.code for problem in verdict.errors}),
                "dropped": sorted({problem.code for problem in verdict.dropped}),
            }
        )
        errors = [
            (f"{problem.code} {problem.detail}".strip(), problem.sentence)
            for problem in verdict.errors
        ]
        self._messages += [
            Message(role="assistant", content=completion.text[:ECHO_CHARACTERS]),
            Message(role="user", content=retry_text(errors, language=language)),
        ]

    def generator(self, mode: str, *, outcome: str) -> Generator:
        """Codes only: no sentence that was not accepted gets into an envelope."""
        return {
            "mode": mode,
            "backend": self._server.kind,
            "llm_model": self._server.model,
            "prompt_sha256": self._prompt.sha256,
            "verification": {"outcome": outcome, "attempts": self._attempts},
        }


def _answer(writing: _Writing, completion: Completion, verdict: Verdict) -> LlmAnswer:
    return LlmAnswer(
        narrative=list(verdict.narrative),
        impression=list(verdict.impression),
        dropped=tuple(verdict.dropped),
        generator=writing.generator("llm", outcome="accepted"),
        seconds=completion.seconds,
        first_seconds=completion.first_seconds,
        tokens=completion.tokens,
    )
