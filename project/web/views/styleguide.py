"""The style guide: for operators and administrators; to anyone else it does not exist."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from project.web.doors import operators_only
from project.web.styleguide import styleguide_context


@require_safe
@operators_only
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in both themes, in the reader's language."""
    return render(request, "web/styleguide.html", styleguide_context())
