"""`{% icon "upload" %}`: one drawing of the vendored Lucide sprite."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

SPRITE = "vendor/lucide/sprite.svg"

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """The icon `name`; `size` is small or large. Decoration, unless `label` gives it words."""
    kind = f"icon icon-{size}" if size else "icon"
    drawing = f"{static(SPRITE)}#{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            kind, label, drawing,
        )  # fmt: skip
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', kind, drawing
    )


@register.simple_tag
def sprite_url() -> str:
    """Address of the sprite, for scripts (`static/js/icon.js`)."""
    return static(SPRITE)
