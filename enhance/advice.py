"""A job that ended badly, for its owner: what happened, why, what to do, a code to quote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from project.jobs.codes import describe_error
from project.jobs.models import Job

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Trying the same again helps nothing here.
CHANGE_OPTIONS = frozenset(
    {"out_of_memory", "deadline_exceeded", "too_large_for_device", "invalid_output"}
)
OPERATORS = frozenset({"model_unavailable", "face_model_missing"})
UPLOAD_AGAIN = frozenset({"invalid_input"})
ADVICE: Mapping[str, _StrPromise] = {
    "change": gettext_lazy("Your original is kept. Run it again with other options."),
    "upload": gettext_lazy("Please choose the photo again."),
    "operator": gettext_lazy("Your original is kept. Try again once an operator has done this."),
    "again": gettext_lazy("Your original and your options are kept. Try again."),
}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The four parts of the error block."""

    what: str
    why: str
    todo: str
    code: str
    can_retry: bool


def failure_of(job: Job) -> Failure | None:
    """The block of a failed or cancelled job, None for every other."""
    if job.state == Job.State.CANCELLED:
        what = _("This enlargement was cancelled.")
        is_plain = job.error_code in ("", "cancelled")
        why = "" if is_plain else describe_error(job)
        return Failure(what=what, why=why, todo=str(ADVICE["again"]), code="", can_retry=True)
    if job.state != Job.State.FAILED:
        return None
    return Failure(
        what=_("This enlargement failed."),
        why=describe_error(job),
        todo=str(ADVICE[_advice(job.error_code)]),
        code=job.error_code,
        can_retry=job.error_code not in UPLOAD_AGAIN,
    )


def _advice(code: str) -> str:
    if code in CHANGE_OPTIONS:
        return "change"
    if code in UPLOAD_AGAIN:
        return "upload"
    return "operator" if code in OPERATORS else "again"
