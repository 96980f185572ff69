"""Language: the user's own choice, then the cookie, then the browser."""

from django.middleware.locale import LocaleMiddleware as LanguageMiddleware

__all__ = ["LanguageMiddleware"]
