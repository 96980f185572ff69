"""The first page is light: under 150 KB over the wire, without its pictures."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest
from django.conf import settings

from tests.factories import JobFactory, UserFactory

BUDGET_BYTES = 150_000
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](?P<path>\.{1,2}/[^"']+)["']""")
STATIC = "/static/"


class Loaded(HTMLParser):
    """Scripts, stylesheets, the icon and the sprite that a page asks for."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        address = {
            "script": given.get("src"),
            "link": given.get("href"),
            "use": given.get("href"),
            "html": given.get("data-sprite"),
        }.get(tag)
        if address:
            assert address.startswith(STATIC), address
            self.found.add(address.removeprefix(STATIC).split("#")[0])


def source(name: str) -> Path:
    return settings.BASE_DIR / "static" / name


def with_imports(names: set[str]) -> set[str]:
    """Everything that the scripts import, and what those import."""
    known, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name in known:
            continue
        known.add(name)
        if name.endswith(".js"):
            text = source(name).read_text("utf-8")
            waiting += [normpath(join(dirname(name), m["path"])) for m in IMPORT.finditer(text)]
    return known


def weigh(page: bytes) -> dict[str, int]:
    """Bytes of each part; the page itself is not compressed (BREACH), the files are."""
    parser = Loaded()
    parser.feed(page.decode())
    files = with_imports(parser.found)
    return {"page": len(page)} | {
        name: len(gzip.compress(source(name).read_bytes(), 9)) for name in files
    }


@pytest.fixture
def home(client, db):
    """Home of an operator with a full first page of jobs."""
    user = UserFactory(role="operator")
    JobFactory.create_batch(12, owner=user, finished=True)
    client.force_login(user)
    return client.get("/").content


def test_the_first_page_weighs_less_than_150_kb(home):
    parts = weigh(home)
    assert {"css/tokens.css", "js/frame.js", "js/palette-match.js", "js/words.js",
            "vendor/lucide/sprite.svg", "icon.svg"} <= set(parts)  # fmt: skip
    assert sum(parts.values()) < BUDGET_BYTES, sorted(parts.items(), key=lambda part: -part[1])


def test_the_sign_in_page_weighs_less_than_half_of_that(client, db):
    assert sum(weigh(client.get("/accounts/sign-in/").content).values()) < BUDGET_BYTES / 2
