"""Numbers are read however people write them."""

import pytest

from xray.reports.numerals import read_figure

CASES = {
    "0.912,": 0.912,
    ".91": 0.91,
    "0,912": 0.912,
    "91 %": 0.91,
    "91.2 percent": 0.912,
    "91 per cent": 0.91,
    "ninety-one point two percent": 0.912,
    "ninety one percent": 0.91,
    "zero point nine one two": 0.912,
    "point nine": 0.9,
    "nine out of ten": 0.9,
    "9 out of 10": 0.9,
    "nine in ten": 0.9,
    "9/10": 0.9,
    "three quarters": 0.75,
    "nine tenths": 0.9,
    "half": 0.5,
    "a hundred percent": None,
    "one hundred percent": 1.0,
    "百分之九十一点二": 0.912,
    "百分之91.2": 0.912,
    "百分之百": 1.0,
    "九成": 0.9,
    "九成一": 0.91,
    "八成半": 0.85,
    "十分之九": 0.9,
    "零点九一二": 0.912,
    "〇点九五": 0.95,
    "一半": 0.5,
    "one hospital": None,
    "upper third": None,
    "三位小数": None,
    "pneumonia": None,
}


@pytest.mark.parametrize("text", CASES)
def test_a_number_in_digits_words_or_characters_has_its_value(text):
    figure = read_figure(text)
    if CASES[text] is None:
        assert figure is None
    else:
        assert figure is not None
        assert figure.value == pytest.approx(CASES[text])
