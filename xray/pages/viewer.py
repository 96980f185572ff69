"""What the film viewer of a study shows: the film, the heat map, and the heat map in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from project.images.renditions import Rendition
from xray.choices import Correction
from xray.exports.pictures import sides_are_known
from xray.labels import Region, Side
from xray.models import Heatmap, Study
from xray.pages.cards import picture_url
from xray.reports.phrases import Language, label_word, region_word, side_word

# Beyond this the browser would hold the film several times over; the preview is shown instead.
MOST_FULL_PIXELS = 24_000_000
TURNED = (Correction.ROTATE_90, Correction.ROTATE_270)


@dataclass(frozen=True, kw_only=True)
class HeatView:
    """The heat map of one finding. `url` is empty when its picture is gone."""

    label: str
    name: str
    url: str
    download_url: str
    region: str
    side: str
    share: str
    is_placed: bool


@dataclass(frozen=True, kw_only=True)
class FilmView:
    """For `{% include "xray/_viewer.html" with film=... %}`; sizes are of the film as shown."""

    name: str
    title: str
    url: str
    full_url: str
    width: int
    height: int
    correction: str
    heat: HeatView | None
    takes_keys: bool
    has_sides: bool
    """Whether right of the patient is left of the picture; a mirrored film gets no marks."""

    @property
    def words(self) -> dict[str, str]:
        """What the element says by itself, in the reader's language."""
        return {
            "zoom": _("%(percent)s%%"),
            "loading": _("Loading the film"),
            "failed": _("The film could not be loaded. Reload the page."),
            "heat_failed": _("The heat map could not be loaded."),
            "reset": _("Window, zoom and heat map are as at first."),
            "key_invert": _("Exchange light and dark on the screen"),
            "key_heat": _("Heat map on or off"),
            "key_contour": _("Contour on or off"),
            "key_full_screen": _("Full screen"),
            "key_zoom_in": _("Zoom in"),
            "key_zoom_out": _("Zoom out"),
            "key_reset": _("Reset the view"),
            "key_narrower": _("Narrower window"),
            "key_wider": _("Wider window"),
            "key_darker": _("Darker"),
            "key_brighter": _("Brighter"),
        }


def film_view(
    study: Study, *, name: str, title: str, heatmap: Heatmap | None, takes_keys: bool = True
) -> FilmView | None:
    """None when the film has been deleted."""
    film = study.film
    if film is None:
        return None
    is_turned = study.correction in TURNED
    width, height = (film.height, film.width) if is_turned else (film.width, film.height)
    is_small = film.width * film.height <= MOST_FULL_PIXELS
    return FilmView(
        name=name,
        title=title,
        url=picture_url(film, Rendition.PREVIEW),
        full_url=picture_url(film, Rendition.DISPLAY) if is_small else "",
        width=width,
        height=height,
        correction=study.correction,
        heat=heat_view(study, heatmap),
        takes_keys=takes_keys,
        has_sides=sides_are_known(study.warnings),
    )


def heat_view(study: Study, heatmap: Heatmap | None) -> HeatView | None:
    """Region, side and share in the page's language; the words are those of the reports."""
    if heatmap is None:
        return None
    label = heatmap.prediction.label
    language = page_language()
    return HeatView(
        label=label,
        name=label_word(label, language),
        url=picture_url(heatmap.map, Rendition.ORIGINAL),
        download_url=reverse("xray_api:heatmap", kwargs={"study_id": study.pk, "label": label}),
        region=region_word(Region(heatmap.region), language),
        side=side_word(Side(heatmap.side), language),
        share=f"{heatmap.inside_share * 100:.0f}",
        is_placed=heatmap.region != Region.UNSPECIFIED,
    )


def page_language() -> Language:
    """The language of the page as reports name it."""
    return "zh-hans" if (get_language() or "").startswith("zh") else "en"
