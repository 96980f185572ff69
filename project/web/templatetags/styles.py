"""`{% component_styles %}`: a component's stylesheet is linked by being in its folder."""

from __future__ import annotations

from functools import cache

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

FIRST = ("css/tokens.css", "css/base.css")

register = template.Library()


@cache
def stylesheets() -> tuple[str, ...]:
    """Tokens (which order the layers), base, then each component in alphabetical order."""
    folder = settings.BASE_DIR / "static" / "css" / "components"
    return (*FIRST, *(f"css/components/{path.name}" for path in sorted(folder.glob("*.css"))))


@register.simple_tag
def component_styles() -> SafeString:
    """The links of every page's head."""
    return format_html_join(
        "\n  ", '<link rel="stylesheet" href="{}">', ((static(name),) for name in stylesheets())
    )
