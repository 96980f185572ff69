"""Language, theme and the canvas obey: by menu, by preference of the browser, by keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.accessibility import findings
from tests.e2e.conftest import Look

# Fonts and pictures are there, and two frames have shown them: a shift would have been counted.
DRAWN = """async () => {
    await document.fonts.ready;
    const eager = [...document.images].filter((image) => image.src && image.loading !== "lazy");
    await Promise.all(eager.map((image) => image.decode().catch(() => {})));
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
}"""


def test_language_and_theme_are_switched_in_the_bar_and_stay(enter, stack):
    page = enter(None, Look(theme="light")).page()
    page.goto("/")
    html = page.locator("html")
    expect(html).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Language").click()
    page.locator("#language-zh-hans").click()
    expect(html).to_have_attribute("lang", "zh-hans")
    page.wait_for_load_state()
    page.locator("#theme-dark").evaluate("button => button.closest('[popover]').showPopover()")
    with page.expect_response("**/theme/"):
        page.locator("#theme-dark").click()
    expect(html).to_have_attribute("data-theme", "dark")
    page.goto("/accounts/sign-in/")
    expect(html).to_have_attribute("lang", "zh-hans")
    expect(html).to_have_attribute("data-theme", "dark")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(15, 17, 19)"


def test_the_browser_decides_when_nobody_has_chosen(enter):
    page = enter(None, Look(language="zh-hans", theme="dark")).page()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 17, 19)"


def test_the_slider_moves_by_keyboard(enter, stack, places):
    page = enter(stack.demo).page()
    page.goto(places["enhancement"])
    handle = page.get_by_role("slider").first
    handle.focus()
    expect(handle).to_have_attribute("aria-valuenow", "50")
    page.keyboard.press("ArrowLeft")
    expect(handle).not_to_have_attribute("aria-valuenow", "50")
    page.keyboard.press("Home")
    expect(handle).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("End")
    expect(handle).to_have_attribute("aria-valuenow", "100")


def test_the_palette_jumps_by_keyboard_alone(enter, stack):
    page = enter(stack.demo).page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    assert findings(page) == []
    page.keyboard.type("hist")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/history/$"))


def test_every_control_can_be_reached_and_shows_its_focus(enter, stack):
    page = enter(stack.demo).page()
    page.goto("/enhance/")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { const at = document.activeElement; const style = getComputedStyle(at);
               const label = at.closest('label, .segmented, .switch') ?? at;
               return { name: at === document.body ? 'BODY' :
                          at.id || at.name || at.className || at.tagName,
                        seen: style.outlineStyle !== 'none' || style.boxShadow !== 'none' ||
                          getComputedStyle(label).outlineStyle !== 'none' ||
                          (at.nextElementSibling &&
                           getComputedStyle(at.nextElementSibling).outlineStyle !== 'none') } }"""
        )
        if found["name"] == "BODY":
            break
        reached.append(found)
    names = [found["name"] for found in reached]
    assert len(names) > 15
    assert {found["name"] for found in reached if not found["seen"]} == set()
    for needed in ("open-palette", "output_format", "button"):
        assert any(needed in name for name in names), (needed, names)


def test_nothing_moves_after_the_first_paint(enter, stack, places):
    for path in ("/", "/enhance/", "/history/", places["enhancement"]):
        page = enter(stack.demo).page()
        page.add_init_script(
            """globalThis.shifted = 0; new PerformanceObserver((list) => {
                 for (const entry of list.getEntries())
                   if (!entry.hadRecentInput) shifted += entry.value;
               }).observe({ type: 'layout-shift', buffered: true });"""
        )
        page.goto(path)
        # What comes after the scripts: the words of the feed, fonts and pictures.
        expect(page.locator("queue-pill")).to_have_attribute("data-feed", "live")
        page.evaluate(DRAWN)
        assert (path, page.evaluate("shifted") <= 0.05) == (path, True)
