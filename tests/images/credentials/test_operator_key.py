"""The operator's certificate signs, or the refusal says what to mend."""

from __future__ import annotations

import stat
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

from project.images.credentials import CannotSign, CannotSignCode, State, read_credentials, sign
from project.images.credentials.checks import check_credentials
from project.images.credentials.identity import Origin
from project.images.credentials.signer import current_identity
from tests.images.credentials.authority import KEYS, NOW, SERVER, Authority, key_pem, pem
from tests.images.credentials.pictures import EDITED, marked, offset_of_pixels


def signed() -> bytes:
    return sign(marked("PNG"), format="PNG", source_type=EDITED)


@pytest.mark.parametrize("algorithm", KEYS)
def test_every_supported_key_signs_and_is_believed(configure, algorithm):
    configure(algorithm)
    content = signed()
    found = read_credentials(content, "PNG")
    assert (found.state, found.problems) == (State.VALID, ())
    assert found.signer == "Example Signer, Example Studio"
    assert found.algorithm.lower() == algorithm
    changed = bytearray(content)
    changed[offset_of_pixels(content, "PNG")] ^= 1
    assert read_credentials(bytes(changed), "PNG").state is State.INVALID


def test_the_root_stays_out_of_the_file(configure, root, intermediate):
    configure()
    content = signed()
    assert intermediate.certificate.public_bytes(Encoding.DER) in content
    assert root.certificate.public_bytes(Encoding.DER) not in content


def test_a_chain_that_ends_below_the_root_is_believed_too(configure, intermediate):
    key = KEYS["es256"]()
    configure(key=key, chain=pem(intermediate.issue(key), intermediate.certificate))
    assert read_credentials(signed(), "PNG").state is State.VALID


def test_an_older_ec_key_file_is_understood(configure):
    key = KEYS["es256"]()
    _chain, file = configure(key=key)
    file.write_bytes(key_pem(key, form=PrivateFormat.TraditionalOpenSSL))
    assert b"BEGIN EC PRIVATE KEY" in file.read_bytes()
    assert read_credentials(signed(), "PNG").state is State.VALID


def test_pem_text_counts_like_a_file(configure, settings):
    chain, key = configure()
    settings.C2PA_CERTIFICATES, settings.C2PA_KEY = chain.read_text(), key.read_text()
    chain.unlink()
    key.unlink()
    assert read_credentials(signed(), "PNG").state is State.VALID


def test_a_renewed_certificate_counts_without_a_restart(configure, intermediate):
    key = KEYS["es256"]()
    chain, _key = configure(key=key, not_after=NOW + timedelta(days=40))
    old = signed()
    assert current_identity().not_after < NOW + timedelta(days=41)
    chain.write_bytes(pem(intermediate.issue(key), intermediate.certificate))
    assert current_identity().not_after > NOW + timedelta(days=300)
    assert read_credentials(old, "PNG").state is State.VALID
    assert read_credentials(signed(), "PNG").state is State.VALID


def test_reading_needs_no_private_key(configure, settings):
    _chain, key = configure()
    content = signed()
    key.unlink()
    settings.C2PA_KEY = None
    assert read_credentials(content, "PNG").state is State.VALID


def test_somebody_elses_signature_is_intact_but_untrusted(configure, tmp_path):
    configure()
    content = signed()
    stranger = Authority("Stranger Root")
    assert read_credentials(content, "PNG", anchors=pem(stranger.certificate).decode()).state is (
        State.UNTRUSTED
    )


def test_a_signature_ends_with_its_certificate(configure, intermediate):
    """There is no time stamp that would say when it was made."""
    soon = datetime.now(UTC) + timedelta(seconds=6)
    configure(not_after=soon.replace(microsecond=0) + timedelta(seconds=1))
    content = signed()
    assert read_credentials(content, "PNG").state is State.VALID

    while datetime.now(UTC) < soon.replace(microsecond=0) + timedelta(seconds=2):
        time.sleep(0.1)
    found = read_credentials(content, "PNG")
    assert found.state is State.INVALID
    assert "signingCredential.expired" in found.problems


def refusal() -> CannotSign:
    """What signing answers; the check at the start must answer the same."""
    with pytest.raises(CannotSign) as refused:
        signed()
    (message,) = check_credentials(None)
    assert message.id == "omnilens.E021"
    assert refused.value.detail in message.msg
    return refused.value


def foreign_key(file, _key):
    file.write_bytes(key_pem(KEYS["es256"]()))


def encrypted(file, key):
    file.write_bytes(key_pem(key, passphrase=b"canary-passphrase"))


def nonsense(file, _key):
    file.write_bytes(b"-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n")


def odd_curve(file, _key):
    file.write_bytes(key_pem(ec.generate_private_key(ec.SECP256K1())))


