"""The style guide: for operators and administrators; to anyone else it does not exist."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from project.web.styleguide import styleguide_context


@require_safe
@login_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in both themes, in the reader's language."""
    if not getattr(request.user, "is_operator", False):
        raise Http404
    return render(request, "web/styleguide.html", styleguide_context())
