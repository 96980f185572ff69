"""The frame that every page wears: rail, bar, menus, theme, palette, style guide."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import RequestFactory

from project.web import context as shell_context
from project.web.registry import Page
from tests.factories import UserFactory

SYMBOLS = set(
    re.findall(
        r'<symbol id="([^"]+)"',
        (settings.BASE_DIR / "static/vendor/lucide/sprite.svg").read_text("utf-8"),
    )
)
PAGES = ("/", "/history/", "/enhance/", "/accounts/")


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text of the headings."""

    def __init__(self, page):
        super().__init__()
        self.all, self.headings, self._in_heading = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.all.append((tag, dict(attrs)))
        if tag == "h1":
            self._in_heading = True
            self.headings.append("")

    def handle_endtag(self, tag):
        self._in_heading = self._in_heading and tag != "h1"

    def handle_data(self, data):
        if self._in_heading:
            self.headings[-1] += data

    def with_(self, **wanted):
        return [
            given
            for _, given in self.all
            if all(given.get(name.replace("_", "-")) == value for name, value in wanted.items())
        ]

    @property
    def ids(self):
        return [given["id"] for _, given in self.all if "id" in given]


def elements(client, path="/"):
    return Elements(client.get(path).content.decode())


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def operator(client, db):
    client.force_login(UserFactory(role="operator"))
    return client


def entry_names(client):
    return [str(entry.label) for entry in client.get("/").context["nav_pages"]]


def test_the_rail_lists_only_pages_that_exist(signed_in):
    assert entry_names(signed_in) == ["Home", "Enhance", "X-ray", "History"]
    for entry in signed_in.get("/").context["nav_pages"]:
        assert signed_in.get(entry.url).status_code == 200


def test_the_way_to_the_operators_site_is_for_operators(operator):
    assert entry_names(operator)[-1] == "Operator"


def test_a_phones_bar_holds_five_and_the_rest_is_in_the_account_menu(monkeypatch, user):
    names = ("a", "b", "c", "d")
    monkeypatch.setattr(
        shell_context,
        "pages",
        lambda: [
            Page(prefix=n, urlconf="x", url_name="web:home", label=n, icon="x") for n in names
        ],
    )
    request = RequestFactory().get("/")
    request.user, request.resolver_match = user, None
    entries = shell_context.shell(request)["nav_pages"]
    assert [entry.in_bar for entry in entries] == [True] * 5 + [False]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_one_heading_and_its_ids_once(signed_in, path):
    page = elements(signed_in, path)
    assert len(page.headings) == 1
    assert page.headings[0].strip()
    assert sorted(page.ids) == sorted(set(page.ids))


@pytest.mark.parametrize("path", PAGES)
def test_every_menu_button_opens_a_menu_of_the_page(signed_in, path):
    page = elements(signed_in, path)
    targets = [given["popovertarget"] for _, given in page.all if "popovertarget" in given]
    popovers = {given["id"] for _, given in page.all if "popover" in given}
    assert {"account-menu", "language-menu"} <= set(targets)
    assert set(targets) <= popovers


@pytest.mark.parametrize("path", (*PAGES, "/styleguide/", "/operator/"))
def test_every_drawing_of_a_page_is_in_the_sprite(operator, path):
    page = operator.get(path).content.decode()
    drawn = set(re.findall(r"sprite\.svg#([a-z0-9-]*)", page))
    assert drawn
    assert drawn - SYMBOLS == set()


def test_the_page_names_the_service_that_it_belongs_to(signed_in):
    for path, service in (("/enhance/", "enhance"), ("/", "")):
        body = [given for tag, given in elements(signed_in, path).all if tag == "body"]
        assert [given["data-service"] for given in body] == [service]


def test_a_stranger_has_neither_rail_nor_queue_nor_palette(client, db):
    page = client.get("/accounts/sign-in/").content.decode()
    for part in ('class="rail"', "<job-feed", 'id="palette"', 'id="words"'):
        assert part not in page
    assert 'action="/i18n/setlang/"' in page
    assert 'action="/theme/"' in page


