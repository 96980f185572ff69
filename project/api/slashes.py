"""Both spellings of a path: with and without the final slash.

A redirect to the other spelling would lose the body of a POST, so clients of the original
services, which wrote no final slash, get the view itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module

from django.urls import URLPattern, URLResolver, path, re_path
from django.urls.resolvers import RegexPattern


def module_patterns(urlconf: str) -> list[URLPattern | URLResolver]:
    """Every route of the URL module `urlconf` in both spellings, without names.

    The names stay with the versioned mount, so that `reverse` has one answer.
    """
    return list(_both_spellings(import_module(urlconf).urlpatterns))


def _both_spellings(
    patterns: Sequence[URLPattern | URLResolver],
) -> Iterator[URLPattern | URLResolver]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield pattern
        elif isinstance(pattern.pattern, RegexPattern):
            route = str(pattern.pattern).removesuffix("$").removesuffix("\\Z").removesuffix("/")
            yield re_path(rf"{route}/?\Z", pattern.callback, pattern.default_args)
        else:
            route = str(pattern.pattern).removesuffix("/")
            yield path(route, pattern.callback, pattern.default_args)
            yield path(f"{route}/", pattern.callback, pattern.default_args)
