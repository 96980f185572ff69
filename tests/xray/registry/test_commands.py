"""From a file of somebody else to a version that may serve, by the commands alone."""

from __future__ import annotations

import json
from io import StringIO

import pytest
import torch
from django.core.management import call_command
from django.core.management.base import CommandError

from project.images import storage
from tests.xray.pipeline.networks import seeded_network
from tests.xray.registry.versions import stored_version
from tests.xray.training.pack import write_pack
from xray.models import AuditEvent, ModelVersion
from xray.pipeline.checkpoint import load_classifier
from xray.privacy import keys_in_use
from xray.services.import_version import file_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]


def run(*arguments, **options):
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("theirs") / "best_model.pth"
    torch.save({"state_dict": seeded_network(2).state_dict()}, path)
    return path


@pytest.fixture
def imported(checkpoint):
    run("xray_import_checkpoint", str(checkpoint), "--px", "64", "--version", "theirs")
    return ModelVersion.objects.get(version="theirs")


def test_an_import_is_a_draft_without_any_figure(imported):
    assert (imported.status, imported.metrics, imported.calibration) == ("draft", {}, {})
    assert (imported.px, imported.is_shipped, imported.architecture) == (64, False, "resnet50")
    assert AuditEvent.objects.get().after == imported.sha256
    assert keys_in_use([imported.file]) == {imported.file}, "no sweep may take it"
    with file_of(imported) as path:
        assert load_classifier(path)[1].classes == ("NORMAL", "PNEUMONIA")


def test_the_next_commands_are_told_with_the_name(checkpoint):
    told = run("xray_import_checkpoint", str(checkpoint), "--px", "64")
    assert "xray_calibrate --version best_model" in told
    assert "xray_eval --version best_model" in told


def test_the_same_weights_and_the_same_name_are_refused_and_leave_no_file(
    imported, checkpoint, tmp_path, private_files
):
    files = sorted(private_files.rglob("*.safetensors"))
    with pytest.raises(CommandError, match="here already"):
        run("xray_import_checkpoint", str(checkpoint), "--px", "64", "--version", "again")
    other = tmp_path / "other.pth"
    torch.save(seeded_network(3).state_dict(), other)
    with pytest.raises(CommandError, match="called theirs already"):
        run("xray_import_checkpoint", str(other), "--version", "theirs")
    assert sorted(private_files.rglob("*.safetensors")) == files


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--px", "8"), "--px"),
        (("--mean", "0.5,0.5"), "one number, or three"),
        (("--std", "0"), "--std above 0"),
        (("--classes", "NORMAL,COVID"), "--classes"),
    ],
)
def test_a_wrong_argument_is_refused(checkpoint, arguments, says):
    with pytest.raises(CommandError, match=says):
        run("xray_import_checkpoint", str(checkpoint), *arguments)
    assert not ModelVersion.objects.exists()


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CommandError, match="not there"):
        run("xray_import_checkpoint", str(tmp_path / "gone.pth"))


def test_a_draft_is_calibrated_and_evaluated_in_its_row(imported, tmp_path):
    data = str(write_pack(tmp_path / "films", patients=60))
    with pytest.raises(CommandError, match="xray_calibrate first"):
        run("xray_eval", "--version", "theirs", "--data", data)
    run("xray_calibrate", "--version", "theirs", "--data", data)
    imported.refresh_from_db()
    assert imported.calibration["points"]["screening"] > 0
    told = json.loads(
        run("xray_eval", "--version", "theirs", "--data", data, "--formats", "--save", "--json")
    )
    imported.refresh_from_db()
    assert imported.metrics == {"holdout": told}
    assert told["split"] == "holdout"
    assert told["formats"]["float32"]["verified"]
    run("xray_calibrate", "--version", "theirs", "--data", data)
    imported.refresh_from_db()
    assert imported.metrics == {}, "figures of another calibration are worth nothing"


def test_figures_on_films_that_taught_are_not_kept(imported, tmp_path):
    data = str(write_pack(tmp_path / "films", patients=60))
    for part in ("train", "calibration", "all"):
        with pytest.raises(CommandError, match="taught nothing"):
            run("xray_eval", "--version", "theirs", "--data", data, "--split", part, "--save")
    with pytest.raises(CommandError, match="--save needs --version"):
        run("xray_eval", "--data", data, "--save")


@pytest.mark.parametrize("command", ["xray_calibrate", "xray_eval"])
def test_a_version_that_serves_or_served_does_not_change(command, tmp_path):
    data = str(write_pack(tmp_path / "films", patients=60))
    more = ["--save"] if command == "xray_eval" else []
    stored_version("old", status="retired")
    with pytest.raises(CommandError, match="only a draft changes"):
        run(command, "--version", "old", "--data", data, *more)


def test_an_unknown_version_is_named_with_those_there_are(imported, tmp_path):
    data = str(write_pack(tmp_path / "films", patients=60))
    with pytest.raises(CommandError, match="theirs"):
        run("xray_eval", "--version", "other", "--data", data)


def test_info_counts_the_network_itself(imported):
    told = json.loads(run("xray_info", "--model_name", "resnet50", "--version", "theirs", "--json"))
    # ResNet-50 of He et al. 2015: 25.6 million with 1,000 outputs, so 23.5 with two.
    assert told["parameters"] == 25_557_032 - 998 * (2048 + 1)
    assert told["layers"]["with_weights"] == 50 + 4, "fifty, and the four ways around"
    assert (told["classes"], told["input"]["px"]) == (["NORMAL", "PNEUMONIA"], 64)
    assert told["sha256"] == imported.sha256
    assert told["missed_goals"] == ["a calibration"]
    assert imported.sha256 in run("xray_info", "--version", "theirs")


def test_info_of_a_server_without_a_classifier_says_what_to_do():
    with pytest.raises(CommandError, match="activate one in the admin"):
        run("xray_info")


def test_info_of_a_version_whose_file_is_gone_says_so(imported):
    storage.delete(imported.file)
    with pytest.raises(CommandError, match="import it again"):
        run("xray_info", "--version", "theirs")
