"""A page that hears of an end before it is ready to hear: the end is shown all the same."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e import work
from tests.e2e.conftest import WIDE
from tests.e2e.photos import photo, upload
from tests.e2e.test_xray import sample

PATIENCE_MS = 240_000
NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# The reading that follows the event is told as well: only it knows when the job ended.
TOLD_OF_THE_END = """id => document.querySelector("job-feed")?.jobs?.some(
    ({ job, finished_at }) => job === id && finished_at)"""
TOLD_OF_ALL_ENDS = """id => {
    const about = document.querySelector("job-feed").jobs.filter(
        ({ job, parent }) => job === id || parent === id);
    return about.length === 3 && about.every(({ finished_at }) => finished_at);
}"""


def wait_for_the_end(page: Page, job: str) -> None:
    """The feed of this page has told of it, so that nothing will tell of it again."""
    page.wait_for_function(TOLD_OF_THE_END, arg=job, timeout=PATIENCE_MS)


def wait_for_the_photos(page: Page, batch: str) -> None:
    """The feed of this page has told of the end of each photo of the batch, and of its own."""
    page.wait_for_function(TOLD_OF_ALL_ENDS, arg=batch, timeout=PATIENCE_MS)


def number_in(url: str) -> str:
    found = NUMBER.search(url)
    assert found is not None, url
    return found[0]


@pytest.mark.parametrize("asked", ["before the end", "after the end"])
def test_a_card_that_comes_after_the_end_of_its_job_opens_the_result(enter, stack, asked):
    page = enter(stack.demo, WIDE).page()

    def hold(route: Route) -> None:
        answer = route.fetch() if asked == "before the end" else None
        wait_for_the_end(page, number_in(route.request.url))
        if answer is None:
            route.continue_()
        else:
            route.fulfill(response=answer)

    page.goto("/enhance/")
    page.route("**/card/", hold, times=1)
    # Of a size of its own: a photo known to the cache would be ready with the first answer.
    side = 72 if asked == "before the end" else 76
    page.locator("#file").set_input_files([upload("late.png", photo(side), "image/png")])
    page.locator("[data-go]").click()
    expect(page.locator("[data-opened] image-canvas")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[data-opened-name]")).to_have_text("late.png")
    expect(page.locator("[data-work-list] > li")).to_have_count(0)


def test_a_page_whose_script_loads_after_the_end_shows_the_result(enter, stack):
    page = enter(stack.demo, WIDE).page()
    page.goto("/enhance/")
    task = work.submit_slow(page, "late-script.png", side=64)

    def hold(route: Route) -> None:
        wait_for_the_end(page, task)
        route.continue_()

    page.route(re.compile(r"/enhance-job[.\w]*\.js"), hold, times=1)
    page.goto(f"/enhance/{task}/", timeout=PATIENCE_MS)
    expect(page.locator("#enhancement image-canvas")).to_be_visible(timeout=PATIENCE_MS)


def test_a_summary_that_comes_after_the_end_of_its_batch_tells_of_all_photos(enter, stack):
    page = enter(stack.demo, WIDE).page()
    held: list[str] = []

    def hold(route: Route) -> None:
        answer = route.fetch()
        held.append(number_in(route.request.url))
        wait_for_the_photos(page, held[-1])
        route.fulfill(response=answer)

    page.goto("/enhance/")
    page.route("**/summary/", hold, times=1)
    photos = [upload(f"late-{side}.png", photo(side), "image/png") for side in (80, 84)]
    page.locator("#file").set_input_files(photos)
    page.locator("[data-go]").click()
    expect(page.locator("[data-drafts] > li")).to_have_count(0, timeout=PATIENCE_MS)
    batch = page.locator("enhance-batch").first
    expect(batch).to_contain_text("2 of 2 finished", timeout=PATIENCE_MS)
    assert batch.get_attribute("batch") == held[0]


def test_a_film_whose_script_loads_after_the_end_shows_its_report(enter, stack):
    page = enter(stack.demo, WIDE).page()

    def hold(route: Route) -> None:
        wait_for_the_end(page, number_in(page.url))
        route.continue_()

    page.route(re.compile(r"/xray-stages[.\w]*\.js"), hold, times=1)
    page.goto("/xray/")
    page.locator("#file").set_input_files(upload("film.png", sample(), "image/png"))
    page.locator("[data-go]").click()
    expect(page.locator(".study, .refused").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("xray-stages")).to_have_count(0)


def test_a_row_that_comes_after_the_end_of_its_film_is_drawn_once_more(enter, stack):
    page = enter(stack.demo, WIDE).page()
    held: list[str] = []

    def hold(route: Route) -> None:
        answer = route.fetch()
        held.append(number_in(route.request.url))
        wait_for_the_end(page, held[-1])
        route.fulfill(response=answer)

    page.goto("/xray/")
    before = page.locator("[data-worklist] > tr").count()
    page.route("**/row/", hold, times=1)
    films = [upload(f"row-{side}.png", photo(side), "image/png") for side in (520, 528)]
    page.locator("#file").set_input_files(films)
    page.locator("[data-go]").click()
    expect(page.locator("[data-drafts] > li")).to_have_count(0, timeout=PATIENCE_MS)
    rows = page.locator("[data-worklist] > tr")
    expect(rows).to_have_count(before + len(films), timeout=PATIENCE_MS)
    assert len(held) == 1
    for study in held:
        row = page.locator(f"#study-{study}")
        expect(row).to_have_attribute("data-state", re.compile("succeeded|failed"))
        expect(row.locator(".worklist-status .state")).to_be_visible()
