"""What the page of one enlargement shows: canvas, panel, reasons, neighbours."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from enhance.cards import EnhancementCard, enhancement_cards, picture_url
from enhance.faces.panel import FacesPanel, faces_panel
from enhance.faces.words import restoration_word
from enhance.models import Enhancement
from enhance.provenance import provenance_facts, stage_seconds
from enhance.words import Fact, option_facts
from project.images.formats import FORMATS
from project.images.renditions import Rendition
from project.web.canvas import Canvas


@dataclass(frozen=True, kw_only=True)
class EnhancementPage:
    """Everything the template needs beside the card itself."""

    shown: EnhancementCard
    canvas: Canvas | None
    faces: FacesPanel | None
    result_facts: list[Fact]
    settings: list[Fact]
    provenance: list[Fact]
    seconds: list[Fact]
    newer_url: str
    older_url: str


def enhancement_page(*, user: User, enhancement: Enhancement) -> EnhancementPage:
    """The page of one own enlargement."""
    shown = enhancement_cards([enhancement])[0]
    newer_url, older_url = _neighbours(user, enhancement)
    return EnhancementPage(
        shown=shown,
        canvas=_canvas(shown, newer_url=newer_url, older_url=older_url),
        faces=faces_panel(enhancement),
        result_facts=_result_facts(enhancement),
        settings=option_facts(enhancement.options, output_format=enhancement.plan["output_format"]),
        provenance=provenance_facts(enhancement),
        seconds=stage_seconds(enhancement),
        newer_url=newer_url,
        older_url=older_url,
    )


def _neighbours(user: User, enhancement: Enhancement) -> tuple[str, str]:
    """Addresses of the next newer and the next older own enlargement; ids grow with time."""
    own = Enhancement.objects.visible_to(user).values_list("pk", flat=True)
    newer = own.filter(pk__gt=enhancement.pk).order_by("pk").first()
    older = own.filter(pk__lt=enhancement.pk).order_by("-pk").first()
    return _page(newer), _page(older)


def _page(pk: object) -> str:
    return "" if pk is None else reverse("enhance:detail", args=[pk])


def _canvas(shown: EnhancementCard, *, newer_url: str, older_url: str) -> Canvas | None:
    row = shown.enhancement
    if row.result is None:
        return None
    return Canvas(
        title=shown.name,
        before_url=shown.before,
        after_url=shown.after,
        full_url=picture_url(row.result, Rendition.DISPLAY),
        width=row.result.width,
        height=row.result.height,
        source_width=shown.source_width,
        source_height=shown.source_height,
        alt_before=_("Original %(name)s") % {"name": shown.name},
        alt_after=_("Enlarged %(name)s") % {"name": shown.name},
        download_url=reverse("enhance_api:download", args=[row.pk]),
        previous_url=newer_url,
        next_url=older_url,
        rerun_id="rerun",
    )


def _result_facts(row: Enhancement) -> list[Fact]:
    size = _("%(width)s × %(height)s")
    facts = [
        Fact(
            label=_("Original"),
            value=size % {"width": row.job.params["width"], "height": row.job.params["height"]},
        ),
        Fact(
            label=_("Result"),
            value=size % {"width": row.plan["output_width"], "height": row.plan["output_height"]},
        ),
    ]
    if row.result is not None:
        known = FORMATS.get(row.result.format)
        facts.append(Fact(label=_("Format"), value=known.name if known else row.result.format))
        facts.append(Fact(label=_("Faces"), value=restoration_word(row)))
    return facts
