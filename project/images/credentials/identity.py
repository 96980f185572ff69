"""Who signs: a private key, its certificate and the certificates above it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from project.images.credentials.errors import CannotSign, CannotSignCode
from project.images.credentials.profile import fault_of_certificate, fault_of_chain

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Name

    from project.images.credentials.keys import PrivateKey


class Origin(enum.StrEnum):
    """Whose key it is."""

    OPERATOR = "operator"
    DEVELOPMENT = "development"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Everything that signing and the doctor need; printing it shows no key."""

    origin: Origin
    algorithm: str
    holder: str
    issuer: str
    not_after: datetime
    chain: str
    private_key: str = field(repr=False)


def identity_of(
    key: PrivateKey, certificates: Sequence[Certificate], *, origin: Origin, now: datetime
) -> Identity:
    """The identity of a key and its chain, signer first. Raises CannotSign when it is unfit."""
    from project.images.credentials.keys import algorithm_of, key_to_pem, public_bytes

    signer = certificates[0]
    if public_bytes(signer.public_key()) != public_bytes(key.public_key()):
        raise CannotSign(
            CannotSignCode.KEY_MISMATCH,
            f"The private key does not belong to the certificate of {name_of(signer.subject)}.",
        )
    if now < signer.not_valid_before_utc:
        raise CannotSign(
            CannotSignCode.CERTIFICATE_NOT_YET_VALID,
            f"The certificate of {name_of(signer.subject)} is valid from "
            f"{signer.not_valid_before_utc:%Y-%m-%d %H:%M} UTC.",
        )
    if now >= signer.not_valid_after_utc:
        raise CannotSign(
            CannotSignCode.CERTIFICATE_EXPIRED,
            f"The certificate of {name_of(signer.subject)} expired on "
            f"{signer.not_valid_after_utc:%Y-%m-%d}.",
        )
    fault = fault_of_certificate(signer) or fault_of_chain(certificates)
    if fault:
        raise CannotSign(CannotSignCode.CERTIFICATE_UNFIT, fault)
    return Identity(
        origin=origin,
        algorithm=algorithm_of(key),
        holder=name_of(signer.subject),
        issuer=name_of(signer.issuer),
        not_after=signer.not_valid_after_utc,
        # C2PA leaves the root out of the file: a reader must know it anyway.
        chain=to_pem([signer, *(c for c in certificates[1:] if c.subject != c.issuer)]),
        private_key=key_to_pem(key),
    )


def name_of(name: Name) -> str:
    """Organisation and common name, as far as the certificate has them."""
    from cryptography.x509.oid import NameOID

    parts: list[str] = []
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        parts += [str(a.value) for a in name.get_attributes_for_oid(oid) if a.value not in parts]
    return ", ".join(parts) or name.rfc4514_string()


def to_pem(certificates: Sequence[Certificate]) -> str:
    """Certificates as one text."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return "".join(c.public_bytes(Encoding.PEM).decode("ascii") for c in certificates)
