"""Accepting one film: read, de-identify, store the working copy, queue the analysis.

A film that its owner sent before, and that is known under the active classifier, is answered
with that study.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.db import transaction

from accounts.models import User
from project.failpoints import reach
from project.images import storage
from project.images.models import ImageRecord
from project.images.records import record_result
from project.jobs.models import Job
from project.jobs.submit import submit_job
from project.webhooks.callbacks import attach_again, attach_callback, check_callback_url
from xray.choices import Correction, Language, Mode, StudyStatus
from xray.ingest import originals
from xray.ingest.receive import Received, receive
from xray.ingest.working_copy import encode_film
from xray.kind import STUDY
from xray.models import ModelVersion, Study
from xray.models.study import INDICATION_LENGTH
from xray.services import audit
from xray.services.compare import check_same_patient
from xray.services.versions import active_version

ANSWERED = (
    StudyStatus.DEIDENTIFIED,
    StudyStatus.REPORTED,
    StudyStatus.REFUSED,
)


@dataclass(frozen=True, kw_only=True)
class SubmittedStudy:
    """The study, and whether this call created it (False: a repeated request or a known film)."""

    study: Study
    created: bool


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the sender wants besides the analysis itself."""

    mode: str = Mode.STRUCTURED
    language: str = Language.ENGLISH
    indication: str = ""
    patient_key: str = ""
    prior: Study | None = None
    correction: str = Correction.NONE


def submit_study(
    *,
    owner: User,
    upload: File[Any],
    wish: Wish | None = None,
    idempotency_key: str | None = None,
    callback_url: str = "",
    address: str | None = None,
) -> SubmittedStudy:
    """Queue one analysis, or answer with the study of the same film.

    Raises the coded refusals of `xray.ingest`, and ServiceError: model_unavailable (503),
    not_same_patient (409) for the prior of somebody else, idempotency_conflict (409),
    callback_taken (409), the queue's limits, the callback's address. The original leaves memory with this call unless the
    operator keeps it encrypted; film, study and job are one transaction.
    """
    wish = wish or Wish()
    if callback_url:
        check_callback_url(callback_url)
    version = active_version()
    received = receive(upload, patient_key=wish.patient_key)
    if wish.prior is not None:
        check_same_patient(patient_key=received.pseudonym, prior=wish.prior)
    # A key that was used before decides alone: it is a repetition or a conflict.
    asks = not _is_used(owner, idempotency_key)
    known = _known(owner, received, version, wish) if asks else None
    if known is not None:
        return _answer(known, owner=owner, callback_url=callback_url, address=address)
    content = encode_film(received.pixels, bit_depth=16 if received.bit_depth > 8 else 8)
    key, original = storage.new_upload_key("png"), ""
    try:
        original = _kept(upload)
        storage.put(key, content)
        reach("xray.after_film_write")
        with transaction.atomic():
            # The same film sent twice at once: the second waits here and finds the first.
            User.objects.select_for_update(no_key=True).get(pk=owner.pk)
            known = _known(owner, received, version, wish) if asks else None
            if known is not None:
                submitted = _answer(known, owner=owner, callback_url=callback_url, address=address)
            else:
                film = record_result(
                    owner=owner, key=key, content=content, purpose=ImageRecord.Purpose.UPLOAD
                )
                submitted = _queue(
                    owner=owner,
                    film=film,
                    received=received,
                    version=version,
                    wish=wish,
                    original=original,
                    idempotency_key=idempotency_key,
                    callback_url=callback_url,
                    address=address,
                )
                if not submitted.created:
                    film.delete()
            reach("xray.before_commit")
    except BaseException:
        _discard(key, original)
        raise
    if not submitted.created:
        _discard(key, original)
    return submitted


def _is_used(owner: User, key: str | None) -> bool:
    return key is not None and Job.objects.filter(owner=owner, idempotency_key=key).exists()


def _answer(known: Study, *, owner: User, callback_url: str, address: str | None) -> SubmittedStudy:
    """The study of before; whoever asked to be told of its end is, also when it is over."""
    with transaction.atomic():
        if callback_url:
            attach_again(job=known.job, url=callback_url)
        audit.record(action="study.known", actor=owner, address=address, study=known.pk)
    return SubmittedStudy(study=known, created=False)


def _queue(
    *,
    owner: User,
    film: ImageRecord,
    received: Received,
    version: ModelVersion,
    wish: Wish,
    original: str,
    idempotency_key: str | None,
    callback_url: str,
    address: str | None,
) -> SubmittedStudy:
    def attach(job: Any) -> None:
        study = Study(
            id=job.pk,
            job=job,
            film=film,
            model_version=version,
            status=StudyStatus.DEIDENTIFIED,
            correction=wish.correction,
            mode=wish.mode,
            language=wish.language,
            indication=_cleaned(wish.indication),
            patient_key=received.pseudonym,
            prior=wish.prior,
            age_band=received.age_band,
            sex=received.sex,
            view=received.view,
            source_format=received.source_format,
            attributes={
                **received.attributes,
                "laterality_marker": received.laterality_marker,
                "study_date_shifted": received.study_date_shifted,
                "colour_distance": round(received.colour_distance, 3),
            },
            content_sha256=received.content_sha256,
            original_key=original,
            warnings=list(received.warnings),
        )
        study.save(force_insert=True)
        audit.record(
            action="study.received",
            actor=owner,
            address=address,
            study=study.pk,
            after=film.sha256,
            details={"format": received.source_format, "mode": str(wish.mode)},
        )
        if callback_url:
            attach_callback(job=job, url=callback_url)

    submission = submit_job(
        owner=owner,
        kind=STUDY,
        params={"model": version.host_name, "correction": wish.correction},
        idempotency_key=idempotency_key,
        digests=(received.content_sha256,),
        request={
            "mode": str(wish.mode),
            "language": str(wish.language),
            "correction": str(wish.correction),
            "indication": wish.indication,
            "prior": str(wish.prior.pk) if wish.prior else "",
            "patient": received.pseudonym,
            **({"callback_url": callback_url} if callback_url else {}),
        },
        attach=attach,
    )
    study = Study.objects.with_job().get(job=submission.job)
    return SubmittedStudy(study=study, created=submission.created)


def _known(owner: User, received: Received, version: ModelVersion, wish: Wish) -> Study | None:
    """The same bytes, corrected in the same way, of the same patient, still whole."""
    return (
        Study.objects.visible_to(owner)
        .with_job()
        .filter(
            content_sha256=received.content_sha256,
            model_version=version,
            correction=wish.correction,
            mode=wish.mode,
            language=wish.language,
            indication=_cleaned(wish.indication),
            patient_key=received.pseudonym,
            prior=wish.prior,
            film__isnull=False,
            status__in=ANSWERED,
        )
        .exclude(job__state__in=("failed", "cancelled"))
        .order_by("-id")
        .first()
    )


def _kept(upload: File[Any]) -> str:
    """The storage key of the encrypted original; empty unless the operator keeps them."""
    if not originals.is_kept():
        return ""
    upload.seek(0)
    key: str = originals.keep_original(upload.read())
    return key


def _discard(*keys: str) -> None:
    for key in keys:
        if key:
            storage.delete(key)


def _cleaned(indication: str) -> str:
    """One line without control characters, at most as long as the row allows."""
    plain = "".join(sign if sign.isprintable() else " " for sign in indication)
    return " ".join(plain.split())[:INDICATION_LENGTH]
