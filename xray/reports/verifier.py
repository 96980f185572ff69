"""Whether a language model's answer says what the fact sheet says, sentence by sentence.

Closed world: a sentence passes only if every word is known, every claim in it was compared with
the facts, and none differed. A minor defect drops the sentence, any other rejects the answer. A
reported label that no passed sentence puts forward rejects it too. Deterministic, no network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xray.reports import envelope
from xray.reports.answers import Said, check_answer, collect, parse
from xray.reports.claims import check_claims, states
from xray.reports.conduct import check_conduct
from xray.reports.doubt import weigh
from xray.reports.facts import FactSheet
from xray.reports.fallible import check_fallible
from xray.reports.figures import check_figures
from xray.reports.lexicon import Tag
from xray.reports.phrases import Language
from xray.reports.placing import check_placing
from xray.reports.problem import Problem
from xray.reports.reading import fold, tokens
from xray.reports.reading_context import Reading
from xray.reports.scope import check_scope


@dataclass(frozen=True)
class Verdict:
    """What of an answer may be shown, and why the rest may not."""

    accepted: bool
    narrative: list[envelope.Sentence] = field(default_factory=list)
    impression: list[envelope.Sentence] = field(default_factory=list)
    """Empty unless it names every finding; its sentences then end the narrative."""
    dropped: list[Problem] = field(default_factory=list)
    """One for each sentence left out of an accepted answer."""
    errors: list[Problem] = field(default_factory=list)
    """What rejected it; empty when accepted."""

    @property
    def sentences(self) -> list[envelope.Sentence]:
        return [*self.narrative, *self.impression]


def verify(
    answer: Mapping[str, Any] | str,
    facts: FactSheet,
    *,
    language: Language,
    instructions: str = "",
) -> Verdict:
    """Compare every claim of `answer` with `facts`.

    `instructions` is the prompt's text without the facts: six words of it in a row are a copy.
    A rejected verdict holds no sentence at all, so nothing of it can reach a report by mistake.
    """
    said, errors = collect(parse(answer), facts)
    if not errors:
        errors = list(check_answer(said, facts, language=language, instructions=instructions))
    if errors:
        return Verdict(accepted=False, errors=errors)
    passed: list[tuple[Said, Reading]] = []
    dropped: list[Problem] = []
    signs: list[tuple[Said, Reading, Problem]] = []
    seen: set[tuple[str, str]] = set()
    for sentence in said:
        reading = read(sentence, facts, language)
        problems = check_sentence(reading)
        if (sentence.part, fold(sentence.text)) in seen:
            problems.append(Problem("duplicate", sentence.text))
        seen.add((sentence.part, fold(sentence.text)))
        errors.extend(problem for problem in problems if not problem.is_minor)
        if not problems:
            passed.append((sentence, reading))
        elif all(problem.code == "sign_alone" for problem in problems):
            signs.append((sentence, reading, problems[0]))
        elif all(problem.is_minor for problem in problems):
            dropped.append(problems[0])
    for sentence, reading, problem in signs:
        if any(states(other, f) for _, other in passed for f in facts.findings if f.is_reported):
            passed.append((sentence, reading))
        else:
            dropped.append(problem)
    passed.sort(key=lambda pair: said.index(pair[0]))
    errors.extend(_omissions(passed, facts))
    if errors:
        return Verdict(accepted=False, dropped=dropped, errors=errors)
    narrative = [pair for pair in passed if pair[0].part == "findings"]
    impression = [pair for pair in passed if pair[0].part == "impression"]
    if not _covers(impression, facts):
        narrative, impression = [*narrative, *impression], []
    return Verdict(
        accepted=True,
        narrative=[_traced(*pair) for pair in narrative],
        impression=[_traced(*pair) for pair in impression],
        dropped=dropped,
    )


def read(sentence: Said, facts: FactSheet, language: Language) -> Reading:
    """The sentence in concepts, with the findings that it is about."""
    model = facts.model
    names = tuple(
        name.lower() for name in (f"{model.name} {model.version}", model.name) if name.strip()
    )
    words = tokens(sentence.text, language, names)
    labels = {token.value for token in words if token.tag == Tag.LABEL}
    findings = [finding for finding in facts.findings if finding.label in labels]
    if not findings:
        findings = [f for f in facts.findings if f.id == sentence.finding_id]
    return Reading(
        text=sentence.text,
        tokens=words,
        facts=facts,
        language=language,
        finding_id=sentence.finding_id,
        findings=findings or list(facts.findings),
    )


def check_sentence(reading: Reading) -> list[Problem]:
    """All that is wrong with one sentence; an empty list means that every claim in it holds."""
    checks = (
        check_scope, check_conduct, check_claims, check_placing, check_figures, check_fallible,
    )  # fmt: skip
    problems = [weigh(reading, problem) for check in checks for problem in check(reading)]
    unknown = [token.text for token in reading.tokens if token.tag == Tag.UNKNOWN]
    if unknown:
        problems.append(Problem("unknown_words", reading.text, ", ".join(unknown[:8])))
    if reading.text.rstrip().endswith(("?", "？")):
        problems.append(Problem("question", reading.text))
    known = {finding.id.lower() for finding in reading.facts.findings}
    for token in reading.tokens:
        if token.value == "id" and token.text not in known:
            problems.append(Problem("foreign_label", reading.text, token.text))
    return problems


def _omissions(passed: list[tuple[Said, Reading]], facts: FactSheet) -> list[Problem]:
    """A reported label must be put forward; an answer about nothing is empty."""
    missing = [
        Problem("omission", detail=finding.label)
        for finding in facts.findings
        if finding.is_reported and not any(states(reading, finding) for _, reading in passed)
    ]
    about_a_label = any(reading.has(Tag.LABEL, Tag.SIGN) for _, reading in passed)
    if facts.findings and not missing and not about_a_label:
        return [Problem("empty", detail="no sentence names a label")]
    return missing


def _covers(impression: list[tuple[Said, Reading]], facts: FactSheet) -> bool:
    """Whether it can stand as the report's impression: no finding is missing in it."""
    for finding in facts.findings:
        named = [
            reading
            for _, reading in impression
            if finding in reading.findings and reading.has(Tag.LABEL, Tag.SIGN)
        ]
        if not named:
            return False
    return True


def _traced(sentence: Said, reading: Reading) -> envelope.Sentence:
    """With the findings that it is about; a general one (advice, limits) holds for all."""
    return envelope.Sentence(
        text=sentence.text, finding_ids=[finding.id for finding in reading.findings]
    )