def test_without_a_choice_the_system_decides(client, db):
    page = client.get("/").content.decode()
    assert "data-theme=" not in page.split("<head>")[0]
    assert '<meta name="color-scheme" content="light dark">' in page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_is_in_the_first_byte_of_the_next_page(client, db, theme):
    answer = client.post("/theme/", {"theme": theme, "next": "/accounts/sign-in/"})
    assert answer["Location"] == "/accounts/sign-in/"
    assert answer.cookies["omnilens_theme"]["httponly"]
    page = client.get("/").content.decode()
    assert f'data-theme="{theme}"' in page.split("<head>")[0]
    assert f'<meta name="color-scheme" content="{theme}">' in page


def test_going_back_to_the_system_forgets_the_choice(client, db):
    client.post("/theme/", {"theme": "dark"})
    client.post("/theme/", {"theme": "system"})
    assert client.cookies["omnilens_theme"].value == ""
    assert "data-theme=" not in client.get("/").content.decode().split("<head>")[0]


def test_a_theme_that_does_not_exist_is_refused(client, db):
    answer = client.post("/theme/", {"theme": "neon"})
    assert answer.status_code == 400
    assert "omnilens_theme" not in answer.cookies


def test_a_forged_cookie_puts_nothing_into_the_page(client, db):
    client.cookies["omnilens_theme"] = 'dark" onload="x'
    page = client.get("/").content.decode()
    assert "onload" not in page
    assert "data-theme=" not in page.split("<head>")[0]


def test_a_redirect_after_the_theme_switch_stays_here(client, db):
    answer = client.post("/theme/", {"theme": "dark", "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_the_theme_is_changed_by_a_post(client, db):
    assert client.get("/theme/").status_code == 405


def palette(client):
    page = client.get("/").content.decode()
    text = re.search(
        r'<script id="palette-entries" type="application/json">(.*?)</script>', page, re.DOTALL
    )
    return json.loads(text[1])


def test_the_palette_leads_to_pages_and_presses_buttons_that_exist(operator):
    entries = palette(operator)
    ids = set(elements(operator).ids)
    jobs = [entry for entry in entries if not (entry.get("url") or entry.get("press"))]
    assert [entry["label"] for entry in jobs] == [""]
    for entry in entries:
        if entry.get("press"):
            assert entry["press"] in ids, entry
        if entry.get("url"):
            assert operator.get(entry["url"]).status_code == 200, entry
        if entry not in jobs:
            assert entry["icon"] in SYMBOLS


def test_in_chinese_the_palette_also_knows_the_english_names(signed_in):
    signed_in.cookies["django_language"] = "zh-hans"
    found = {entry["label"]: entry.get("also") for entry in palette(signed_in)}
    assert found["首页"] == "Home"
    signed_in.cookies["django_language"] = "en"
    assert all("also" not in entry for entry in palette(signed_in))


def test_the_style_guide_does_not_exist_for_others(client, user):
    assert client.get("/styleguide/").status_code == 302
    client.force_login(user)
    assert client.get("/styleguide/").status_code == 404


def test_the_style_guide_shows_each_part_in_both_themes(operator):
    page = elements(operator, "/styleguide/")
    assert sorted(page.ids) == sorted(set(page.ids))
    classes = [name for _, given in page.all for name in (given.get("class") or "").split()]
    for part in ("button", "button-quiet", "button-danger", "field", "switch", "slider", "segmented",
                 "tabs", "menu", "kbd", "banner", "toast", "state", "badge", "ring", "progress",
                 "skeleton", "dialog", "table", "thumb", "card", "facts", "empty"):  # fmt: skip
        assert classes.count(part) >= 2, part
    assert [given["data-theme"] for _, given in page.all if given.get("data-theme")] == [
        "light",
        "dark",
    ]
