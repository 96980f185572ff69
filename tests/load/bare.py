"""A bare Django view under daphne: what this machine answers when nothing is done."""

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

settings.configure(SECRET_KEY="load-test-only", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"])
django.setup()


def answer(request: HttpRequest) -> JsonResponse:
    """A constant."""
    return JsonResponse({"answer": request.method})


urlpatterns = [path("bare", answer)]
application = get_asgi_application()
