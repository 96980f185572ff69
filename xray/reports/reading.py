"""From an answer's text to tokens with a meaning: cleaning, sentences, numbers, longest match."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from xray.reports.general_en import GENERAL_ENGLISH
from xray.reports.general_zh import GENERAL_CHINESE
from xray.reports.idioms import CHINESE_IDIOMS, ENGLISH_IDIOMS
from xray.reports.lexicon import Tag
from xray.reports.lexicon_en import ENGLISH
from xray.reports.lexicon_zh import CHINESE
from xray.reports.numerals import read_figure
from xray.reports.phrases import Language
from xray.reports.tidy import settle, spell_out, without_marker
from xray.reports.token import Token
from xray.reports.vocabulary import CHINESE_PLAIN, ENGLISH_PLAIN

LONGEST_PHRASE = 5
LONGEST_HAN = 10
SHORTEST_STEMMED = 5
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
STOPS = frozenset(";；—")
COMMAS = frozenset(",，")
SIGNS = {">": Tag.ABOVE, "≥": Tag.ABOVE, "<": Tag.BELOW, "≤": Tag.BELOW, "%": Tag.PERCENT}
PLAIN_SIGNS = frozenset("()[]:'\"=≈~、/·-。.!?！？《》“”‘’「」【】〔〕『』•…")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
IDENTIFIER = re.compile(r"f\d+\b")
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_CONTRACTIONS = ((r"\bcan't\b", "can not"), (r"\bwon't\b", "will not"), (r"n't\b", " not"))
_SPLIT = re.compile(r"(?<=[.!?])(?=\s|$)|(?<=[。！？])|\n+")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|approx|vs|cf|etc|no|fig|dr)\.$", re.IGNORECASE)


def clean(text: str) -> str:
    """Without format characters (zero width, direction): what remains is what a reader sees."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf").replace(
        "\u00a0", " "
    )


def strange(text: str) -> str:
    """The first sign of a script or kind that neither language writes, or an empty string.

    Compatibility forms are folded first. Greek and Cyrillic look-alikes, combining marks and
    control signs would let a reader see another word than the verifier.
    """
    for sign in unicodedata.normalize("NFKC", text):
        if sign in "\n\t " or (sign.isascii() and sign.isprintable()) or HAN.match(sign):
            continue
        if sign in "–—‑−×·°±≥≤≈～“”‘’…、。《》「」【】〔〕『』，；：！？（）％•":
            continue
        return sign
    return ""


def fold(text: str) -> str:
    """Lower case, one width, one kind of dash and quote: the form in which words are looked up."""
    folded = unicodedata.normalize("NFKC", text).lower()
    folded = re.sub("[–‑−]", "-", folded).replace("’", "'").replace("‘", "'").replace("～", "~")
    for pattern, plain in _CONTRACTIONS:
        folded = re.sub(pattern, plain, folded)
    return spell_out(folded)


def sentences(text: str) -> list[str]:
    """At full stops, question marks and lines; a decimal point ends nothing."""
    parts: list[str] = []
    for part in _SPLIT.split(text):
        if parts and _ABBREVIATION.search(parts[-1]):
            parts[-1] += part
        elif part.strip():
            parts.append(part)
    stripped = (without_marker(part.strip(" \t-*•")) for part in parts)
    return [part for part in stripped if part.strip(" \t-*•.。")]


def tokens(sentence: str, language: Language, names: tuple[str, ...] = ()) -> list[Token]:
    """The sentence in concepts; `names` are words of the model that are read as one token."""
    rest = fold(sentence)
    found: list[Token] = []
    while rest:
        if rest[0].isspace():
            rest = rest[1:]
            continue
        token, length = _next(rest, language, names)
        found.append(token)
        rest = rest[length:]
    return settle(found)


def _next(rest: str, language: Language, names: tuple[str, ...]) -> tuple[Token, int]:
    for name in names:
        if rest.startswith(name):
            return Token(name, Tag.MODEL), len(name)
    if match := DATE.match(rest):
        return Token(match[0], Tag.NUMBER, "date"), match.end()
    if match := IDENTIFIER.match(rest):
        return Token(match[0], Tag.WORD, "id"), match.end()
    han = HAN.match(rest) is not None
    figure = read_figure(rest)
    if figure and not (han and figure.is_count and _begins_a_word(rest)):
        return Token(rest[: figure.length], Tag.NUMBER, "", figure), figure.length
    if han:
        return _han(rest)
    if WORD.match(rest):
        return _english(rest) if language == "en" else _latin_in_chinese(rest)
    sign = rest[0]
    if sign in SIGNS:
        return Token(sign, SIGNS[sign]), 1
    if sign in STOPS:
        return Token(sign, Tag.STOP), 1
    if sign in COMMAS:
        return Token(sign, Tag.WORD, "comma"), 1
    return Token(sign, Tag.WORD if sign in PLAIN_SIGNS else Tag.UNKNOWN, "sign"), 1


