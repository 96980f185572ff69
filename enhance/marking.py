"""How a result says where it comes from, and what that looks like in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from django.utils.translation import gettext_lazy as _

from project.images.marking import SourceType

# The networks invent plausible detail, which is more than an algorithmic correction.
SOURCE_TYPE = SourceType.GENERATIVE_EDIT
NOT_ATTEMPTED = "not_attempted"
C2PA_UNAVAILABLE = "c2pa_unavailable"

_SETUP = _("The signing key or certificate of this server cannot be used.")
_REASONS = {
    "not_installed": _("The signing library is not installed on this server."),
    "authority_unwritable": _("This server cannot store a signing key."),
    "authority_damaged": _("The stored signing authority of this server is damaged."),
    "format_unsupported": _("Files of this format cannot be signed."),
    "signing_failed": _("The signing library refused the file."),
    NOT_ATTEMPTED: _("The result is older than signing on this server."),
}


class Marking(TypedDict):
    """`reason` is a code of project.images.credentials, empty when the file is signed."""

    iptc: str
    c2pa: Literal["signed", "unavailable"]
    signer: str
    reason: str


def unsigned(reason: str) -> Marking:
    """With the IPTC mark alone."""
    return Marking(iptc=str(SOURCE_TYPE), c2pa="unavailable", signer="", reason=reason)


def signed_by(signer: str) -> Marking:
    """With the IPTC mark and signed content credentials."""
    return Marking(iptc=str(SOURCE_TYPE), c2pa="signed", signer=signer, reason="")


def reason_in_words(reason: str) -> str:
    """Why a result is not signed; empty when it is."""
    return str(_REASONS.get(reason, _SETUP)) if reason else ""


def marking_payload(marking: Mapping[str, Any]) -> dict[str, Any]:
    """For the API; a row without any is older than signing."""
    known = {**unsigned(NOT_ATTEMPTED), **marking}
    return {**known, "detail": reason_in_words(known["reason"])}
