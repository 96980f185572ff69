"""A person signs a report: accepts it, edits its sentences, or rejects it.

A report that is final never changes. A review writes the next version, whose envelope says who
reviewed it and what was edited, and the version that was read is superseded.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from project.errors import ServiceError
from project.jobs.api.payload import timestamp
from xray.choices import ReportState, ReviewAction
from xray.models import Report, ReportReview, Study
from xray.reports.envelope import Envelope, Sentence
from xray.reports.foreign_figures import foreign_figures
from xray.services import audit
from xray.services.report_rows import Written, keep_report, report_id_of

if TYPE_CHECKING:
    from accounts.models import User

SECTIONS = ("impression", "narrative")
SENTENCE_LENGTH = 500
MOST_SENTENCES = 40
STATUS = {
    ReviewAction.ACCEPT: "accepted",
    ReviewAction.EDIT: "edited",
    ReviewAction.REJECT: "rejected",
}


def review_report(
    *,
    report: Report,
    reviewer: User,
    action: str,
    comment: str = "",
    edits: Mapping[str, str] | None = None,
    digest: str = "",
    address: str | None = None,
    now: datetime | None = None,
) -> Report:
    """The next version of `report` with the review in it.

    `edits` maps a section of SECTIONS to its new text, one sentence a line. `digest` is of the
    report that the reviewer read: nobody signs another one unseen. Raises ServiceError:
    report_superseded (409), nothing_edited, figures_changed, unknown_section (422), invalid.
    """
    action = ReviewAction(action)
    if bool(edits) != (action == ReviewAction.EDIT):
        raise _invalid(
            "edits",
            _("Say what is to be changed.")
            if action == ReviewAction.EDIT
            else _("Only an edit changes sentences."),
        )
    now = now or timezone.now()
    with transaction.atomic():
        study = (
            Study.objects.select_for_update(of=("self",))
            .select_related("job__owner")
            .get(pk=report.study_id)
        )
        read = Report.objects.get(pk=report.pk)
        if read.state == ReportState.SUPERSEDED or (digest and digest != read.digest):
            raise ServiceError(
                _("There is a newer version of this report. Read that one first."),
                code="report_superseded",
                status=409,
            )
        number = (study.reports.aggregate(last=Max("number"))["last"] or 0) + 1
        envelope = cast("Envelope", copy.deepcopy(read.envelope))
        changes = _edit(envelope, edits or {})
        envelope["report_id"] = report_id_of(None, study, number)
        envelope["review"] = {
            "status": STATUS[action],
            "by": reviewer.username,
            "at": timestamp(now),
            "edits": [*envelope["review"]["edits"], *changes],
        }
        new = keep_report(study=study, job=None, written=Written(envelope=envelope))
        ReportReview.objects.create(
            report=read,
            action=action,
            comment=comment,
            diff={"version": new.number, "edits": changes},
            report_digest=read.digest,
            reviewer=reviewer,
        )
        audit.record(
            action=f"report.{STATUS[action]}",
            actor=reviewer,
            address=address,
            study=study.pk,
            object=f"report {new.number}",
            before=read.digest,
            after=new.digest,
            details={"edits": len(changes), "language": new.language, "mode": new.mode},
        )
    return new


def _edit(envelope: Envelope, edits: Mapping[str, str]) -> list[dict[str, Any]]:
    """Put the new sentences into `envelope`; returns what changed."""
    changes: list[dict[str, Any]] = []
    for section, text in edits.items():
        if section not in SECTIONS:
            raise ServiceError(
                _("Only impression and narrative can be edited."),
                code="unknown_section",
                status=422,
                extra={"sections": list(SECTIONS)},
            )
        old: list[Sentence] = envelope[section]  # type: ignore[literal-required]
        new, changed = _rewrite(section, old, _lines(section, text))
        if section == "impression" and not new:
            raise ServiceError(
                _("An impression needs at least one sentence; reject the report instead."),
                code="impression_needed",
                status=422,
            )
        envelope[section] = new  # type: ignore[literal-required]
        changes += changed
    if edits and not changes:
        raise ServiceError(
            _("The text is the same as before; accept the report instead."),
            code="nothing_edited",
            status=422,
        )
    for change in changes:
        strange = foreign_figures(
            change["after"], envelope["ai_findings"], known_text=change["before"]
        )
        if strange:
            raise ServiceError(
                _("The figures of the classifier cannot be edited: %(figures)s is none of them.")
                % {"figures": ", ".join(strange)},
                code="figures_changed",
                status=422,
                extra={"figures": strange},
            )
    return changes


def _lines(section: str, text: str) -> list[str]:
    """One sentence a line, without control characters."""
    plain = (
        " ".join("".join(c if c.isprintable() else " " for c in line).split())
        for line in text.splitlines()
    )
    lines = [line for line in plain if line]
    if len(lines) > MOST_SENTENCES or any(len(line) > SENTENCE_LENGTH for line in lines):
        raise _invalid(
            section,
            _("At most %(lines)d sentences of %(length)d characters each.")
            % {"lines": MOST_SENTENCES, "length": SENTENCE_LENGTH},
        )
    return lines


def _rewrite(
    section: str, old: Sequence[Sentence], lines: Sequence[str]
) -> tuple[list[Sentence], list[dict[str, Any]]]:
    """Kept sentences stay as they are; others are the reviewer's and keep the findings of those
    that they take the place of."""
    sentences: list[Sentence] = []
    changes: list[dict[str, Any]] = []
    matcher = SequenceMatcher(a=[s["text"] for s in old], b=list(lines), autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            sentences += old[a:b]
            continue
        for offset in range(max(b - a, d - c)):
            before = old[a + offset] if a + offset < b else None
            after = lines[c + offset] if c + offset < d else ""
            changes.append(
                {
                    "section": section,
                    "before": before["text"] if before else "",
                    "after": after,
                }
            )
            if after:
                ids = list(before["finding_ids"]) if before else []
                sentences.append({"text": after, "finding_ids": ids, "author": "reviewer"})
    return sentences, changes


def _invalid(field: str, detail: str) -> ServiceError:
    return ServiceError(detail, fields={field: [{"code": "invalid", "detail": detail}]})
