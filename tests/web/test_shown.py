"""Filters that put words on a page."""

from __future__ import annotations

import pytest

from project.web.templatetags.shown import code_marks


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
