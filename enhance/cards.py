"""Enlargements as the pages show them: words and picture addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from enhance.kind import WARNINGS
from enhance.models import Enhancement
from enhance.output import SOURCE_TYPE
from project.images.models import ImageRecord
from project.images.renditions import Rendition
from project.images.signing import PAGE_TTL, media_url
from project.web.job_cards import JobCard, job_cards


@dataclass(frozen=True, kw_only=True)
class EnhancementCard:
    """One enlargement with the card of its job; addresses are empty when a picture is gone."""

    enhancement: Enhancement
    card: JobCard
    thumbnail: str
    before: str
    after: str
    warnings: list[str]
    source_type: str = str(SOURCE_TYPE)


def enhancement_cards(enhancements: Iterable[Enhancement]) -> list[EnhancementCard]:
    """Cards in the given order; a constant number of queries."""
    rows = list(enhancements)
    jobs = job_cards([row.job for row in rows])
    return [
        EnhancementCard(
            enhancement=row,
            card=card,
            thumbnail=_address(row.result or row.source, Rendition.THUMBNAIL),
            before=_address(row.source, Rendition.PREVIEW),
            after=_address(row.result, Rendition.PREVIEW),
            warnings=[str(WARNINGS.get(code, code)) for code in row.warnings],
        )
        for row, card in zip(rows, jobs, strict=True)
    ]


def _address(record: ImageRecord | None, rendition: Rendition) -> str:
    return "" if record is None else media_url(record, rendition, ttl=PAGE_TTL)
