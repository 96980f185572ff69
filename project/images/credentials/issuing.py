"""The certificates of the development authority, after the C2PA certificate profile.

Imported by the functions that need it: cryptography belongs to the worker.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from project.images.credentials.keys import PrivateKey, key_to_pem
from project.images.credentials.profile import PURPOSES

AUTHORITY_NAME = "Omnilens local development authority, not trusted"
SIGNER_NAME = "Omnilens local development signer, not trusted"
AUTHORITY_LIFETIME = timedelta(days=20 * 365)
# Without a time stamp a signature counts as long as its certificate: a picture that is signed on
# the last day before the renewal still has half of this.
SIGNER_LIFETIME = timedelta(days=6 * 365)
RENEW_BEFORE = SIGNER_LIFETIME / 2
CLOCK_SKEW = timedelta(days=1)

KeyAndChain = tuple[PrivateKey, list[x509.Certificate]]


def is_due(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether the signer is to be renewed."""
    return certificate.not_valid_after_utc - now < RENEW_BEFORE


def authority_is_due(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether a new signer would outlive its authority."""
    return certificate.not_valid_after_utc - now < SIGNER_LIFETIME


def make_authority(now: datetime) -> KeyAndChain:
    """A self-signed authority that may issue signers and nothing below them."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(AUTHORITY_NAME, AUTHORITY_NAME, key, now, AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, [certificate]


def make_signer(key: PrivateKey, authority: x509.Certificate, now: datetime) -> KeyAndChain:
    """A new key with a certificate that C2PA accepts for signing, and its authority's."""
    own = ec.generate_private_key(ec.SECP256R1())
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    purposes = [ObjectIdentifier(purpose) for purpose in PURPOSES]
    certificate = (
        _builder(SIGNER_NAME, AUTHORITY_NAME, own, now, SIGNER_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return own, [certificate, authority]


def to_pem(key: PrivateKey, certificates: list[x509.Certificate]) -> bytes:
    """Key and certificates as one text, so that one rename replaces both."""
    parts = [certificate.public_bytes(Encoding.PEM) for certificate in certificates]
    return b"".join([*parts, key_to_pem(key).encode("ascii")])


def _builder(
    subject: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _name(common: str) -> x509.Name:
    """No host, no user: the name is in every picture. Viewers show the organisation."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, AUTHORITY_NAME),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
