"""No page carries inline code, whoever looks at it and in whatever language."""

from html.parser import HTMLParser

import pytest

from tests.security.expectations import ADMIN_PREFIX
from tests.security.routes import all_routes
from tests.security.test_matrix import admin_path
from tests.security.world import ROLES

FOREIGN = ("javascript:", "http:", "https:", "//")


class InlineCode(HTMLParser):
    """Collects what `script-src 'self'; style-src 'self'` would block, and foreign origins."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "script" and not given.get("src") and given.get("type") != "application/json":
            self.found.append("<script>")
        if tag == "style":
            self.found.append("<style>")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"{tag} {name}")
            link = (value or "").strip().lower()
            is_link = tag == "a" and link.startswith("https://")
            if name in {"src", "href", "action"} and link.startswith(FOREIGN) and not is_link:
                self.found.append(f"{tag} {name}={value}")


def inline_code(page):
    parser = InlineCode()
    parser.feed(page)
    return parser.found


def pages(world, role):
    """Every path that answers GET with HTML for this role."""
    client = world.client(role)
    for route in all_routes():
        if route.key.startswith("api/v1") or route.key == "media/<str:signed>":
            continue
        is_admin = route.key.startswith(ADMIN_PREFIX.rstrip("/"))
        path = admin_path(route.pattern) if is_admin else route.path(world.values)
        answer = client.get(path)
        if answer.get("Content-Type", "").startswith("text/html"):
            yield path, answer


def test_the_parser_sees_inline_code():
    page = '<script>x</script><style></style><p style="a" onclick="b"><img src="//x.org/a">'
    assert inline_code(page) == ["<script>", "<style>", "p style", "p onclick", "img src=//x.org/a"]
    assert inline_code('<script src="/static/a.js"></script><a href="https://x.org">x</a>') == []


@pytest.mark.parametrize("role", ["anonymous", "owner", "administrator"])
def test_no_page_has_inline_script(world, role):
    boss = world.people["administrator"]
    boss.is_staff = boss.is_superuser = True
    boss.save()
    found = {path: inline_code(answer.content.decode()) for path, answer in pages(world, role)}
    assert len(found) > {"anonymous": 5, "owner": 10, "administrator": 25}[role]
    assert {path: code for path, code in found.items() if code} == {}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_says_its_language_and_has_one_heading_and_a_title(world, language):
    client = world.client("owner")
    client.cookies["django_language"] = language
    for path in (
        "/",
        "/history/",
        f"/jobs/{world.job.pk}/",
        "/docs/errors",
        "/enhance/",
        "/accounts/",
        "/nothing/",
    ):
        page = client.get(path).content.decode()
        assert f'<html lang="{language}"' in page, path
        assert page.count("<h1") == 1, path
        assert "<title>" in page, path


def test_an_error_page_has_no_inline_script(world):
    for path in ("/nothing/", "/admin/", "/jobs/00000000-0000-7000-8000-000000000000/"):
        answer = world.client("stranger").get(path)
        assert answer.status_code == 404
        assert inline_code(answer.content.decode()) == []


def test_the_roles_of_the_matrix_are_those_of_the_world(world):
    assert set(ROLES) == set(world.people)
