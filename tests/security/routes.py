"""The routes of the site, read from the URLconf: nothing can be forgotten by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

_PARAMETER = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """One pattern; `key` is the same for both spellings and for the unversioned twin."""

    pattern: str
    callback: Any

    @property
    def key(self) -> str:
        """Without the final slash, under `/api/v1/`."""
        key = self.pattern.rstrip("/")
        if key.startswith("api/") and not key.startswith(("api/v1", "api/schema")):
            key = key.replace("api/", "api/v1/", 1)
        return key

    @property
    def methods(self) -> set[str] | None:
        """What a class-based view takes; None for a function, which does not tell."""
        view = getattr(self.callback, "cls", getattr(self.callback, "view_class", None))
        if view is None:
            return None
        return {
            m for m in _METHODS if hasattr(view, m.lower()) and m.lower() in view.http_method_names
        }

    @property
    def parameters(self) -> list[str]:
        """`literal:name` of each parameter, `literal` being the segment before it."""
        found, literal = [], ""
        for segment in self.pattern.split("/"):
            match = _PARAMETER.search(segment)  # `<slug:label>.png` has one, too
            if match:
                found.append(f"{literal}:{match['name']}")
            else:
                literal = segment
        return found

    def path(self, values: dict[str, object]) -> str:
        """A real path, with the sample objects in it."""
        parameters = iter(self.parameters)
        return "/" + _PARAMETER.sub(lambda _: str(values[next(parameters)]), self.pattern)


def all_routes() -> list[Route]:
    """Every route, in the order of the URLconf."""
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(patterns, prefix):
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield Route(route, pattern.callback)
