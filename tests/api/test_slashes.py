"""A client of the original services may leave the final slash out, or write it."""

from types import ModuleType

import pytest
from django.http import HttpResponse
from django.urls import URLResolver, path

from project.api.slashes import both_spellings


def view(request):
    return HttpResponse()


@pytest.fixture
def routes(monkeypatch):
    module = ModuleType("tests_slashes_urls")
    module.urlpatterns = [path("a/", view, name="a"), path("b", view, name="b"), path("b/", view)]
    monkeypatch.setitem(__import__("sys").modules, module.__name__, module)

    def spelled(*, named):
        return [(str(p.pattern), p.name) for p in both_spellings(module.__name__, named=named)]

    return spelled


def test_each_route_is_there_twice_and_named_once(routes):
    assert routes(named=True) == [("a/", "a"), ("a", None), ("b", "b"), ("b/", None)]


def test_a_second_mount_takes_no_name(routes):
    assert {name for _, name in routes(named=False)} == {None}


@pytest.mark.parametrize("prefix", ["/api", "/api/v1"])
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/auth/login"),
        ("post", "/auth/register"),
        ("post", "/auth/refresh"),
        ("post", "/auth/logout"),
        ("get", "/users"),
        ("get", "/users/1"),
        ("get", "/users/info"),
        ("get", "/roles"),
    ],
)
def test_every_original_path_reaches_its_view(db, client, prefix, slash, method, path):
    answer = client.generic(method.upper(), f"{prefix}{path}{slash}", b"{}", "application/json")
    assert answer.status_code in {400, 401}, answer.content


def test_no_route_of_the_api_redirects():
    from django.urls import get_resolver

    def walk(patterns, prefix):
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            else:
                yield route

    found = {
        route for route in walk(get_resolver().url_patterns, "") if route.startswith("api/v1/")
    }
    missing = {r for r in found if (r[:-1] if r.endswith("/") else f"{r}/") not in found}
    assert missing == set()
