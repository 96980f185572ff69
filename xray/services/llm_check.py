"""Tries a language model server from end to end with a report that is nobody's."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from xray.labels import Region, Side
from xray.reports.facts import FactSheet, Finding, ModelFacts
from xray.reports.llm.breaker import Breaker, MemoryBreakerStore
from xray.reports.llm.client import Ask, LlmClient, Message, client_for
from xray.reports.llm.errors import LlmError
from xray.reports.llm.schema import Language
from xray.reports.llm.server import LlmServer
from xray.reports.llm.transport import model_missing
from xray.reports.llm.writer import write_with_llm
from xray.services.llm_words import explain

# The schema allows one word and the question asks for another: only a server that enforces
# schemas answers with the first.
_FORCED = "alpha"
_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["word"],
    "properties": {"word": {"type": "string", "enum": [_FORCED]}},
}
_QUESTION = 'Answer with this JSON object: {"word": "beta"}'


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing tried; `seconds` is how long it took."""

    name: str
    is_well: bool
    detail: str
    seconds: float


def examine(server: LlmServer, *, language: Language) -> Iterator[Step]:
    """Connection, model, schema, one verified report; ends at the first that fails.

    Neither minds the shared breaker nor tells it anything: an operator is looking.
    """
    server = replace(server, breaker=Breaker(MemoryBreakerStore()))
    client = client_for(server)
    steps: list[tuple[str, Callable[[], str]]] = [
        ("connection", lambda: _connection(client)),
        ("model", lambda: _model(client, server)),
        ("schema", lambda: _schema(client, server)),
        ("report", lambda: _report(server, language)),
    ]
    for name, attempt in steps:
        begun = time.monotonic()
        try:
            detail, is_well = attempt(), True
        except LlmError as error:
            detail, is_well = _words(error), False
        yield Step(name=name, is_well=is_well, detail=detail, seconds=time.monotonic() - begun)
        if not is_well:
            return


def made_up_facts() -> FactSheet:
    """A study that nobody has."""
    finding = Finding(
        id="F1", label="pneumonia", probability=0.912, operating_point=0.437,
        point_name="screening", band="above", interval=(0.861, 0.948),
        region=Region.RIGHT_LOWER, side=Side.RIGHT, inside_share=0.734,
    )  # fmt: skip
    model = ModelFacts(name="cxr-resnet50", version="0", sha256="0" * 64, trained_on="")
    return FactSheet(
        study_id="", study_date="", view="AP", indication="Cough", findings=(finding,), model=model
    )


def _connection(client: LlmClient) -> str:
    version = client.version()
    return f"version {version}" if version else "answers"


def _model(client: LlmClient, server: LlmServer) -> str:
    if server.model not in client.models():
        raise model_missing(server)
    return server.model


def _schema(client: LlmClient, server: LlmServer) -> str:
    ask = Ask(
        messages=(Message(role="user", content=_QUESTION),),
        schema=_SCHEMA,
        seconds=server.limits.seconds,
    )
    completion = client.chat(ask, on_text=lambda text: None, check=lambda: None)
    if _parsed(completion.text) != {"word": _FORCED}:
        raise LlmError("llm_answer_invalid", "the server does not enforce the JSON schema")
    return f"enforced, first word after {completion.first_seconds:.1f} s"


def _report(server: LlmServer, language: Language) -> str:
    picture = _grey_picture() if server.sends_images else None
    answer = write_with_llm(made_up_facts(), language=language, server=server, picture=picture)
    attempts = len(answer.generator["verification"]["attempts"])
    pace = f", {answer.tokens / answer.seconds:.0f} tokens/s" if answer.tokens else ""
    seen = ", with a picture" if picture else ""
    return (
        f"accepted at attempt {attempts}: "
        f"{len(answer.narrative) + len(answer.impression)} sentences verified, "
        f"{len(answer.dropped)} dropped, first word after {answer.first_seconds:.1f} s{pace}{seen}"
    )


def _words(error: LlmError) -> str:
    parts = [f"{error.code}: {error.reason or explain(error.code)}"]
    if error.problems:
        parts.append("found: " + ", ".join(sorted({problem.code for problem in error.problems})))
        parts.append("A larger instruct model keeps to the facts more often.")
    if error.command:
        parts.append(f"run there: {error.command}")
    if error.server_text:
        parts.append(f"the server said: {error.server_text}")
    return "; ".join(parts)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _grey_picture() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, "PNG")
    return file.getvalue()
