"""Refusals of a whole batch."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from project.errors import ServiceError


class BatchError(ServiceError):
    """Concerns the batch; a refusal of one photo is an item of it instead."""


def no_files() -> BatchError:
    """Nothing was sent."""
    detail = _("Send the pictures as the multipart field files[] or files.")
    return BatchError(
        detail,
        code="file_missing",
        fields={"files": [{"code": "required", "detail": detail}]},
    )


def no_file() -> BatchError:
    """A photo of an announced batch did not come with its request."""
    detail = _("Send the picture as the multipart field file.")
    return BatchError(
        detail,
        code="file_missing",
        fields={"file": [{"code": "required", "detail": detail}]},
    )


def too_many_files(count: int) -> BatchError:
    """More than one batch may hold."""
    limit = settings.ENHANCE_BATCH_FILES
    return BatchError(
        _("A batch may hold %(limit)d files; these are %(count)d.")
        % {"limit": limit, "count": count},
        code="too_many_files",
        status=422,
        extra={"limit": limit},
    )


def closed() -> BatchError:
    """It takes no more photos."""
    return BatchError(_("This batch takes no more photos."), code="batch_closed", status=409)


def key_of_another_photo() -> BatchError:
    """An idempotency key belongs to one photo, in this batch or outside."""
    return BatchError(
        _("This idempotency key was used for another request."),
        code="idempotency_conflict",
        status=409,
    )


def nothing_to_retry() -> BatchError:
    """Nothing failed, or nothing of it is still stored."""
    return BatchError(
        _("No photo of this batch can be run again."), code="nothing_to_retry", status=409
    )


def nothing_finished(state: str) -> BatchError:
    """The word of the original service for a download that comes too early."""
    return BatchError(
        _("No photo of the batch is finished."), code="task_not_completed", extra={"state": state}
    )


def bad_overrides(detail: str) -> BatchError:
    """`file_options` cannot be read."""
    return BatchError(
        detail, code="invalid", fields={"file_options": [{"code": "invalid", "detail": detail}]}
    )


def bad_count() -> BatchError:
    """`photos` is no number of photos."""
    detail = _("Say how many photos will follow, as a whole number from 1 on.")
    return BatchError(
        detail, code="invalid", fields={"photos": [{"code": "invalid", "detail": detail}]}
    )


def no_waiting() -> BatchError:
    """`sync` is for single photos."""
    detail = _("A batch cannot be waited for; ask for its status.")
    return BatchError(
        detail, code="invalid", fields={"sync": [{"code": "invalid", "detail": detail}]}
    )
