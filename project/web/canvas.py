"""What the result viewer shows: one picture before and after, shared by all services."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """The pictures of one result for `{% include "web/_canvas.html" with canvas=... %}`.

    `before_url` and `after_url` are previews; `full_url` is the full size in a format that a
    browser shows, fetched only when somebody looks that closely. A picture that does not exist
    (yet, or any more) has an empty address. `width` and `height` are the result's, planned ones
    while it is still being made.
    """

    title: str
    before_url: str = ""
    after_url: str = ""
    full_url: str = ""
    width: int = 0
    height: int = 0
    source_width: int = 0
    source_height: int = 0
    alt_before: str = ""
    alt_after: str = ""
    download_url: str = ""
    previous_url: str = ""
    next_url: str = ""
    rerun_id: str = ""
    mode: str = "slider"
    takes_keys: bool = True

    @property
    def shown_width(self) -> int:
        """Width of the picture on the canvas, so that its room is kept while it loads."""
        return self.width or self.source_width or 1

    @property
    def shown_height(self) -> int:
        """Height of the picture on the canvas."""
        return self.height or self.source_height or 1

    @property
    def pictures(self) -> str:
        """Which pictures there are: both, before, after or none."""
        if self.before_url and self.after_url:
            return "both"
        return "before" if self.before_url else "after" if self.after_url else "none"

    @property
    def words(self) -> dict[str, str]:
        """What the element says by itself, in the reader's language."""
        return {
            "after_size": _("After · %(width)s × %(height)s"),
            "alt_after": self.alt_after,
            "divider": _("%(before)s%% before, %(after)s%% after"),
            "zoom": _("%(percent)s%%"),
            "zoom_label": _("Zoom %(percent)s%%, switch between whole picture and 100%%"),
            "loading": _("Loading the full size…"),
            "full_failed": _("The full size could not be loaded, this is the preview."),
            "picture_failed": _("The picture could not be loaded."),
            "again": _("Try again"),
            "lens_opened": _("Magnifier open: arrow keys move it, Escape closes it."),
            "full_screen": _("Full screen"),
            "leave_full_screen": _("Leave full screen"),
            "key_previous": _("Previous result"),
            "key_next": _("Next result"),
            "key_before": _("Hold to see the original"),
            "key_zoom_in": _("Zoom in"),
            "key_zoom_out": _("Zoom out"),
            "key_fit": _("Whole picture"),
            "key_lens": _("Magnifier"),
            "key_download": _("Download"),
            "key_rerun": _("Run again"),
        }
