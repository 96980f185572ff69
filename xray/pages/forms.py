"""What the pages may be sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from project.web.history import Day
from xray.choices import Language, Mode, ReviewAction, StudyStatus
from xray.face import title_of
from xray.models import Study
from xray.models.study import INDICATION_LENGTH, PATIENT_KEY_LENGTH
from xray.worklist import ORDERINGS

COMMENT_LENGTH = 1000
MOST_PRIORS = 100


STATUSES = (
    ("", _("Any state")),
    ("working", _("At work")),
    ("reported", StudyStatus.REPORTED.label),
    ("refused", StudyStatus.REFUSED.label),
    ("failed", StudyStatus.FAILED.label),
    ("cancelled", StudyStatus.CANCELLED.label),
)
ORDERING_WORDS = {
    "-created": _("Newest first"),
    "created": _("Oldest first"),
    "-probability": _("Highest probability first"),
    "probability": _("Lowest probability first"),
}


class PriorField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's is no generic at run time
    """Earlier films by pseudonym, number and day."""

    def label_from_instance(self, obj: Any) -> str:
        """`p-7c41d0e2 00a1b2 · 2026-03-14`."""
        return f"{title_of(obj)} · {obj.created_at:%Y-%m-%d}"


class SendForm(forms.Form):
    """The wishes beside the films themselves."""

    language = forms.ChoiceField(label=_("Language of the report"), choices=Language.choices)
    use_ollama = forms.BooleanField(label=_("Report by the language model as well"), required=False)
    indication = forms.CharField(
        label=_("Indication"),
        required=False,
        max_length=INDICATION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    patient_key = forms.CharField(
        label=_("Patient key"),
        required=False,
        max_length=PATIENT_KEY_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    prior = PriorField(
        label=_("Earlier film"),
        required=False,
        queryset=Study.objects.none(),
        empty_label=_("None"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        field = self.fields["prior"]
        assert isinstance(field, PriorField)  # noqa: S101  (narrows for mypy)
        field.queryset = _with_patient(user)
        self.priors: list[Study] = list(field.queryset.order_by("-id")[:MOST_PRIORS])
        field.choices = [("", _("None"))] + [
            (str(study.pk), field.label_from_instance(study)) for study in self.priors
        ]
        for name in ("indication", "patient_key", "prior"):
            self.fields[name].widget.attrs["aria-describedby"] = f"{name}-hint"

    def clean(self) -> dict[str, Any]:
        """An earlier film is of a patient, so the key must be there to compare with."""
        if self.cleaned_data.get("prior") and not self.cleaned_data.get("patient_key"):
            self.add_error("patient_key", _("Enter the key under which the earlier film was sent."))
        return self.cleaned_data

    @property
    def mode(self) -> str:
        """Of a valid form."""
        return Mode.LLM if self.cleaned_data["use_ollama"] else Mode.STRUCTURED


def _with_patient(user: User) -> QuerySet[Study]:
    reported = Study.objects.visible_to(user).filter(status=StudyStatus.REPORTED)
    return reported.exclude(patient_key="").select_related("job")


class WorklistFilter(forms.Form):
    """What the address of the worklist may ask for; everything is optional."""

    q = forms.CharField(
        label=_("Pseudonym or number"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(label=_("State"), required=False, choices=STATUSES)
    min_prob = forms.FloatField(
        label=_("Probability from"),
        required=False,
        min_value=0.0,
        max_value=1.0,
        widget=forms.NumberInput(attrs={"step": "0.01", "placeholder": "0.00"}),
    )
    since = Day(label=_("From"))
    until = Day(label=_("To"))
    ordering = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[(name, ORDERING_WORDS[name]) for name in ORDERINGS],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        kwargs.setdefault("auto_id", "filter-%s")
        super().__init__(*args, **kwargs)

    def clean_ordering(self) -> str:
        """Newest first unless something else was asked for."""
        return self.cleaned_data["ordering"] or "-created"

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first."))
        return self.cleaned_data

    @property
    def is_narrowed(self) -> bool:
        """Whether the list is not simply all of it."""
        return any(
            value not in ("", None)
            for name, value in self.cleaned_data.items()
            if name != "ordering"
        )


class ReviewForm(forms.Form):
    """A signature under the report of one digest."""

    action = forms.ChoiceField(choices=ReviewAction.choices)
    comment = forms.CharField(required=False, max_length=COMMENT_LENGTH)
    impression = forms.CharField(required=False, max_length=20_000)
    narrative = forms.CharField(required=False, max_length=20_000)
    digest = forms.CharField(max_length=64)

    def clean(self) -> dict[str, Any]:
        """Who rejects says why."""
        is_rejection = self.cleaned_data.get("action") == ReviewAction.REJECT
        if is_rejection and not self.cleaned_data.get("comment", "").strip():
            self.add_error("comment", _("Say why the report is rejected."))
        return self.cleaned_data

    def edits(self) -> dict[str, str] | None:
        """The sections that were sent with an edit; None for the other actions."""
        if self.cleaned_data["action"] != ReviewAction.EDIT:
            return None
        return {
            name: self.cleaned_data[name]
            for name in ("impression", "narrative")
            if name in self.data
        }
