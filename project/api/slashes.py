"""Both spellings of a path: with and without the final slash.

A redirect to the other spelling would lose the body of a POST, so clients of the original
services, which wrote no final slash, get the view itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module

from django.urls import URLPattern, URLResolver, path
from django.urls.resolvers import RoutePattern


def both_spellings(urlconf: str, *, named: bool) -> list[URLPattern | URLResolver]:
    """Every route of the URL module `urlconf`, each followed by its twin if that is missing.

    The twin has no name, and with `named=False` nothing has: `reverse` keeps one answer.
    """
    patterns: Sequence[URLPattern | URLResolver] = import_module(urlconf).urlpatterns
    return list(_spell(patterns, named=named))


def _spell(
    patterns: Sequence[URLPattern | URLResolver], *, named: bool
) -> Iterator[URLPattern | URLResolver]:
    known = {str(pattern.pattern) for pattern in patterns}
    for pattern in patterns:
        if isinstance(pattern, URLResolver) or not isinstance(pattern.pattern, RoutePattern):
            yield pattern
            continue
        route = str(pattern.pattern)
        twin = route.removesuffix("/") if route.endswith("/") else f"{route}/"
        name = pattern.name if named else None
        yield path(route, pattern.callback, pattern.default_args, name=name)
        if twin not in known:
            yield path(twin, pattern.callback, pattern.default_args)
