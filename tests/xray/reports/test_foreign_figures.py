"""A reviewer's words are not judged, but no edit says another figure than the classifier's."""

import pytest

from xray.reports.foreign_figures import foreign_figures

FINDINGS = [
    {"probability": 0.912, "operating_point": 0.437, "interval": [0.867, 0.948], "inside_share": 0.88}
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("Pneumonia with ninety percent probability.", "ninety percent"),
        ("Pneumonia, seven out of ten.", "seven out of ten"),
        ("Pneumonia at zero point eight.", "zero point eight"),
        ("The score is 5 in 10.", "5 in 10"),
        ("One hundred per cent certain.", "One hundred per cent"),
        ("肺炎概率百分之九十。", "百分之九十"),
        ("肺炎的可能性有八成。", "八成"),
        ("肺炎概率十分之七。", "十分之七"),
        ("肺炎概率零点八。", "零点八"),
    ],
)
def test_a_figure_in_words_that_the_classifier_did_not_give_is_found(text, figure):
    assert foreign_figures(text, FINDINGS) == [figure]


@pytest.mark.parametrize(
    "text",
    [
        "Ninety-one percent.", "Ninety-one point two percent.", "About nine in ten.", "九成。", "百分之九十一。",
        "One half of the lower lobe is dense.", "A third of the lung.", "右肺的三分之一。", "The two lobes.",
        "See point two.", "诊断成立。", "第一点。", "一家医院。",
    ],
)  # fmt: skip
def test_the_classifier_s_own_figures_in_words_and_a_reader_s_measures_pass(text):
    assert foreign_figures(text, FINDINGS) == []


def test_what_the_sentence_said_before_may_be_said_again_in_words():
    assert foreign_figures("Twenty percent.", FINDINGS) == ["Twenty percent"]
    assert foreign_figures("Twenty percent.", FINDINGS, known_text="20 % or twenty percent.") == []
