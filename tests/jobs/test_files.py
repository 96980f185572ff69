"""Files of an attempt."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.files.storage import default_storage

from project.jobs.files import AttemptFiles, StorageFailed
from tests.factories import JobFactory


@pytest.fixture
def files():
    return AttemptFiles(JobFactory.build(attempt=2))


def test_a_file_lies_under_its_job_and_attempt(files):
    key = files.save("out.png", b"abc")
    assert key.split("/")[0] == "jobs"
    assert key.split("/")[2:] == ["2", "out.png"]
    with default_storage.open(key) as stored:
        assert stored.read() == b"abc"


@pytest.mark.parametrize("name", ["", "../x", "/etc/passwd", "a/b", "A.png", ".hidden", "x" * 81])
def test_a_name_that_is_not_plain_is_refused(files, name):
    with pytest.raises(ValueError, match="plain file name"):
        files.save(name, b"")


FAILURES = [
    OSError("no space left on device"),
    EndpointConnectionError(endpoint_url="https://s3.example.org"),
    ClientError({"Error": {"Code": "SlowDown"}}, "PutObject"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=["disk", "s3-away", "s3-refuses"])
def test_a_storage_that_fails_ends_the_run_with_a_code(files, monkeypatch, failure):
    def fail(name, content):
        raise failure

    monkeypatch.setattr(files._storage, "save", fail)
    with pytest.raises(StorageFailed) as caught:
        files.save("out.png", b"")
    assert caught.value.code == "storage"


@pytest.mark.parametrize("failure", FAILURES, ids=["disk", "s3-away", "s3-refuses"])
def test_a_file_that_cannot_be_removed_is_left_to_the_sweep(files, monkeypatch, failure, caplog):
    key = files.save("out.png", b"")

    def fail(name):
        raise failure

    monkeypatch.setattr(files._storage, "delete", fail)
    files.discard()
    assert f"{key} is left to the sweep" in caplog.text


def test_discarding_removes_what_this_attempt_saved_and_nothing_else(files):
    other = AttemptFiles(JobFactory.build(attempt=1)).save("out.png", b"")
    mine = files.save("out.png", b"")
    files.discard()
    assert not default_storage.exists(mine)
    assert default_storage.exists(other)
