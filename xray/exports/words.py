"""The words of exports that are no report text: captions, names of columns, states.

Report text and headings come from `xray.reports.phrases`; an export adds only these. Both
languages stand side by side, and a key without a word is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from xray.reports.envelope import Envelope, Sentence
from xray.reports.phrases import LANGUAGES, Language, heading

WORDS: Mapping[str, tuple[str, str]] = {
    "banner": ("RESEARCH ONLY - NOT FOR DIAGNOSIS", "仅供研究 - 不得用于诊断"),
    "study": ("Study", "检查编号"),
    "pseudonym": ("Pseudonym", "假名"),
    "age_band": ("Age band, years", "年龄段（岁）"),
    "sex": ("Sex", "性别"),
    "sex_F": ("female", "女"),
    "sex_M": ("male", "男"),
    "sex_O": ("other", "其他"),
    "sex_": ("not stated", "未注明"),
    "unknown": ("not stated", "未注明"),
    "modality": ("Modality, view", "模态、体位"),
    "rule": ("rule", "规则"),
    "share": ("Share inside the lungs", "肺野内份额"),
    "gate_score": ("Gate: frontal chest film", "准入：正位胸片"),
    "film": ("Film, de-identified", "胸片（已去标识）"),
    "overlay": ("Heat map of {label}; outline: half of the maximum", "{label}热力图；轮廓：最大值的一半"),
    "no_film": (
        "The film is no longer stored, so the report has no picture.",
        "胸片已不再保存，因此报告中没有图像。",
    ),
    "no_heatmap": (
        "No heat map: it is made for findings above or near their operating point.",
        "无热力图：仅对高于或接近判定阈值的发现生成。",
    ),
    "scale": ("cold to hot", "由冷到热"),
    "name": ("Name", "名称"),
    "trained_on": ("Trained on", "训练数据"),
    "metrics": ("Figures on held-out films", "留出胸片上的指标"),
    "metric_auc": ("AUC", "AUC"),
    "metric_accuracy": ("accuracy", "准确率"),
    "metric_sensitivity": ("sensitivity", "灵敏度"),
    "metric_specificity": ("specificity", "特异度"),
    "metric_ece": ("calibration error", "校准误差"),
    "generator": ("Text", "文本"),
    "generator_structured": ("structured, from the figures alone", "结构化，仅由数值生成"),
    "generator_llm": ("language model {model}, every sentence checked", "语言模型 {model}，逐句核验"),
    "generator_llm_rejected": (
        "structured; the text of language model {model} was not accepted",
        "结构化；语言模型 {model} 的文本未被采纳",
    ),
    "review_pending": ("not reviewed", "未审核"),
    "review_accepted": ("accepted", "已接受"),
    "review_edited": ("edited and accepted", "已修改并接受"),
    "review_rejected": ("rejected", "已退回"),
    "review_by": ("{status} by {by}, {at}", "{status}，{by}，{at}"),
    "by_reviewer": ("(reviewer's words)", "（审核者所写）"),
    "edit": ("{section}: {before} -> {after}", "{section}：{before} -> {after}"),
    "edits": ("Changes", "修改"),
    "digest": ("Digest of the report, sha256", "报告摘要 sha256"),
    "page": ("{number} / {count}", "{number} / {count}"),
    "point_short": ("point", "阈值"),
}  # fmt: skip


def language_of(envelope: Envelope) -> Language:
    """The language in which the envelope was written. Raises ValueError for another."""
    if envelope["language"] not in LANGUAGES:
        raise ValueError(f"no words in {envelope['language']!r}")
    return envelope["language"]


def word(key: str, language: Language, **values: str) -> str:
    """One word or caption, filled in."""
    return WORDS[key][LANGUAGES.index(language)].format(**values)


def metric_word(name: str, language: Language) -> str:
    """What a figure of the model is called; one without a word keeps its name."""
    key = f"metric_{name}"
    return word(key, language) if key in WORDS else name


def review_line(envelope: Envelope) -> str:
    """Who signed, and when, or that nobody did."""
    language, review = language_of(envelope), envelope["review"]
    status = word(f"review_{review['status']}", language)
    if review["status"] == "pending":
        return status
    at = datetime.fromisoformat(review["at"]).astimezone(UTC)
    return word(
        "review_by", language, status=status, by=review["by"], at=f"{at:%Y-%m-%d %H:%M} UTC"
    )


def edit_lines(envelope: Envelope) -> list[str]:
    """What the reviewer changed, section by section."""
    language = language_of(envelope)
    return [
        word(
            "edit",
            language,
            section=heading(edit["section"], language),
            before=edit["before"] or "-",
            after=edit["after"] or "-",
        )
        for edit in envelope["review"]["edits"]
    ]


def said(sentence: Sentence, language: Language) -> str:
    """A sentence of the report; one that a reviewer wrote says so."""
    if dict(sentence).get("author") == "reviewer":
        return f"{sentence['text']} {word('by_reviewer', language)}"
    return sentence["text"]


def generator_line(envelope: Envelope) -> str:
    """Who wrote the text."""
    generator = envelope["generator"]
    key = f"generator_{generator['mode']}"
    return word(key, language_of(envelope), model=generator["llm_model"] or "-")


def plain_line(text: str) -> str:
    """`text` on one line, without control characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
