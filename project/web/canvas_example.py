"""The canvas with the example that Omnilens made itself, for the style guide."""

from __future__ import annotations

from django.templatetags.static import static
from django.utils.translation import gettext as _

from project.web.canvas import Canvas


def example_canvas(*, takes_keys: bool = False) -> Canvas:
    """The pictures of `static/examples/` (sizes as its README says)."""
    after = static("examples/astronaut-after.webp")
    return Canvas(
        title=_("Example, made by Omnilens"),
        before_url=static("examples/astronaut-before.webp"),
        after_url=after,
        full_url=after,
        width=768,
        height=576,
        source_width=192,
        source_height=144,
        alt_before=_(
            "Before: a small, soft photo of an astronaut beside a model of the space shuttle"
        ),
        alt_after=_("After: the same photo four times larger, with clear edges and hair"),
        download_url=after,
        takes_keys=takes_keys,
    )
