"""Studies as the pages show them: where they stand, in words, with their picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from project.images.models import ImageRecord
from project.images.renditions import Rendition
from project.images.signing import PAGE_TTL, media_url
from project.jobs.models import Job
from project.web.job_cards import JobCard, job_cards
from xray.choices import Band, StudyStatus
from xray.face import title_of
from xray.models import Study
from xray.pages.refusals import RefusedFilm, refused_film
from xray.reports.phrases import figure

LIVE = "live"
BADGES = {Band.ABOVE: "badge-warn", Band.BORDERLINE: "badge-warn", Band.BELOW: ""}


@dataclass(frozen=True, kw_only=True)
class StudyCard:
    """One study with the card of its job; `thumbnail` is empty when the film is gone."""

    study: Study
    card: JobCard
    title: str
    standing: str
    """`live`, `failed`, `cancelled`, `refused` or `reported`."""
    thumbnail: str

    @property
    def standing_word(self) -> str:
        """The standing as a list says it."""
        if self.standing == LIVE:
            return self.card.stage or str(self.card.job.get_state_display())
        return str(StudyStatus(self.standing).label)

    @property
    def standing_look(self) -> str:
        """Which sign of `.state` it wears."""
        looks = {"reported": "succeeded", "refused": "cancelled", LIVE: self.card.job.state}
        return looks.get(self.standing, self.standing)

    @property
    def refused(self) -> RefusedFilm | None:
        """Why it was refused, if it was."""
        return refused_film(self.study) if self.standing == "refused" else None

    @property
    def probability(self) -> str:
        """Three decimals, empty unless the study is reported. Needs xray.worklist."""
        value = getattr(self.study, "probability", None)
        return figure(value) if value is not None and self.standing == "reported" else ""

    @property
    def operating_point(self) -> str:
        """Beside every probability."""
        value = getattr(self.study, "operating_point", None)
        return figure(value) if value is not None and self.probability else ""

    @property
    def band(self) -> str:
        """The band in words, with the probability only."""
        value = getattr(self.study, "band", None)
        return band_word(value) if value and self.probability else ""

    @property
    def band_badge(self) -> str:
        """The look of its badge."""
        value = getattr(self.study, "band", None)
        return BADGES[Band(value)] if value else ""


def study_cards(studies: Iterable[Study]) -> list[StudyCard]:
    """Cards in the given order; a constant number of queries."""
    rows = list(studies)
    jobs = job_cards([row.job for row in rows])
    return [
        StudyCard(
            study=row,
            card=card,
            title=title_of(row),
            standing=standing_of(row),
            thumbnail=picture_url(row.film, Rendition.THUMBNAIL),
        )
        for row, card in zip(rows, jobs, strict=True)
    ]


def standing_of(study: Study) -> str:
    """The job says whether it runs or failed, the study what came of it."""
    if study.job.state in (Job.State.QUEUED, Job.State.RUNNING):
        return LIVE
    if study.job.state in (Job.State.FAILED, Job.State.CANCELLED):
        return str(study.job.state)
    return "refused" if study.status == StudyStatus.REFUSED else "reported"


def band_word(band: str) -> str:
    """Short enough for a badge."""
    return {
        Band.ABOVE: _("above the point"),
        Band.BORDERLINE: _("borderline"),
        Band.BELOW: _("below the point"),
    }[Band(band)]


def picture_url(record: ImageRecord | None, rendition: Rendition) -> str:
    """A link that lives as long as a page, or nothing when the picture is gone."""
    return "" if record is None else media_url(record, rendition, ttl=PAGE_TTL)
