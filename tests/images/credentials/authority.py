"""Certificates for the tests: a root, an authority below it, signers of every kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID, ObjectIdentifier

NOW = datetime.now(UTC)
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"
SERVER = "1.3.6.1.5.5.7.3.1"
KEYS = {
    "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "es384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "es512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ps256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Studio"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, signs: bool, issues: bool) -> x509.KeyUsage:
    return x509.KeyUsage(signs, False, False, False, False, issues, issues, False, False)


class Authority:
    """A certificate authority; `Authority("root")` signs itself."""

    def __init__(self, common: str, parent: Authority | None = None) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._certificate(
            common, self.key, parent or self, usage=_usage(signs=False, issues=True), ca=True
        )

    def issue(
        self,
        key,
        common: str = "Example Signer",
        *,
        not_before: datetime = NOW - timedelta(days=1),
        not_after: datetime = NOW + timedelta(days=365),
        purposes: tuple[str, ...] | None = (DOCUMENT_SIGNING,),
        signs: bool = True,
        ca: bool = False,
    ) -> x509.Certificate:
        """A signer's certificate, fit unless told otherwise."""
        return self._certificate(
            common, key, self, usage=_usage(signs=signs, issues=ca), ca=ca,
            purposes=purposes, not_before=not_before, not_after=not_after,
        )  # fmt: skip

    @staticmethod
    def _certificate(
        common, key, issuer, *, usage, ca, purposes=None,
        not_before=NOW - timedelta(days=1), not_after=NOW + timedelta(days=3650),
    ):  # fmt: skip
        is_root = issuer.key is key
        issuer_name = _name(common) if is_root else issuer.certificate.subject
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(common))
            .issuer_name(issuer_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(not_before)
            .not_valid_after(not_after)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()),
                critical=False,
            )
        )
        if purposes:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ObjectIdentifier(p) for p in purposes]), critical=False
            )
        return builder.sign(issuer.key, hashes.SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    """A chain as a file holds it."""
    return b"".join(c.public_bytes(Encoding.PEM) for c in certificates)


def key_pem(key, *, passphrase: bytes = b"", form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    """A private key as a file holds it."""
    secret = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, secret)
