"""Private keys and certificates from PEM; each refusal says what is wrong, never with what text.

Imported by the functions that need it: cryptography belongs to the worker.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from project.images.credentials.errors import CannotSign, CannotSignCode

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
SMALLEST_RSA_BITS = 2048
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
SUPPORTED = "ECDSA on P-256, P-384 or P-521, RSA of at least 2048 bits, or Ed25519"


def load_key(pem: bytes) -> PrivateKey:
    """The one private key of a PEM text. Raises CannotSign."""
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise CannotSign(
            CannotSignCode.KEY_ENCRYPTED,
            "The private key is encrypted with a passphrase; nobody is there to type it.",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        # The cause stays out of the traceback: it might quote what it could not parse.
        raise CannotSign(
            CannotSignCode.KEY_UNREADABLE, "The private key is not a PEM private key."
        ) from None
    if not isinstance(key, PrivateKey):
        raise _unsupported()
    algorithm_of(key)
    return key


def load_certificates(pem: bytes) -> list[x509.Certificate]:
    """Every certificate of a PEM text, in its order. Raises CannotSign."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise CannotSign(
            CannotSignCode.CERTIFICATE_UNREADABLE, "The certificates are not PEM certificates."
        ) from None


def algorithm_of(key: PrivateKey) -> str:
    """The C2PA name of the signature that this key makes. Raises CannotSign."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < SMALLEST_RSA_BITS:
            raise _unsupported()
        return "ps256"
    if key.curve.name not in _CURVES:
        raise _unsupported()
    return _CURVES[key.curve.name]


def key_to_pem(key: PrivateKey) -> str:
    """PKCS #8, the one form that the signing library takes for every algorithm."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii")


def public_bytes(key: object) -> bytes:
    """A public key in a form that can be compared."""
    encoded: bytes = key.public_bytes(  # type: ignore[attr-defined]  # every public key has it
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def _unsupported() -> CannotSign:
    return CannotSign(CannotSignCode.KEY_UNSUPPORTED, f"The private key must be {SUPPORTED}.")
