"""What the pages point to exists."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from tests.docs.markdown import ROOT, anchors_of, code_of, known_files, links_of, pages

_TEST_NAME = re.compile(r"test_[a-z0-9_]+")
_DEFINITION = re.compile(r"^(?:async )?def (test_\w+)\(", re.MULTILINE)
_PATH = re.compile(r"(?:tests|docs|project|accounts|enhance|static|templates|docker)/[\w./-]+")
# Made at run time or on the page itself, not files of the repository.
_ADDRESSES = ("docs/errors", "static/vendor", "project/s")


def resolve(page: str, target: str) -> str:
    """The path in the repository that `target` means on `page`."""
    folder = PurePosixPath(page).parent
    return str((ROOT / folder / target).resolve().relative_to(ROOT))


def exists(path: str) -> bool:
    """A file of the repository, or a folder that holds some."""
    path = path.rstrip("/")
    return path in known_files() or any(name.startswith(f"{path}/") for name in known_files())


@pytest.mark.parametrize("page", pages())
def test_every_link_between_pages_resolves(page):
    broken = []
    for link in links_of(page):
        target, _, fragment = link.partition("#")
        path = resolve(page, target) if target else page
        if not exists(path) or (
            fragment and path.endswith(".md") and fragment not in anchors_of(path)
        ):
            broken.append(link)
    assert broken == []


def test_every_page_of_the_documentation_is_reached_from_the_readme():
    reached, waiting = set(), ["README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for link in links_of(page):
            path = resolve(page, link.partition("#")[0] or page)
            if path in pages():
                waiting.append(path)
            else:
                waiting += [n for n in pages() if str(PurePosixPath(n).parent) == path]
    lost = {page for page in pages() if page.startswith("docs/")} - reached
    assert lost == set()


def test_every_test_that_a_page_cites_exists():
    defined = {
        name
        for path in known_files()
        if path.startswith("tests/") and path.endswith(".py")
        for name in _DEFINITION.findall((ROOT / path).read_text(encoding="utf-8"))
    }
    cited = {
        (page, code) for page in pages() for code in code_of(page) if _TEST_NAME.fullmatch(code)
    }
    assert len(cited) > 50
    assert {(page, name) for page, name in cited if name not in defined} == set()


def test_every_path_that_a_page_names_exists():
    named = {
        (page, code)
        for page in pages()
        for code in code_of(page)
        if _PATH.fullmatch(code) and not code.startswith(_ADDRESSES)
    }
    assert len(named) > 10
    assert {(page, path) for page, path in named if not exists(path)} == set()
