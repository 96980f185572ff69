"""`about nine in ten` of 0.912: a coarse measure that says it is one."""

from __future__ import annotations

from xray.reports.reading_context import Reading

COARSE = 0.025
"""What a rounded ratio may be off by; a percentage or a decimal may not, see figures.TOLERANCE."""
ABOUT = frozenset(
    {
        "about",
        "about the",
        "around",
        "around the",
        "approximately",
        "roughly",
        "circa",
        "some",
        "approx",
    }
    | {"约", "大约", "大概", "约为", "约合", "大致", "差不多", "相当于"}
)
RISING = frozenset(
    {
        "nearly",
        "almost",
        "close to",
        "close to the",
        "just under",
        "just below",
        "近",
        "接近",
        "将近",
    }
)
"""The fact is a little less."""
BEHIND = frozenset({"左右", "上下", "多", "余", "略多", "or so", "出头"})
MORE = frozenset({"多", "余", "略多", "出头"})


CASES = frozenset(
    {
        "films",
        "children",
        "cases",
        "patients",
        "images",
        "kids",
        "x-rays",
        "radiographs",
        "readings",
    }
)
CASES |= {"孩子", "患者", "患儿", "儿童", "胸片", "片子", "病例", "人", "病人", "图像"}
LINKS = frozenset(
    {"of", "such", "these", "all", "similar", "like", "the", "的", "这样的", "同类", "此类"}
)


def is_a_frequency(reading: Reading, at: int) -> bool:
    """`91 % of films`, `九成的患儿`: how often something is so, which no figure of the sheet says."""
    for token in reading.tokens[at + 1 : at + 5]:
        if token.text in CASES:
            return True
        if token.text not in LINKS and token.value != "sign":
            return False
    return False


def rounds_to(reading: Reading, at: int, fact: float) -> bool:
    """Whether the ratio at `at`, said to be rough, stands for `fact`."""
    figure = reading.tokens[at].figure
    if figure is None or abs(figure.value - fact) > COARSE:
        return False
    before = {token.text for token in reading.tokens[max(0, at - 2) : at]}
    joined = " ".join(token.text for token in reading.tokens[max(0, at - 3) : at])
    after = {token.text for token in reading.tokens[at + 1 : at + 3]}
    if any(joined.endswith(words) for words in RISING):
        return fact <= figure.value
    if after & MORE:
        return fact >= figure.value
    return bool(before & ABOUT or after & BEHIND)
