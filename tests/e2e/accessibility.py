"""What axe objects to."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()


def findings(page: Page) -> list[str]:
    """One line for each violation and element."""
    answer = AXE.run(page).response
    return [
        f"{found['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:200]})"
        for found in answer["violations"]
        for node in found["nodes"]
    ]
