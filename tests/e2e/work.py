"""Jobs for the pages to show: submitted, followed and read through the API of the same browser."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.photos import photo

ENDED = {"succeeded", "failed", "cancelled"}
# Pixels a side of a photo whose 81 tiles are at work for longer than any test looks at them.
OUTLASTS_A_TEST = 560
# Has a form for its token, and asks nothing of a machine whose cores are at work.
LIGHT_PAGE = "/docs/errors"


def csrf(page: Page) -> dict[str, str]:
    """The header of a POST."""
    return {"X-CSRFToken": page.locator("input[name=csrfmiddlewaretoken]").first.input_value()}


def submit_slow(page: Page, name: str = "slow.png", *, side: int = 160) -> str:
    """A photo whose tiles (nine of 160 pixels a side) take a machine long enough to look."""
    answer = page.request.post(
        "/api/v1/enhance",
        headers={**csrf(page), "Referer": page.url},
        multipart={
            "file": {"name": name, "mimeType": "image/png", "buffer": photo(side)},
            "quality_level": "high",
            "tile_size": "64",
            "cache": "false",
        },
    )
    assert answer.status == 202, answer.text()
    return str(answer.json()["task_id"])


def job(page: Page, task: str) -> dict:
    """The job as it is now."""
    answer = page.request.get(f"/api/v1/jobs/{task}/")
    assert answer.ok, answer.text()
    return dict(answer.json())


def cancel(page: Page, task: str) -> None:
    """Ask it to stop; one that has ended is left alone."""
    headers = {**csrf(page), "Referer": page.url}
    answer = page.request.post(f"/api/v1/jobs/{task}/cancel/", headers=headers)
    assert answer.ok, answer.text()


def wait_for(page: Page, task: str, holds, what: str, seconds: float = 240.0) -> dict:
    """The job once `holds(job)`; fails with `what` when it ends or stays without."""
    for _ in range(int(seconds / 0.25)):
        now = job(page, task)
        if holds(now):
            return now
        assert now["state"] not in ENDED, f"{what}: the job is {now['state']}"
        page.wait_for_timeout(250)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")
