"""Fixtures of the enhance tests: tiny networks, runs without a job, whole jobs."""

import pytest

from enhance.handling import Handling
from enhance.services.submit import submit_enhancement
from project.images.credentials import CannotSign, CannotSignCode
from project.inference.run import LocalRun
from project.jobs.run import run_next
from tests.enhance.faces.given import Finds
from tests.enhance.pictures import upload
from tests.enhance.tiny import TinyRuntime


@pytest.fixture(autouse=True)
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
def stored_files(private_files):
    """The keys of all stored files."""

    def keys():
        return sorted(
            str(path.relative_to(private_files))
            for path in private_files.rglob("*")
            if path.is_file()
        )

    return keys


@pytest.fixture(autouse=True)
def face_detector(monkeypatch):
    """A detector that finds what a test puts into its `faces`: by default nothing."""
    from enhance.pipeline.faces import detect

    detector = Finds()
    for name in detect.DETECTORS:
        monkeypatch.setitem(detect.DETECTORS, name, lambda model, check: detector)
    return detector


@pytest.fixture(autouse=True)
def face_networks(monkeypatch):
    """The names of the face networks that are installed: out of the box the detector alone."""
    installed = {"mtcnn"}
    monkeypatch.setattr(
        "enhance.services.face_support.installed_face_networks", lambda: frozenset(installed)
    )
    return installed


@pytest.fixture
def restorer(face_networks):
    """An operator has installed GFPGAN."""
    face_networks.add("gfpgan-1.4")


@pytest.fixture
def runtime():
    """Models and device of a worker process."""
    return TinyRuntime()


@pytest.fixture
def local_run(runtime):
    """A run without a job that remembers its steps."""
    steps = []

    def checkpoint(stage, done, total, partial=None):
        steps.append((stage, done, total, partial))

    with LocalRun(host=runtime.host, lease=runtime.lease, checkpoint=checkpoint) as run:
        run.steps = steps
        yield run


@pytest.fixture
def submit(user):
    """Submit one photo and return its enlargement; an earlier result is no answer unless asked."""

    def submit_one(photo=None, *, owner=None, key=None, cache=False, **options):
        return submit_enhancement(
            owner=owner or user,
            upload=photo or upload(),
            options=options,
            idempotency_key=key,
            handling=Handling(use_cache=cache),
        ).enhancement

    return submit_one


@pytest.fixture
def run_job(runtime):
    """Run the next queued job to its end and return its row."""

    def run(shared=None):
        return run_next(worker="test-worker", runtime=shared or runtime)

    return run


@pytest.fixture
def unsigned(monkeypatch):
    """A worker without a signing key: what it writes depends on pixels and options alone."""

    def no_key():
        raise CannotSign(CannotSignCode.KEY_MISSING, "no key in this test")

    monkeypatch.setattr("enhance.output.current_identity", no_key)
