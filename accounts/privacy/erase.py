"""Forgetting a person: rows in one transaction, then the files they named."""

from __future__ import annotations

import logging
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts.models import PrivacyReceipt, User
from accounts.privacy.registry import FILES, erasers
from accounts.services.roles import ensure_administrator_remains

logger = logging.getLogger(__name__)


def erase_user(user: User, *, now: datetime | None = None) -> PrivacyReceipt:
    """Delete the account and everything it owns; the receipt knows counts, not the person.

    Raises LastAdministrator. If the process dies between rows and files, or the storage fails,
    the receipt stays unfinished and `finish_erasures` deletes the rest.
    """
    with transaction.atomic():
        ensure_administrator_remains(without=user)
        User.objects.select_for_update().get(pk=user.pk)
        files = sorted({key for room in erasers() if room.files for key in room.files(user)})
        counts: dict[str, int] = {}
        for room in erasers():
            for what, number in room.erase(user).items():
                counts[what] = counts.get(what, 0) + number
        user.delete()
        receipt = PrivacyReceipt.objects.create(
            kind=PrivacyReceipt.Kind.ERASURE,
            counts={**counts, FILES: len(files)},
            pending_files=files,
            created_at=now or timezone.now(),
        )
    return _delete_files(receipt, now=now)


def finish_erasures(*, now: datetime | None = None) -> list[PrivacyReceipt]:
    """Delete the files of erasures that were cut short; the receipts that are now finished."""
    unfinished = PrivacyReceipt.objects.unfinished().order_by("created_at")
    return [_delete_files(receipt, now=now) for receipt in unfinished]


def _delete_files(receipt: PrivacyReceipt, *, now: datetime | None) -> PrivacyReceipt:
    """Deleting a file that is gone is no error, so this may run any number of times."""
    try:
        for key in receipt.pending_files:
            default_storage.delete(key)
    except (OSError, BotoCoreError, ClientError):
        logger.exception("files of the erasure %s could not be deleted yet", receipt.pk)
        return receipt
    receipt.pending_files = []
    receipt.finished_at = now or timezone.now()
    receipt.save(update_fields=["pending_files", "finished_at"])
    return receipt
