"""Whole-answer checks: shape, language, refusals, loops, copies, markup."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xray.reports.facts import FactSheet
from xray.reports.figures import SLACK, TOLERANCE
from xray.reports.llm.schema import MAX_CHARACTERS, MAX_IMPRESSION, MAX_SENTENCES_PER_FINDING
from xray.reports.phrases import Language
from xray.reports.problem import Problem
from xray.reports.reading import HAN, clean, fold, sentences, strange

MOST_CHARACTERS = 6000
MOST_SENTENCES = 30
COPIED_WORDS = 6
COPIED_HAN = 8
LOOP_WORDS = 8
LOOP_TIMES = 3
HAN_SHARE: dict[Language, tuple[float, float]] = {"en": (0.0, 0.02), "zh-hans": (0.6, 1.0)}
MARKUP = re.compile(
    r"<[a-z!/]|https?:|www\.|\]\(|```|\{\{|&[a-z]+;|&#|\*\*|^#+\s|javascript:", re.I | re.M
)
REFUSAL = re.compile(
    r"\bi(?:'m| am) (?:sorry|unable|ready|an? ai|not able|happy|here to)|\bas an ai\b|\bi can(?:not|'t| not)\b"
    r"|ready to assist|how (?:can|may) i (?:help|assist)|\bsure[,!]|language model|unable to (?:provide|comply|assist|help|generate)"
    r"|please provide|抱歉|对不起|作为一个?(?:人工智能|ai|语言)|我无法|我不能|无法提供(?:报告|医疗|帮助)|请提供|很高兴|乐意|有什么可以帮",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence, where it stood, and the finding that the answer's structure gave it."""

    text: str
    part: str
    finding_id: str = ""


def parse(answer: Mapping[str, Any] | str) -> Mapping[str, Any] | str:
    """A text that is a JSON object is that object."""
    if isinstance(answer, str) and answer.lstrip().startswith("{"):
        try:
            parsed = json.loads(answer)
        except (ValueError, RecursionError):
            return answer
        return parsed if isinstance(parsed, dict) else answer
    return answer


def collect(answer: Mapping[str, Any] | str, facts: FactSheet) -> tuple[list[Said], list[Problem]]:
    """All sentences of the answer and what is wrong with its shape."""
    if isinstance(answer, str):
        return [Said(part, "findings") for part in sentences(clean(answer))], []
    problems = list(_shape(answer, facts))
    if problems:
        return [], problems
    said: list[Said] = []
    for item in answer["findings"]:
        for part in sentences(clean(item["sentence"])):
            said.append(Said(part, "findings", item["finding_id"]))
    for text in answer["impression"]:
        said.extend(Said(part, "impression") for part in sentences(clean(text)))
    return said, []


def check_answer(
    said: list[Said], facts: FactSheet, *, language: Language, instructions: str
) -> Iterator[Problem]:
    """What rejects an answer whatever its single sentences say."""
    text = "\n".join(sentence.text for sentence in said)
    if not text.strip():
        yield Problem("empty")
        return
    if len(text) > MOST_CHARACTERS or len(said) > MOST_SENTENCES:
        yield Problem("too_long", detail=str(len(text)))
    if sign := strange(text):
        yield Problem("strange_characters", detail=f"U+{ord(sign):04X}")
    if match := MARKUP.search(text):
        yield Problem("markup", detail=match[0])
    if match := REFUSAL.search(fold(text)):
        yield Problem("refusal", detail=match[0])
    for sentence in said:
        low, high = HAN_SHARE[language]
        share = han_share(sentence.text, facts)
        if share is not None and not low <= share <= high:
            yield Problem("wrong_language", sentence.text, f"{share:.2f} Han")
    if loop := _loop(said):
        yield Problem("loop", detail=loop)
    for source in (facts.indication, instructions):
        if copied := _copied(text, source):
            yield Problem("copied", detail=copied)


def han_share(text: str, facts: FactSheet) -> float | None:
    """Share of Han among the letters, names of the model left out; None without letters."""
    rest = fold(text).replace(facts.model.name.lower(), "")
    han = len(HAN.findall(rest))
    latin = len(re.findall("[a-z]+", rest))
    return han / (han + latin) if han + latin else None


def _shape(answer: Mapping[str, Any], facts: FactSheet) -> Iterator[Problem]:
    if set(answer) != {"findings", "impression"}:
        yield Problem("schema", detail=f"keys {sorted(answer)}"[:200])
        return
    items, impression = answer["findings"], answer["impression"]
    if not isinstance(items, list) or not isinstance(impression, list):
        yield Problem("schema", detail="findings and impression are lists")
        return
    if len(impression) > MAX_IMPRESSION:
        yield Problem("schema", detail="too many impressions")
    if len(items) > MAX_SENTENCES_PER_FINDING * len(facts.findings):
        yield Problem("schema", detail="too many findings")
    for text in impression:
        if not isinstance(text, str) or not text.strip():
            yield Problem("schema", detail="an impression is not a sentence")
    for item in items:
        yield from _item(item, facts)


def _item(item: Any, facts: FactSheet) -> Iterator[Problem]:
    keys = {"finding_id", "label", "side", "region", "probability", "sentence"}
    if not isinstance(item, dict) or set(item) != keys:
        yield Problem("schema", detail="a finding has other keys")
        return
    sentence, probability = item["sentence"], item["probability"]
    if not isinstance(sentence, str) or not sentence.strip():
        yield Problem("schema", detail="a finding has no sentence")
        return
    if len(sentence) > max(MAX_CHARACTERS.values()) * 2:
        yield Problem("too_long", sentence[:80])
    finding = next((f for f in facts.findings if f.id == item["finding_id"]), None)
    if finding is None or item["label"] != finding.label:
        yield Problem("foreign_label", sentence, f"{item['finding_id']} {item['label']}"[:80])
        return
    if item["side"] != finding.side:
        yield Problem("wrong_side", sentence, str(item["side"])[:40])
    if item["region"] != finding.region:
        yield Problem("wrong_region", sentence, str(item["region"])[:40])
    number = isinstance(probability, int | float) and not isinstance(probability, bool)
    if not number or not abs(probability - finding.probability) <= TOLERANCE + SLACK:
        yield Problem("wrong_number", sentence, str(probability)[:40])


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9.']*[a-z0-9']|[\u4e00-\u9fff]", fold(text))


def _loop(said: list[Said]) -> str:
    """A sentence thrice, or a run of eight words thrice within one part, or a word four times."""
    for part in ("findings", "impression"):
        texts = [sentence.text for sentence in said if sentence.part == part]
        if any(count >= LOOP_TIMES for count in Counter(map(fold, texts)).values()):
            return "sentence"
        words = _words(" ".join(texts))
        size = LOOP_WORDS if not HAN.search("".join(texts)) else 2 * LOOP_WORDS
        grams = Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
        if any(count >= LOOP_TIMES for count in grams.values()):
            return "words"
        if any(len({*words[at : at + 4]}) == 1 for at in range(len(words) - 3)):
            return "word"
    return ""


def _copied(text: str, source: str) -> str:
    """The first run of six words (eight Han signs) that also stands in `source`."""
    words, theirs = _words(text), _words(source)
    size = COPIED_HAN if HAN.search(source) else COPIED_WORDS
    if len(theirs) < size:
        return ""
    runs = {tuple(theirs[at : at + size]) for at in range(len(theirs) - size + 1)}
    for at in range(len(words) - size + 1):
        if tuple(words[at : at + size]) in runs:
            return " ".join(words[at : at + size])
    return ""
