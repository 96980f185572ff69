"""Enlargements as the pages show them: words and picture addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from enhance.advice import Failure, failure_of
from enhance.kind import plan_of
from enhance.marking import SOURCE_TYPE
from enhance.models import Enhancement
from enhance.warnings import SAID_WITH_FACES, warnings_in_words
from project.images.models import ImageRecord
from project.images.renditions import Rendition
from project.images.signing import PAGE_TTL, media_url
from project.web.job_cards import JobCard, job_cards


@dataclass(frozen=True, kw_only=True)
class Reveal:
    """What `<tile-reveal>` draws: the seams between tiles, in pixels of the source."""

    width: int
    height: int
    columns: str
    rows: str


@dataclass(frozen=True, kw_only=True)
class EnhancementCard:
    """One enlargement with the card of its job; addresses are empty when a picture is gone."""

    enhancement: Enhancement
    card: JobCard
    thumbnail: str
    source_thumbnail: str
    before: str
    after: str
    warnings: list[str]
    source_type: str = str(SOURCE_TYPE)

    @property
    def name(self) -> str:
        """What the owner called the photo."""
        return self.enhancement.source_name or str(self.enhancement.pk)

    @property
    def failure(self) -> Failure | None:
        """The error block of one that ended badly."""
        return failure_of(self.enhancement.job)

    @property
    def source_width(self) -> int:
        """Pixels; known even when the picture is gone."""
        return int(self.enhancement.job.params["width"])

    @property
    def source_height(self) -> int:
        """Pixels; known even when the picture is gone."""
        return int(self.enhancement.job.params["height"])

    @property
    def tiles(self) -> int:
        """The units of progress that come before the faces."""
        plan = self.enhancement.plan
        return int(plan.get("units", plan["tiles"]))

    @property
    def units(self) -> str:
        """How far a running job is, by what it counts: tiles come first, then faces."""
        job, tiles = self.enhancement.job, self.tiles
        faces = max(0, job.total_units - tiles)
        if job.done_units >= tiles and faces:
            return _("face %(done)s of %(total)s") % {
                "done": job.done_units - tiles,
                "total": faces,
            }
        return _("tile %(done)s of %(total)s") % {"done": job.done_units, "total": tiles}

    @property
    def reveal(self) -> Reveal:
        """The grid of the first pass: its tiles are those of the source."""
        grid = plan_of(self.enhancement.job.params).passes[0].grid
        return Reveal(
            width=self.source_width,
            height=self.source_height,
            columns=" ".join(str(span.low) for span in grid.columns[1:]),
            rows=" ".join(str(span.low) for span in grid.rows[1:]),
        )


def enhancement_cards(enhancements: Iterable[Enhancement]) -> list[EnhancementCard]:
    """Cards in the given order; a constant number of queries."""
    rows = list(enhancements)
    jobs = job_cards([row.job for row in rows])
    return [
        EnhancementCard(
            enhancement=row,
            card=card,
            thumbnail=picture_url(row.result or row.source, Rendition.THUMBNAIL),
            source_thumbnail=picture_url(row.source, Rendition.THUMBNAIL),
            before=picture_url(row.source, Rendition.PREVIEW),
            after=picture_url(row.result, Rendition.PREVIEW),
            warnings=[text for code, text in warnings_in_words(row) if code != SAID_WITH_FACES],
        )
        for row, card in zip(rows, jobs, strict=True)
    ]


def picture_url(record: ImageRecord | None, rendition: Rendition) -> str:
    """A link that lives as long as a page, or nothing when the picture is gone."""
    return "" if record is None else media_url(record, rendition, ttl=PAGE_TTL)
