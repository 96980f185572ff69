"""Why there is no text by the language model, each with a stable code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from xray.reports.envelope import Generator

Code = Literal[
    "llm_unavailable",
    "llm_host_refused",
    "llm_model_missing",
    "llm_timeout",
    "llm_answer_invalid",
    "llm_rejected",
    "llm_busy",
]
# What speaks against the server and not against a setting or a text; these open the breaker.
FAULTS_OF_THE_SERVER: frozenset[str] = frozenset(
    {"llm_unavailable", "llm_timeout", "llm_answer_invalid"}
)


class LlmError(Exception):
    """The structured report stands alone, and says why with `code`.

    llm_unavailable: the server cannot be reached, or refuses. llm_host_refused: the allow-list does
    not hold it. llm_model_missing: `command` fetches the model. llm_timeout. llm_answer_invalid: no
    whole answer of the protocol. llm_rejected: the verifier took none of two texts; `problems` says
    why. llm_busy: after several failures the server is left alone for a minute.

    The text of the exception is a word for logs. It holds nothing that the server or the model
    said; that is in `server_text`, for an operator who looks with a report that is nobody's.
    """

    def __init__(
        self,
        code: Code,
        reason: str = "",
        *,
        command: str = "",
        server_text: str = "",
        problems: Sequence[Any] = (),
    ) -> None:
        super().__init__(f"{code}: {reason}" if reason else code)
        self.code = code
        self.reason = reason
        self.command = command
        self.server_text = server_text
        self.problems = tuple(problems)
        self.generator: Generator | None = None
        """What the structured report's envelope says of the attempt; the writer sets it."""
