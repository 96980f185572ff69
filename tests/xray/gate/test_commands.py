"""`xray_gate` and `xray_train_gate` as an operator calls them."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from django.core.management import CommandError, call_command
from PIL import Image

from tests.xray.gate.pictures import frontal
from xray import gate_share
from xray.pipeline.gate import load_gate, save_gate
from xray.pipeline.gate_network import GateSpec, gate_network


@pytest.fixture
def lenient(tmp_path):
    """A gate that lets everything in: what is refused, is refused by the door or the checks."""
    torch.manual_seed(0)
    save_gate(gate_network(), GateSpec(64, 0.0), tmp_path / "lenient")
    return tmp_path / "lenient"


def a_film(seed, side=256):
    pixels = (frontal(np.random.default_rng(seed)) * 255).astype(np.uint8)
    return Image.fromarray(pixels).resize((side, side))


def told_of(*args, **given):
    out = io.StringIO()
    call_command("xray_gate", *args, json=True, stdout=out, **given)
    return json.loads(out.getvalue())


def test_a_folder_is_counted_by_reason_with_intervals(tmp_path, lenient):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(3):
        a_film(seed).save(folder / f"film{seed}.png")
    a_film(9, side=60).save(folder / "tiny.png")
    Image.effect_noise((200, 200), 90).save(folder / "noise.png")
    Image.new("RGB", (200, 200), "red").save(folder / "red.png")
    (folder / "letter.png").write_bytes(b"no picture at all")
    (folder / "notes.txt").write_text("not counted")
    told = told_of(data=folder, gate=lenient, list=True)
    assert told["n"] == 7
    assert told["refused"]["count"] == 4
    low, high = told["refused"]["ci95"]
    assert low < 4 / 7 < high
    stages = {one["name"]: one["stage"] for one in told["refused_pictures"]}
    assert stages == {
        "tiny.png": "cheap",
        "noise.png": "cheap",
        "red.png": "cheap",
        "letter.png": "door",
    }
    assert sum(reason["count"] for reason in told["by_reason"].values()) == 4


def test_a_pack_is_counted_by_its_table_and_parted_by_patient(tmp_path, lenient):
    folder = tmp_path / "pack"
    folder.mkdir()
    with (folder / "labels.csv").open("w") as file:
        table = csv.writer(file)
        table.writerow(["path", "finding_labels", "patient_id", "view"])
        for patient in range(12):
            a_film(patient).save(folder / f"{patient}.png")
            table.writerow([f"{patient}.png", "No Finding", f"p{patient}", "PA"])
    a_film(99).save(folder / "not_in_the_table.png")
    assert told_of(data=folder, gate=lenient)["n"] == 12
    parts = [told_of(data=folder, gate=lenient, part=part)["n"] for part in ("train", "heldout")]
    assert 0 < sum(parts) <= 12 and all(parts)


def test_what_cannot_be_measured_is_said(tmp_path, lenient):
    (tmp_path / "empty").mkdir()
    for given, message in (
        ({"data": tmp_path / "empty", "gate": lenient}, "holds no picture"),
        ({"data": tmp_path / "nowhere", "gate": lenient}, "neither a folder nor a tar"),
        ({"data": tmp_path / "empty", "gate": tmp_path / "missing"}, "cannot be read"),
        ({"data": tmp_path / "empty", "gate": lenient, "part": "heldout"}, "cannot be parted"),
    ):
        with pytest.raises(CommandError, match=message):
            told_of(**given)


def test_the_share_takes_the_path_of_an_upload(tmp_path, lenient):
    """A film that is refused by the cheap checks is never shown to the network."""
    asked = []

    class Watched(torch.nn.Module):
        def __init__(self, gate):
            super().__init__()
            self.gate, self.spec = gate, gate.spec

        def forward(self, inputs):
            asked.append(len(inputs))
            return self.gate(inputs)

    buffers = []
    for picture in (a_film(0), Image.new("L", (200, 200), 128)):
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        buffers.append(("name.png", buffer.getvalue()))
    let_in, blank = gate_share.judged(buffers, Watched(load_gate(lenient)))
    assert (let_in.code, blank.code, blank.stage) == ("", "low_quality", "cheap")
    assert asked == [1]


def a_pack(folder, *, patients):
    folder.mkdir()
    with (folder / "labels.csv").open("w") as file:
        table = csv.writer(file)
        table.writerow(["path", "finding_labels", "patient_id", "view"])
        for patient in range(patients):
            a_film(patient, side=140).save(folder / f"{patient}.png")
            table.writerow([f"{patient}.png", "No Finding", f"p{patient}", "PA"])
    return folder


def test_a_run_writes_the_file_and_the_figures_of_what_was_held_out(tmp_path, monkeypatch):
    from xray.training import gate_run, negatives

    monkeypatch.setattr(gate_run, "COUNTS", {"train": 120, "validation": 40, "heldout": 40})
    monkeypatch.setattr(negatives, "packaged_sources", list)
    added = tmp_path / "added"
    added.mkdir()
    random = np.random.default_rng(0)
    for name in "abcdef":
        Image.fromarray(random.integers(0, 256, (60, 60), dtype=np.uint8)).save(
            added / f"{name}.png"
        )
    pack, out = a_pack(tmp_path / "pack", patients=24), tmp_path / "out"
    given = {"data": [pack], "negatives": added, "seed": 1, "px": 32, "precision": "fp32"}
    call_command("xray_train_gate", out=out, steps=3, stdout=io.StringIO(), **given)
    told = json.loads((out / "gate.json").read_text())
    assert load_gate(out / "cxr-gate.safetensors").spec == GateSpec(32, told["threshold"])
    films = told["packs"]["pack"]["films"]
    assert sum(films.values()) == 24 and told["heldout"]["films"]["pack"]["of"] == films["heldout"]
    sources = [source for part in told["sources"].values() for source in part]
    assert sorted(sources) == [f"added/{name}.png" for name in "abcdef"]
    again = tmp_path / "again"
    call_command(
        "xray_train_gate", out=again, steps=3, measure=out / "cxr-gate.safetensors",
        stdout=io.StringIO(), **given,
    )  # fmt: skip
    measured = json.loads((again / "gate.json").read_text())
    assert measured["heldout"] == told["heldout"]
    assert not (again / "cxr-gate.safetensors").exists()


def test_training_without_films_says_so(tmp_path):
    with pytest.raises(CommandError, match="neither a folder nor a tar"):
        call_command("xray_train_gate", data=[Path(tmp_path / "none")], out=tmp_path / "out")
