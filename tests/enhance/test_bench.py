"""The benches keep their promises: a missed goal is told, and a loaded host is."""

import importlib
import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest

from tests.bench.enhance import pictures, turns
from tests.bench.enhance.__main__ import PARTS
from tests.bench.enhance.report import Report


@pytest.mark.parametrize("part", PARTS)
def test_every_part_can_be_started(part):
    assert callable(importlib.import_module(f"tests.bench.enhance.{part}").main)


def test_a_missed_goal_is_told_and_every_row_is_on_disk(tmp_path):
    report = Report("trial", file=tmp_path / "rows.json")
    report.at_least("gain", 2.0, 2.0, "times")
    report.at_most("difference", 2, 1, "of 255")
    report.add("only a figure", 7.0)
    assert report.missed == ["difference"]
    written = json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))
    assert [row["met"] for row in written["rows"]] == [True, False, None]


@pytest.mark.parametrize(
    ("others", "judged", "label"),
    [
        ([0.0] * 4, [0, 1, 2], "3 quiet rounds of 3"),
        ([0.0, 0.9, 0.0, 0.0], [0, 2, 3], "3 quiet rounds of 4"),
        ([0.9] * 6, [0, 1, 2], "3 rounds on a LOADED host"),
    ],
)
def test_rounds_of_a_loaded_host_do_not_count_or_are_labelled(monkeypatch, others, judged, label):
    shares = iter(itertools.chain.from_iterable((share, 0.0) for share in others))

    def timed(run):
        return turns.Turn(wall=1.0, cpu=1.0, others=next(shares)), run()

    monkeypatch.setattr(turns, "_timed", timed)
    result = turns.take_turns({"ours": lambda: "a", "upstream": lambda: "b"}, rounds=3)
    assert (result.judged, result.label) == (judged, label)
    assert result.sides["ours"].result == "a"


def test_the_faces_of_a_group_lie_where_their_landmarks_say():
    picture, landmarks = pictures.group(300, 200, 4)
    assert picture.shape == (200, 300, 3)
    assert landmarks.shape == (4, 5, 2)
    assert (landmarks >= 0).all()
    assert (landmarks < [300, 200]).all()


def test_differences_are_those_of_eight_bits():
    dark, light = np.zeros((2, 2), np.uint8), np.full((2, 2), 255, np.uint8)
    assert pictures.differences(dark, light) == (0.0, 255)
    assert pictures.differences(dark, dark) == (float("inf"), 0)


def test_our_job_of_a_bench_names_its_device(monkeypatch):
    from tests.bench.enhance import hardware

    monkeypatch.setattr(hardware, "processor_flags", lambda: {"avx512f", "avx512_bf16"})
    assert hardware.has_bfloat16()
    assert "avx512_bf16" in hardware.describe()
    monkeypatch.setattr(hardware, "processor_flags", set)
    assert SimpleNamespace(bf16=hardware.has_bfloat16()).bf16 is False
