"""The history of one's own jobs: filters and a cursor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from project.jobs import kinds
from project.jobs.models import Job, JobQuerySet

PAGE_SIZE = 20
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


class Day(forms.DateField):
    """A calendar day, chosen with the browser's own picker."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d"],
            validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
            **kwargs,
        )


class HistoryFilter(forms.Form):
    """What the address of a history page may ask for; everything is optional."""

    q = forms.CharField(
        label=_("Name contains"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any state")), *Job.State.choices]
    )
    since = Day(label=_("From"))
    until = Day(label=_("To"))
    favourite = forms.BooleanField(label=_("Favourites only"), required=False)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (narrows for mypy)
        field.choices = [
            ("", _("Any kind")),
            *((kind.key, kind.label) for kind in kinds.all_kinds()),
        ]

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first."))
        return self.cleaned_data

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the place in the list was asked for."""
        return any(value for name, value in self.cleaned_data.items() if name != "before")


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    """One page of jobs, newest first; `older` is the cursor of the next page."""

    jobs: list[Job]
    older: UUID | None


def history_page(
    *,
    user: User,
    q: str = "",
    kind: str = "",
    state: str = "",
    since: date | None = None,
    until: date | None = None,
    favourite: bool = False,
    before: UUID | None = None,
) -> HistoryPage:
    """Jobs of `user` older than `before`; an unknown cursor starts at the newest."""
    jobs = Job.objects.visible_to(user).order_by("-created_at", "-pk")
    if q:
        jobs = jobs.filter(_called(q))
    if kind:
        jobs = jobs.filter(kind=kind)
    if state:
        jobs = jobs.filter(state=state)
    if favourite:
        jobs = jobs.filter(is_favourite=True)
    jobs = _between(jobs, since=since, until=until)
    last = Job.objects.visible_to(user).filter(pk=before).first() if before else None
    if last:
        jobs = jobs.filter(
            Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk)
        )
    found = list(jobs[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    return HistoryPage(jobs=page, older=page[-1].pk if len(found) > PAGE_SIZE else None)


def _called(text: str) -> Q:
    """Jobs with `text` in the title that lists show: a kind's own, else its label."""
    found = Q(pk__in=())
    for kind in kinds.all_kinds():
        if kind.title_contains:
            found |= Q(kind=kind.key) & kind.title_contains(text)
        elif text.casefold() in str(kind.label).casefold():
            found |= Q(kind=kind.key)
    return found


def _between(jobs: JobQuerySet, *, since: date | None, until: date | None) -> JobQuerySet:
    """Both days included, as the reader's calendar has them."""
    if since:
        jobs = jobs.filter(created_at__gte=_midnight(since))
    if until:
        jobs = jobs.filter(created_at__lt=_midnight(until + timedelta(days=1)))
    return jobs


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
