"""Every page, for every look: nothing in the console, nothing for axe, nothing beside the edge."""

from __future__ import annotations

import pytest

from tests.e2e.accessibility import findings
from tests.e2e.conftest import PHONE, WIDE, Look, keep_picture
from tests.e2e.pages import PAGES, Seen

LOOKS = (WIDE, PHONE)
MISSING = {"not-found", "password-reset-invalid"}


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
@pytest.mark.parametrize("seen", PAGES, ids=lambda seen: seen.name)
def test_every_page_passes_axe_and_fits_its_window(enter, stack, places, seen: Seen, look: Look):
    people = {"demo": stack.demo, "administrator": stack.administrator}
    visitor = enter(people.get(seen.who), look)
    page = visitor.page()
    page.goto(seen.path.format(**places))
    page.wait_for_load_state("load")
    assert page.locator("html").get_attribute("lang") == look.language
    assert page.locator("h1").count() == 1
    overflow = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    keep_picture(page, f"{seen.name}-{look.name}")
    assert (seen.name, overflow) == (seen.name, 0)
    assert findings(page) == []
    if seen.name in MISSING:
        visitor.expect_refusal(404)
