"""Each test has its own data directory, and no operator's key unless it makes one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.images.credentials.authority import KEYS, Authority, key_pem, pem


@pytest.fixture(autouse=True)
def var(settings, tmp_path: Path) -> Path:
    """The data directory."""
    settings.VAR_DIR = tmp_path / "var"
    settings.C2PA_CERTIFICATES = None
    settings.C2PA_KEY = None
    return settings.VAR_DIR


@pytest.fixture(scope="session")
def root() -> Authority:
    """The authority that everybody would know."""
    return Authority("Example Root")


@pytest.fixture(scope="session")
def intermediate(root) -> Authority:
    """The authority that issues."""
    return Authority("Example Issuing", root)


@pytest.fixture
def configure(settings, tmp_path, root, intermediate):
    """Give the operator a key and a chain; returns the paths of both files."""

    def configure(algorithm="es256", *, chain=None, key=None, **certificate):
        signer_key = key or KEYS[algorithm]()
        signer = intermediate.issue(signer_key, **certificate)
        chain_file, key_file = tmp_path / "chain.pem", tmp_path / "key.pem"
        chain_file.write_bytes(
            chain if chain is not None else pem(signer, intermediate.certificate, root.certificate)
        )
        key_file.write_bytes(key_pem(signer_key))
        key_file.chmod(0o600)
        settings.C2PA_CERTIFICATES, settings.C2PA_KEY = chain_file, key_file
        return chain_file, key_file

    return configure
