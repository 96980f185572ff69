"""The history of one's own jobs: filters and a cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from project.jobs import kinds
from project.jobs.models import Job

PAGE_SIZE = 20


class HistoryFilter(forms.Form):
    """`?kind=`, `?state=`, `?before=<job id>`."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any state")), *Job.State.choices]
    )
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (narrows for mypy)
        field.choices = [
            ("", _("Any kind")),
            *((kind.key, kind.label) for kind in kinds.all_kinds()),
        ]


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    """One page of jobs, newest first; `older` is the cursor of the next page."""

    jobs: list[Job]
    older: UUID | None


def history_page(
    *, user: User, kind: str = "", state: str = "", before: UUID | None = None
) -> HistoryPage:
    """Jobs of `user` older than `before`; an unknown cursor starts at the newest."""
    jobs = Job.objects.visible_to(user).order_by("-created_at", "-pk")
    if kind:
        jobs = jobs.filter(kind=kind)
    if state:
        jobs = jobs.filter(state=state)
    last = Job.objects.visible_to(user).filter(pk=before).first() if before else None
    if last:
        jobs = jobs.filter(
            Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk)
        )
    found = list(jobs[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    return HistoryPage(jobs=page, older=page[-1].pk if len(found) > PAGE_SIZE else None)
