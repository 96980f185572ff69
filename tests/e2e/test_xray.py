"""A film in a real browser: sent, analysed by the real worker, read, signed, taken along."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import findings
from tests.e2e.conftest import PHONE, WIDE, keep_picture
from tests.e2e.photos import photo, upload
from tests.xray.factories import draw_film, grey_png

PATIENCE_MS = 240_000


def send(page: Page, content: bytes, **fields: str) -> None:
    """Through the form, as a person does."""
    page.goto("/xray/")
    page.locator("#file").set_input_files(upload("film.png", content, "image/png"))
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[data-go]").click()
    page.wait_for_url(re.compile(r"/xray/[0-9a-f-]{36}/$"), timeout=PATIENCE_MS)


def ended(page: Page) -> str:
    """What became of the film: its page is reloaded by the feed when the job ends."""
    page.locator(".refused, .study").first.wait_for(timeout=PATIENCE_MS)
    page.wait_for_load_state()
    return "reported" if page.locator(".study").count() else "refused"


def sample() -> bytes:
    """A composite film of the product, which belongs to nobody."""
    from pathlib import Path

    import xray

    shipped = sorted(Path(xray.__file__).parent.glob("samples/*opacity*.png"))
    return shipped[0].read_bytes() if shipped else grey_png(draw_film(640, 560))


def test_a_film_becomes_a_report_that_a_person_reads_signs_and_takes_along(enter, stack):
    visitor = enter(stack.demo, WIDE)
    page = visitor.page()
    send(page, sample(), indication="cough and fever")
    if ended(page) == "refused":
        pytest.fail(
            f"the active gate refuses the sample: {page.locator('.banner').all_inner_texts()}"
        )
    expect(page.locator(".findings-table")).to_contain_text("pneumonia")
    expect(page.locator("xray-viewer[data-ready]")).to_have_count(1)
    for key in ("i", "c", "]", "0"):
        page.keyboard.press(key)
    page.locator('[data-set="window"]').fill("40")
    expect(page.locator('[data-out="window"]')).to_have_text("40")
    assert findings(page) == []
    page.get_by_text("Review and sign this version").click()
    page.get_by_role("button", name="Sign").click()
    expect(page.locator(".sign-off")).to_contain_text(f"Accepted by {stack.demo.username}")
    expect(page.locator(".messages")).to_be_visible()
    assert findings(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^PDF")).click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    keep_picture(page, f"xray-report-{WIDE.name}")


def test_a_photo_is_refused_on_the_phone_with_a_reason_and_without_a_figure(enter, stack):
    page = enter(stack.demo, PHONE).page()
    send(page, photo(512))
    assert ended(page) == "refused"
    text = page.locator("main").inner_text()
    assert re.search(r"not_chest_xray|low_quality|inverted_or_rotated", text)
    assert re.search(r"\b0\.\d{3}\b", text) is None
    overflow = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow == 0
    assert findings(page) == []
    keep_picture(page, f"xray-refused-{PHONE.name}")


def test_a_good_film_among_bad_ones_appears_in_a_worklist_that_had_none(enter, stack):
    visitor = enter(stack.administrator, WIDE)
    page = visitor.page()
    page.goto("/xray/?q=nothing-is-called-this")
    rows = page.locator("[data-worklist] > tr")
    expect(rows).to_have_count(0)
    bad = upload("notes.txt", b"not a film", "text/plain")
    page.locator("#file").set_input_files([bad, upload("good.png", photo(496), "image/png")])
    page.locator("[data-go]").click()
    expect(rows).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator(".draft[data-bad]")).to_have_count(1)
    expect(rows).to_have_attribute("data-state", "succeeded", timeout=PATIENCE_MS)
    expect(rows.locator(".worklist-status .state")).to_have_text("Refused", timeout=PATIENCE_MS)
    visitor.expect_refusal(415)
