"""Asking at the terminal for what the command line did not say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from enhance.cli.arguments import WrongUsage, parsed_options
from enhance.cli.files import pictures_of, plan_work
from enhance.options import QUALITY_LEVELS, SIZES

Ask = Callable[[str], str]
Say = Callable[[str], object]


def ask_for_work(given: dict[str, Any], *, ask: Ask, say: Say) -> dict[str, Any]:
    """The arguments with picture, target, scale and quality filled in; a wrong answer is asked
    again. Raises EOFError and KeyboardInterrupt of the terminal."""

    def source(text: str) -> dict[str, Any]:
        if not text:
            raise WrongUsage("name a file, a folder or a pattern")
        pictures_of(text)
        return {"inputs": [text]}

    def target(text: str) -> dict[str, Any]:
        plan_work(given["inputs"], text)
        return {"output": text}

    def option(name: str) -> Callable[[str], dict[str, Any]]:
        def check(text: str) -> dict[str, Any]:
            chosen = {name: text or None}
            parsed_options({**given, **chosen})
            return chosen

        return check

    given = given | _answer("Picture, folder or pattern: ", source, ask=ask, say=say)
    suggested = suggested_output(given["inputs"][0])
    given |= _answer(f"Save as [{suggested}]: ", lambda t: target(t or suggested), ask=ask, say=say)
    if not any(given.get(name) for name in SIZES):
        given |= _answer("Scale, 1 to 16 [4]: ", option("scale"), ask=ask, say=say)
    levels = ", ".join(QUALITY_LEVELS)
    return given | _answer(
        f"Quality, {levels} [as the device allows]: ", option("quality_level"), ask=ask, say=say
    )


def suggested_output(source: str) -> str:
    """Beside a single picture, else the folder `enlarged`."""
    path = Path(source)
    return str(path.with_stem(f"{path.stem}-large")) if path.is_file() else "enlarged"


def _answer(
    question: str, accept: Callable[[str], dict[str, Any]], *, ask: Ask, say: Say
) -> dict[str, Any]:
    while True:
        try:
            return accept(ask(question).strip())
        except WrongUsage as error:
            say(f"  {error}")
