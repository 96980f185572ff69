"""Filters that put words on a page."""

from __future__ import annotations

import pytest
from django.utils import translation

from project.web.templatetags.shown import code_marks, memory


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Send `file` and `mask`.", "Send <code>file</code> and <code>mask</code>."),
        ("`<b>` & more", "<code>&lt;b&gt;</code> &amp; more"),
        ("a lone ` stays", "a lone ` stays"),
        ("no marks <i>", "no marks &lt;i&gt;"),
    ],
)
def test_words_between_backticks_become_code_and_all_is_escaped(text: str, expected: str) -> None:
    assert code_marks(text) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [(None, ""), (0, "0 MB"), (2_485_696, "2 MB"), (999_499_999, "999 MB"),
     (999_500_000, "1.0 GB"), (25_276_514_304, "25.3 GB")],
)  # fmt: skip
def test_a_memory_is_told_in_megabytes_up_to_a_gigabyte(size: int | None, expected: str) -> None:
    with translation.override("en"):
        assert memory(size) == expected
