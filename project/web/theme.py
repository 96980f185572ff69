"""The theme: light, dark, or as the system says. A cookie, so that the first paint is right."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.views.decorators.http import require_POST

from accounts.pages.next_page import next_page

COOKIE: Final = "omnilens_theme"
SYSTEM: Final = "system"
THEMES: Final = (SYSTEM, "light", "dark")
KEPT_FOR: Final = timedelta(days=365)


def theme_of(request: HttpRequest) -> str:
    """What the reader chose; anything else in the cookie counts as no choice."""
    chosen = request.COOKIES.get(COOKIE, SYSTEM)
    return chosen if chosen in THEMES else SYSTEM


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back to where it was made."""
    chosen = request.POST.get("theme", "")
    if chosen not in THEMES:
        return HttpResponseBadRequest()
    answer = HttpResponseRedirect(next_page(request, default="web:home"))
    if chosen == SYSTEM:
        answer.delete_cookie(COOKIE, samesite="Lax")
        return answer
    answer.set_cookie(
        COOKIE,
        chosen,
        max_age=KEPT_FOR,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return answer
