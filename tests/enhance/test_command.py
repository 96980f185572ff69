"""`manage.py enhance`: files in, marked files out, honest exit codes, no database."""

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from project.errors import ServiceError
from project.images.marking import read_marking
from project.inference import runtime as shared
from tests.enhance.pictures import as_file, opened, pixels


@pytest.fixture(autouse=True)
def tiny_runtime(monkeypatch, runtime):
    runtime.device = "cpu"
    monkeypatch.setattr(shared, "_runtime", runtime)


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.png").write_bytes(as_file(pixels(12, 10)))
    (folder / "b.jpg").write_bytes(as_file(pixels(9, 7), "JPEG"))
    (folder / "notes.txt").write_text("no picture")
    return folder


def enhance(*arguments, **options):
    call_command("enhance", *map(str, arguments), **options)


def exit_code(*arguments):
    with pytest.raises(CommandError) as caught:
        enhance(*arguments)
    return caught.value.returncode, str(caught.value)


def test_one_file_is_enlarged_and_marked(photos, tmp_path):
    target = tmp_path / "out.png"
    enhance(photos / "a.png", "-o", target, "--scale", "3", "--quality", "fast")
    assert opened(target.read_bytes()).size == (36, 30)
    assert read_marking(target.read_bytes()).source_type.endswith(
        "compositeWithTrainedAlgorithmicMedia"
    )


def test_every_option_reaches_the_result(photos, tmp_path):
    target = tmp_path / "out.jpg"
    enhance(
        photos / "a.png",
        "-o",
        target,
        "--format",
        "jpg",
        "--jpeg-quality",
        "10",
        "--tile-size",
        "64",
    )
    small = target.stat().st_size
    enhance(photos / "a.png", "-o", target, "--format", "jpg", "--jpeg-quality", "100")
    assert small < target.stat().st_size
    assert target.read_bytes().startswith(b"\xff\xd8")


def test_a_model_can_be_named_and_metadata_left_out(photos, tmp_path, monkeypatch):
    from enhance import local
    from tests.images import samples

    plans = []
    monkeypatch.setattr(
        local,
        "make_plan",
        lambda make=local.make_plan, **given: plans.append(make(**given)) or plans[-1],
    )
    (photos / "c.jpg").write_bytes(samples.with_exif())
    target = tmp_path / "out.tif"
    model = ("--model", "realesrgan-x4plus-anime", "--format", "tiff", "--scale", "2")
    kept = []
    for more in ((), ("--keep-gps",), ("--strip-metadata",)):
        enhance(photos / "c.jpg", "-o", target, *model, *more)
        content = target.read_bytes()
        kept.append((b"CanaryCamera" in content, b"CanaryPlace" in content))
    assert kept == [(True, False), (True, True), (False, False)]
    assert {plan.network for plan in plans} == {"realesrgan-x4plus-anime"}
    assert content.startswith(b"II*")


def test_transparency_can_be_dropped(photos, tmp_path):
    picture = np.dstack([pixels(12, 10), np.full((10, 12), 80, np.uint8)])
    (photos / "t.png").write_bytes(as_file(picture))
    modes = []
    for more in ((), ("--drop-alpha",)):
        enhance(photos / "t.png", "-o", tmp_path / "out.png", "--quality", "fast", *more)
        modes.append(opened((tmp_path / "out.png").read_bytes()).mode)
    assert modes == ["RGBA", "RGB"]


@pytest.mark.parametrize(
    ("device", "asked", "quality"),
    [
        ("cpu", (), "fast"),
        ("cuda:0", (), "high"),
        ("cpu", ("--quality", "high"), "high"),
        ("cuda:0", ("--quality", "fast"), "fast"),
    ],
)
def test_the_default_quality_is_that_of_the_api(
    photos, tmp_path, monkeypatch, runtime, device, asked, quality
):
    used = []

    def note(run, source, options, **more):
        used.append(options.quality_level)
        raise ServiceError("enough")

    runtime.device = device
    monkeypatch.setattr("enhance.local.enlarge_file", note)
    assert exit_code(photos / "a.png", "-o", tmp_path / "out.png", *asked)[0] == 1
    assert used == [quality]


@pytest.mark.parametrize("pattern", ["in", "in/*"])
def test_a_folder_and_a_pattern_are_enlarged_whole(photos, tmp_path, pattern):
    enhance(tmp_path / pattern, "-o", tmp_path / "out", "--scale", "2", "--quality", "fast")
    assert {path.name: opened(path.read_bytes()).size for path in (tmp_path / "out").iterdir()} == {
        "a-x2.png": (24, 20), "b-x2.jpg": (18, 14),
    }  # fmt: skip


def test_one_bad_file_ends_with_1_and_the_others_are_done(photos, tmp_path, capfd):
    (photos / "a.png").write_bytes(b"broken")
    code, text = exit_code(photos, "-o", tmp_path / "out", "--quality", "fast")
    assert (code, text) == (1, "1 of 2 failed")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b-x4.jpg"]
    assert "unsupported_format" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("missing.png",), "names no picture"),
        (("in/a.png", "--scale", "17"), "scale"),
        (("in/a.png", "--quality", "best"), "quality_level"),
        (("in/a.png", "--scale", "2", "--megapixels", "1"), "scale"),
        (("in/a.png", "--tile-size", "2000"), "tile_size"),
    ],
)
def test_wrong_usage_ends_with_2_and_writes_nothing(photos, tmp_path, arguments, message):
    code, text = exit_code(tmp_path / arguments[0], *arguments[1:], "-o", tmp_path / "out.png")
    assert code == 2
    assert message in text
    assert not (tmp_path / "out.png").exists()


def test_a_missing_output_folder_is_wrong_usage(photos, tmp_path):
    assert exit_code(photos / "a.png", "-o", tmp_path / "none" / "out.png")[0] == 2


def test_a_name_that_lies_about_the_format_is_refused(photos, tmp_path, capfd):
    target = tmp_path / "out.jpg"
    assert exit_code(photos / "a.png", "-o", target, "--quality", "fast")[0] == 1
    assert not target.exists()
    assert "PNG" in capfd.readouterr().err
