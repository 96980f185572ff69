"""Without an operator's key an authority of this installation signs, made once and private."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from project.images.credentials import CannotSign, CannotSignCode, State, read_credentials, sign
from project.images.credentials.development_authority import development_identity, folder_of
from project.images.credentials.issuing import (
    AUTHORITY_LIFETIME,
    AUTHORITY_NAME,
    RENEW_BEFORE,
    SIGNER_LIFETIME,
)
from tests.images.credentials.pictures import EDITED, marked

NOW = datetime.now(UTC)
ROOT = Path(__file__).resolve().parents[3]


def bytes_of(var: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder_of(var).iterdir())}


def test_its_name_says_that_it_is_not_trusted():
    content = sign(marked("PNG"), format="PNG", source_type=EDITED)
    found = read_credentials(content, "PNG")
    assert found.state is State.UNTRUSTED
    assert "not trusted" in found.signer
    assert AUTHORITY_NAME in found.signer


def test_software_with_default_settings_calls_its_signature_intact():
    """Not ours alone: what a reader says that never heard of our settings."""
    import c2pa

    content = sign(marked("PNG"), format="PNG", source_type=EDITED)
    with c2pa.Reader("image/png", io.BytesIO(content)) as reader:
        assert reader.get_validation_state() == "Valid"
        failures = reader.get_validation_results()["activeManifest"]["failure"]
    assert [failure["code"] for failure in failures] == ["signingCredential.untrusted"]


def test_it_is_made_once(var):
    first = development_identity(now=NOW)
    before = bytes_of(var)
    assert development_identity(now=NOW) == first
    assert bytes_of(var) == before


def test_its_files_are_private_even_with_an_open_umask(var):
    previous = os.umask(0)
    try:
        development_identity(now=NOW)
    finally:
        os.umask(previous)
    folder = folder_of(var)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in [folder, *folder.iterdir()]}
    assert modes == {
        "content_credentials": 0o700,
        "authority.pem": 0o600,
        "signer.pem": 0o600,
        ".lock": 0o600,
    }


def test_files_that_a_backup_opened_are_closed_again(var):
    development_identity(now=NOW)
    (folder_of(var) / "signer.pem").chmod(0o644)
    development_identity(now=NOW)
    assert stat.S_IMODE((folder_of(var) / "signer.pem").stat().st_mode) == 0o600


PROCESS = """
import sys, pathlib, time
from datetime import UTC, datetime
from project.images.credentials.development_authority import development_identity
while time.time() < float(sys.argv[2]):
    pass
print(hash(development_identity(now=datetime.now(UTC), var=pathlib.Path(sys.argv[1])).chain))
"""


def test_processes_that_start_at_once_make_one_authority(var):

    start = str(time.time() + 2)
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(var), start],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    answers = {process.communicate(timeout=60)[0] for process in running}
    assert [process.returncode for process in running] == [0] * 4
    assert len(answers) == 1
    assert set(bytes_of(var)) == {"authority.pem", "signer.pem", ".lock"}


def test_threads_that_start_at_once_make_one_authority():
    found, barrier = [], threading.Barrier(8)

    def sign_one():
        barrier.wait()
        found.append(development_identity(now=NOW).chain)

    threads = [threading.Thread(target=sign_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_the_signer_is_renewed_long_before_it_expires(var):
    first = development_identity(now=NOW)
    assert first.not_after - NOW > timedelta(days=365)
    authority = (folder_of(var) / "authority.pem").read_bytes()
    day_before = first.not_after - RENEW_BEFORE - timedelta(days=1)
    assert development_identity(now=day_before) == first
    renewed = development_identity(now=day_before + timedelta(days=2))
    assert renewed.not_after > first.not_after
    assert renewed.chain != first.chain
    assert (folder_of(var) / "authority.pem").read_bytes() == authority


def test_pictures_of_before_the_renewal_stay_intact():
    before = sign(
        marked("PNG"), format="PNG", source_type=EDITED, identity=development_identity(now=NOW)
    )
    development_identity(now=NOW + SIGNER_LIFETIME)
    found = read_credentials(before, "PNG")
    assert (found.state, found.problems) == (State.UNTRUSTED, ())


def test_an_authority_that_ends_is_replaced_and_no_signer_outlives_its_own(var):
    development_identity(now=NOW)
    old = (folder_of(var) / "authority.pem").read_bytes()
    later = NOW + AUTHORITY_LIFETIME - timedelta(days=400)
    renewed = development_identity(now=later)
    assert (folder_of(var) / "authority.pem").read_bytes() != old
    assert renewed.not_after > later + RENEW_BEFORE


@pytest.mark.parametrize("name", ["signer.pem", "authority.pem"])
def test_a_damaged_file_is_refused_and_not_replaced(var, name):
    first = development_identity(now=NOW)
    file = folder_of(var) / name
    file.write_bytes(b"canary")
    with pytest.raises(CannotSign, match="is damaged") as refused:
        development_identity(now=first.not_after)
    assert refused.value.code is CannotSignCode.AUTHORITY_DAMAGED
    assert file.read_bytes() == b"canary"


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(CannotSign, match=str(blocked)) as refused:
        development_identity(now=NOW, var=blocked)
    assert refused.value.code is CannotSignCode.AUTHORITY_UNWRITABLE
