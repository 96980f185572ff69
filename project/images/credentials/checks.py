"""System checks of the operator's key: a start with a broken one says what to mend."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from project.images.credentials import operator_key, sdk
from project.images.credentials.errors import CannotSign
from project.images.credentials.operator_key import CERTIFICATES, KEY

RENEW_SOON = timedelta(days=30)
OPEN_TO_ALL = 0o007
HOW = (
    f"docs/operating/credentials.md shows how. Without {CERTIFICATES} and {KEY} the local "
    "development authority signs."
)


def check_credentials(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Nothing to say without an operator's key. A process that cannot sign judges no key."""
    del app_configs, kwargs
    refusal = operator_key.missing_half()
    if refusal is not None:
        return [_refused(refusal)]
    if not operator_key.is_configured() or not sdk.is_installed():
        return []
    now = datetime.now(UTC)
    try:
        identity = operator_key.operator_identity(now=now)
    except CannotSign as found:
        return [_refused(found)]
    warnings: list[CheckMessage] = []
    if identity.not_after - now < RENEW_SOON:
        warnings.append(
            Warning(
                f"The certificate that signs results expires on {identity.not_after:%Y-%m-%d}.",
                hint=f"Renew it and replace the file of {CERTIFICATES}; no restart is needed.",
                id="omnilens.W021",
            )
        )
    key = settings.C2PA_KEY
    if isinstance(key, Path) and stat.S_IMODE(key.stat().st_mode) & OPEN_TO_ALL:
        warnings.append(
            Warning(
                f"Every user of this machine can read the private key {key}.",
                hint=f"chmod o= {key}",
                id="omnilens.W022",
            )
        )
    return warnings


def _refused(refusal: CannotSign) -> CheckMessage:
    return Error(f"Results cannot be signed: {refusal.detail}", hint=HOW, id="omnilens.E021")
