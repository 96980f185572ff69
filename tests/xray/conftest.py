"""Fixtures of the X-ray tests."""

import pytest


@pytest.fixture
def private_files(settings, tmp_path):
    """Each test has a storage of its own, so that leftovers can be counted."""
    storages = dict(settings.STORAGES)
    storages["default"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "files"), "base_url": None},
    }
    settings.STORAGES = storages
    return tmp_path / "files"


@pytest.fixture
def version(db):
    """The classifier that serves."""
    from tests.xray.factories import make_version
    from tests.xray.tiny import CALIBRATION

    row = make_version(calibration=CALIBRATION)
    row.status = "active"
    row.save()
    return row


@pytest.fixture
def gate(monkeypatch):
    """What the gate says of the next films: put a code into `code`, a correction into `repair`."""
    from types import SimpleNamespace

    from xray.gatekeeping import Verdict

    says = SimpleNamespace(code="", repair="")

    def examine(context, film, *, colour_distance, view=""):
        return Verdict(code=says.code, repair=says.repair, network_version="tiny", score=0.98)

    monkeypatch.setattr("xray.handler.examine", examine)
    return says


@pytest.fixture
def runtime():
    """A worker process without networks."""
    from tests.xray.tiny import XrayRuntime

    return XrayRuntime()


@pytest.fixture
def run_job(runtime, gate, version, private_files):
    """Run the next queued job to its end and return its row."""
    from project.jobs.run import run_next

    return lambda: run_next(worker="test-worker", runtime=runtime)


@pytest.fixture
def film():
    """What a browser sends, see tests/xray/factories.py."""
    from tests.xray.factories import film_upload

    return film_upload
