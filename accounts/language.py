"""Language: the user's own choice, then the cookie, then the browser."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from accounts.models import User


class LanguageMiddleware(LocaleMiddleware):
    """LocaleMiddleware, unless the signed-in user has chosen. Stands behind authentication."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:  # type: ignore[override]  # a middleware may answer, Django's stub says never
        """Activate the language for this request."""
        super().process_request(request)
        user = request.user
        if isinstance(user, User):
            speak(user=user, request=request)
        return None


def speak(*, user: User, request: HttpRequest) -> None:
    """Activate the language that `user` has chosen, if any.

    The API calls this too: a token is recognised long after the middleware has run.
    """
    if user.language in dict(settings.LANGUAGES):
        translation.activate(user.language)
        request.LANGUAGE_CODE = user.language
