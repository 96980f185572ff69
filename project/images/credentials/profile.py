"""What C2PA asks of a signing certificate (specification 2.2, sections 14.5 and 14.5.1).

The signing library refuses an unfit certificate too, but only with the first picture and in its
own words; here it is refused at the start, in ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

CLAIM_SIGNING = "1.3.6.1.4.1.62558.2.1"
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"
EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"
PURPOSES = (CLAIM_SIGNING, DOCUMENT_SIGNING, EMAIL_PROTECTION)
_ANY_PURPOSE = "2.5.29.37.0"
_EXCLUSIVE = {"1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"}  # time stamping, OCSP signing


def fault_of_certificate(certificate: Certificate) -> str:
    """What keeps this certificate from signing, as a sentence; empty when nothing does."""
    from cryptography import x509

    if certificate.subject == certificate.issuer:
        return "The certificate is self-signed; C2PA wants one that an authority issued."
    extensions = certificate.extensions
    try:
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
        if basic.ca:
            return "The first certificate is an authority's; the signer's own must come first."
    except x509.ExtensionNotFound:
        pass  # absent means that it is no authority
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound as missing:
        return f"The certificate lacks the extension {missing.oid._name}."
    if not usage.digital_signature:
        return "The key usage of the certificate does not include digital signatures."
    found = {purpose.dotted_string for purpose in purposes}
    if _ANY_PURPOSE in found:
        return "The certificate may be used for any purpose, which C2PA forbids."
    if found & _EXCLUSIVE or not found & set(PURPOSES):
        return (
            "The certificate is not meant for signing content: its extended key usage must name "
            f"C2PA claim signing ({CLAIM_SIGNING}), document signing or e-mail protection, and "
            "neither time stamping nor OCSP signing."
        )
    return ""


def fault_of_chain(certificates: Sequence[Certificate]) -> str:
    """Whether each certificate was issued by the next one; empty when so."""
    from cryptography.exceptions import InvalidSignature

    for certificate, issuer in pairwise(certificates):
        try:
            certificate.verify_directly_issued_by(issuer)
        except (InvalidSignature, ValueError, TypeError):
            return (
                "The certificates are not one chain: each must be issued by the next, the "
                "signer's own first."
            )
    return ""
