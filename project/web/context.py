"""What every page template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from project.web.registry import pages


def shell(request: HttpRequest) -> dict[str, Any]:
    """`nav_pages` and `version`."""
    del request
    return {"nav_pages": pages(), "version": settings.VERSION}