def _begins_a_word(rest: str) -> bool:
    """`十分`, `一家`, `三位`: numerals that are no number."""
    return any(rest[:length] in _chinese_words() for length in range(2, LONGEST_HAN))


def _han(rest: str) -> tuple[Token, int]:
    """The first word of the best cut of the run: fewest unknown signs, then fewest words."""
    run = HAN_RUN.match(rest)
    words = _chinese_words()
    first = _cut(run[0] if run else rest[0])
    return Token(first, *words.get(first, (Tag.UNKNOWN, ""))), len(first)


@lru_cache(maxsize=4096)
def _cut(run: str) -> str:
    words = _chinese_words()
    best: list[tuple[int, int, int]] = [(0, 0, 0)] * (len(run) + 1)
    for at in range(len(run) - 1, -1, -1):
        best[at] = min(
            (unknown + (run[at : at + length] not in words), count + 1, -length)
            for length in range(1, min(LONGEST_HAN, len(run) - at) + 1)
            if length == 1 or run[at : at + length] in words
            for unknown, count, _ in (best[at + length],)
        )
    return run[: -best[0][2]]


def _latin_in_chinese(rest: str) -> tuple[Token, int]:
    """The few Latin words that Chinese reports use; others are unknown."""
    words = _chinese_words()
    for length in range(min(LONGEST_HAN, len(rest)), 0, -1):
        ends = (
            length == len(rest)
            or not rest[length - 1 : length + 1].isalpha()
            or bool(HAN.match(rest[length]))
        )
        if ends and (hit := words.get(rest[:length])):
            return Token(rest[:length], *hit), length
    match = WORD.match(rest)
    length = match.end() if match else 1
    return Token(rest[:length], Tag.UNKNOWN), length


def _english(rest: str) -> tuple[Token, int]:
    """The longest phrase of the lexicon, then a plain word, each also by its stem."""
    found = list(re.finditer(r"[a-z]+(?:'[a-z]+)?|\d+", rest[:80]))
    words: list[str] = []
    end = 0
    best: tuple[Token, int] | None = None
    for match in found[:LONGEST_PHRASE]:
        if rest[end : match.start()].strip(" -") != "":
            break
        words.append(match[0].removesuffix("'s"))
        end = match.end()
        if hit := _phrase(tuple(words)):
            best = Token(rest[:end], *hit), end
    if best:
        return best
    word, length = found[0][0].removesuffix("'s"), found[0].end()
    if word in ENGLISH_PLAIN:
        return Token(word, Tag.WORD), length
    if hit := _english_stems().get(stem(word)):
        return Token(word, *hit), length
    plain = word in GENERAL_ENGLISH or stem(word) in _plain_stems()
    return Token(word, Tag.WORD if plain else Tag.UNKNOWN), length


def stem(word: str) -> str:
    """A word without its plain ending; the same crude cut on both sides of every look-up."""
    for ending in ("ingly", "ings", "ing", "edly", "ies", "ied", "ed", "es", "ly", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _phrase(words: tuple[str, ...]) -> tuple[Tag, str] | None:
    return _english_phrases().get(words)


@cache
def _english_phrases() -> dict[tuple[str, ...], tuple[Tag, str]]:
    table: dict[tuple[str, ...], tuple[Tag, str]] = {}
    for tag, values in (*ENGLISH_IDIOMS.items(), *ENGLISH.items()):
        for value, phrases in values.items():
            for phrase in phrases:
                table.setdefault(tuple(phrase.replace("-", " ").split()), (tag, value))
    return table


@cache
def _english_stems() -> dict[str, tuple[Tag, str]]:
    """Of single words; where two concepts share a stem, the first listed is meant."""
    table: dict[str, tuple[Tag, str]] = {}
    for words, hit in _english_phrases().items():
        if len(words) == 1 and len(stem(words[0])) >= SHORTEST_STEMMED:
            table.setdefault(stem(words[0]), hit)
    return table


@cache
def _chinese_words() -> dict[str, tuple[Tag, str]]:
    table: dict[str, tuple[Tag, str]] = {}
    for tag, values in (*CHINESE_IDIOMS.items(), *CHINESE.items()):
        for value, phrases in values.items():
            for phrase in phrases:
                table.setdefault(phrase, (tag, value))
    for word in (*CHINESE_PLAIN, *GENERAL_CHINESE):
        table.setdefault(word, (Tag.WORD, ""))
    return table


@cache
def _plain_stems() -> frozenset[str]:
    words = [*(w for w in ENGLISH_PLAIN if len(w) > 4), *(w for w in GENERAL_ENGLISH if len(w) > 5)]
    return frozenset(stem(word) for word in words)
