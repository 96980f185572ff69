"""Temperature and operating points: by their rules, on the calibration films alone."""

from __future__ import annotations

import json
import math
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from tests.xray.pipeline.networks import SPEC, seeded_network
from tests.xray.training.pack import write_pack
from xray.pipeline.checkpoint import read_calibration, save_classifier
from xray.training.calibrate import (
    calibrate,
    fit_scaling,
    operating_points,
    temperature_bounds,
)
from xray.training.figures import ece
from xray.training.packs import open_pack
from xray.training.split import split_by_group


def films(count=4000, too_sure=2.5, seed=0):
    """Logits `too_sure` times as large as they may be, and what the films are."""
    random = np.random.default_rng(seed)
    true = random.normal(0.5, 2, count)
    sick = random.random(count) < 1 / (1 + np.exp(-true))
    return true * too_sure, sick


def test_the_temperature_undoes_what_made_the_network_too_sure():
    logits, sick = films()
    temperature, bias = fit_scaling(logits, sick)
    assert temperature == pytest.approx(2.5, rel=0.08)
    assert bias == pytest.approx(0, abs=0.1)


def test_the_bias_undoes_what_moved_every_film_the_same_way():
    logits, sick = films(too_sure=1.0)
    temperature, bias = fit_scaling(logits - 1.5, sick)
    assert temperature == pytest.approx(1, rel=0.08)
    assert bias == pytest.approx(1.5, abs=0.15)


def test_films_that_no_threshold_confuses_get_a_slope_with_an_end():
    temperature, bias = fit_scaling(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0, 0, 1, 1], bool))
    assert 0.05 <= temperature < 1
    assert math.isfinite(bias)


def test_probability_is_calibrated_within_the_limit():
    logits, sick = films()
    before = 1 / (1 + np.exp(-logits))
    temperature, bias = fit_scaling(logits, sick)
    after = 1 / (1 + np.exp(-(logits / temperature + bias)))
    assert ece(before, sick) > 0.05
    assert ece(after, sick) < 0.05


def test_the_bounds_hold_the_temperature_and_are_repeatable():
    logits, sick = films(600)
    groups = [str(number // 2) for number in range(600)]
    low, high = temperature_bounds(logits, sick, groups, seed=1)
    assert low < fit_scaling(logits, sick)[0] < high
    assert (low, high) == temperature_bounds(logits, sick, groups, seed=1)


def test_each_point_keeps_its_rule():
    logits, sick = films(2000, too_sure=1.0)
    probability = 1 / (1 + np.exp(-logits))
    points = operating_points(probability, sick)
    called = probability >= points["screening"]
    wanted = 0.95 + math.sqrt(0.95 * 0.05 / sick.sum())
    assert called[sick].mean() >= wanted
    higher = probability >= points["screening"] + 0.01
    assert higher[sick].mean() < wanted, "no higher threshold would do"
    ruled = probability >= points["rule_in"]
    assert sick[ruled].mean() >= 0.8

    def youden(threshold):
        called = probability >= threshold
        return called[sick].mean() + (~called[~sick]).mean()

    best = max(youden(threshold) for threshold in np.unique(probability))
    assert youden(points["balanced"]) == pytest.approx(best, abs=0.002)


def test_a_rule_in_point_that_no_threshold_reaches_is_not_made_up():
    probability, sick = np.array([0.9, 0.8, 0.7, 0.2]), np.array([False, False, True, False])
    assert "rule_in" not in operating_points(probability, sick)


def test_points_come_from_the_films_as_they_are_not_from_their_copies():
    logits, sick = films(500, too_sure=1.0)
    noisy = logits + np.random.default_rng(3).normal(0, 3, 500)
    found = calibrate(
        plain=logits,
        fitted_on=np.concatenate([logits, noisy]),
        sick=sick,
        fitted_sick=np.tile(sick, 2),
        fitted_groups=[str(number) for number in range(500)] * 2,
    )
    scaled = logits / found.temperature + found.bias
    expected = operating_points(1 / (1 + np.exp(-scaled)), sick)
    assert dict(found.points) == expected


def test_operating_point_comes_from_validation_only(tmp_path):
    """Other films, or other labels on them, change nothing that the command chooses."""
    folder = write_pack(tmp_path / "films", patients=60)
    model = tmp_path / "classifier.safetensors"
    save_classifier(seeded_network(), SPEC, model)
    call_command("xray_calibrate", data=folder, model=model, stdout=StringIO())
    before = read_calibration(model)
    split = split_by_group(open_pack(folder).rows, seed=0)
    others = {one.path for one in (*split.train, *split.holdout)}
    read = {one.path for one in split.calibration}
    assert others
    assert read
    for path in others:  # the same file name, another picture
        (folder / path).write_bytes((folder / sorted(read)[0]).read_bytes())
    call_command("xray_calibrate", data=folder, model=model, stdout=StringIO())
    assert read_calibration(model) == before
    for path in read:
        (folder / path).write_bytes((folder / sorted(read)[0]).read_bytes())
    out = StringIO()
    call_command("xray_calibrate", data=folder, model=model, stdout=out)
    assert json.loads(out.getvalue()) != before.as_json(), "those films are what it looks at"
