"""The language switch."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.models import User
from accounts.services.people import change_user


@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Django's switch, which sets a cookie; a signed-in user's choice is stored as well."""
    code = request.POST.get("language", "")
    if isinstance(request.user, User) and code in dict(settings.LANGUAGES):
        change_user(user=request.user, language=code)
    return set_language(request)
