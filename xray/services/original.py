"""The original of a film, where the operator keeps it: for staff, and never without a trace."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from project.errors import ServiceError
from xray.ingest import originals
from xray.models import Study
from xray.services import audit

OPENED = "original.opened"


def open_original(*, study: Study, actor: User, address: str | None = None) -> bytes:
    """The bytes as they were sent, the person within them included; the audit trail names `actor`.

    Raises ServiceError: permission_denied (403) for anybody but staff, original_not_kept (404).
    Raises CannotUnseal when SECRET_KEY changed without a fallback, FileNotFoundError when the file
    is gone.
    """
    if not (actor.is_active and actor.is_staff):
        raise ServiceError(
            _("Only staff may open an original."), code="permission_denied", status=403
        )
    if not study.original_key:
        raise ServiceError(
            _("No original was kept. OMNILENS_XRAY_KEEP_ORIGINAL keeps those of later films."),
            code="original_not_kept",
            status=404,
        )
    # The trace first: what was read without one could not be told afterwards.
    audit.record(action=OPENED, actor=actor, address=address, study=study.pk)
    return originals.open_original(study.original_key)