def short_rsa(file, _key):
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # refused
    file.write_bytes(key_pem(short))


def dsa_key(file, _key):
    file.write_bytes(key_pem(dsa.generate_private_key(key_size=2048)))


def gone(file, _key):
    file.unlink()


def a_folder(file, _key):
    file.unlink()
    file.mkdir()


BROKEN_KEYS = {
    foreign_key: CannotSignCode.KEY_MISMATCH,
    encrypted: CannotSignCode.KEY_ENCRYPTED,
    nonsense: CannotSignCode.KEY_UNREADABLE,
    odd_curve: CannotSignCode.KEY_UNSUPPORTED,
    short_rsa: CannotSignCode.KEY_UNSUPPORTED,
    dsa_key: CannotSignCode.KEY_UNSUPPORTED,
    gone: CannotSignCode.KEY_UNREADABLE,
    a_folder: CannotSignCode.KEY_UNREADABLE,
}


@pytest.mark.parametrize("damage", BROKEN_KEYS, ids=lambda damage: damage.__name__)
def test_a_key_that_cannot_sign_is_refused_with_words(configure, damage):
    key = KEYS["es256"]()
    _chain, file = configure(key=key)
    damage(file, key)
    found = refusal()
    assert found.code is BROKEN_KEYS[damage]
    assert "canary" not in str(found)
    assert "PRIVATE" not in str(found)


BROKEN_CERTIFICATES = {
    "expired": ({"not_after": NOW - timedelta(hours=1)}, CannotSignCode.CERTIFICATE_EXPIRED),
    "of tomorrow": (
        {"not_before": NOW + timedelta(days=1)},
        CannotSignCode.CERTIFICATE_NOT_YET_VALID,
    ),
    "a web server's": ({"purposes": (SERVER,)}, CannotSignCode.CERTIFICATE_UNFIT),
    "for any purpose": ({"purposes": ("2.5.29.37.0",)}, CannotSignCode.CERTIFICATE_UNFIT),
    "without purpose": ({"purposes": None}, CannotSignCode.CERTIFICATE_UNFIT),
    "not for signing": ({"signs": False}, CannotSignCode.CERTIFICATE_UNFIT),
    "an authority's": ({"ca": True}, CannotSignCode.CERTIFICATE_UNFIT),
}


@pytest.mark.parametrize("case", BROKEN_CERTIFICATES)
def test_an_unfit_certificate_is_refused_with_words(configure, case):
    options, code = BROKEN_CERTIFICATES[case]
    configure(**options)
    assert refusal().code is code


def test_a_self_signed_certificate_is_refused(configure):
    own = Authority("Myself")
    configure(key=own.key, chain=pem(own.certificate))
    found = refusal()
    assert found.code is CannotSignCode.CERTIFICATE_UNFIT
    assert "self-signed" in found.detail


def test_certificates_in_the_wrong_order_are_refused(configure, intermediate, root):
    key = KEYS["es256"]()
    signer = intermediate.issue(key)
    configure(key=key, chain=pem(signer, root.certificate, intermediate.certificate))
    assert "one chain" in refusal().detail


def test_a_chain_file_without_a_certificate_is_refused(configure):
    configure(chain=b"canary, no certificate")
    found = refusal()
    assert found.code is CannotSignCode.CERTIFICATE_UNREADABLE
    assert "canary" not in str(found)


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("C2PA_KEY", CannotSignCode.KEY_MISSING),
        ("C2PA_CERTIFICATES", CannotSignCode.CERTIFICATE_MISSING),
    ],
)
def test_half_a_configuration_is_refused_and_signs_nothing(configure, settings, var, missing, code):
    configure()
    setattr(settings, missing, None)
    assert refusal().code is code
    assert not (var / "content_credentials").exists(), "no fall-back to another signer"


def test_a_good_key_passes_the_checks(configure):
    configure()
    assert check_credentials(None) == []
    assert current_identity().origin is Origin.OPERATOR


def test_without_a_key_the_checks_say_nothing():
    assert check_credentials(None) == []


def test_a_key_open_to_everybody_is_warned_about(configure):
    _chain, key = configure()
    key.chmod(0o644)
    assert [message.id for message in check_credentials(None)] == ["omnilens.W022"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o644


def test_a_certificate_that_ends_soon_is_warned_about(configure):
    configure(not_after=NOW + timedelta(days=20))
    (message,) = check_credentials(None)
    assert message.id == "omnilens.W021"
    assert f"{NOW + timedelta(days=20):%Y-%m-%d}" in message.msg


def test_printing_the_identity_shows_no_key(configure):
    configure()
    identity = current_identity()
    assert "PRIVATE KEY" in identity.private_key
    assert "PRIVATE KEY" not in repr(identity)
