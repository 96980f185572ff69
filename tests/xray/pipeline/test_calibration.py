"""Probabilities, intervals and points as they are kept and read again."""

from __future__ import annotations

import math

import pytest

from xray.pipeline.calibration import Calibration, NotCalibrated, sigmoid

KEPT = {
    "temperature": 2.0, "temperature_low": 1.5, "temperature_high": 2.5,
    "points": {"screening": 0.3, "balanced": 0.5}, "bias": 0.0,
}  # fmt: skip


def test_a_probability_is_the_logit_divided_by_the_temperature():
    calibration = Calibration.of_json(KEPT)
    assert calibration.probability(2.0) == pytest.approx(1 / (1 + math.exp(-1)))
    assert calibration.probability(0.0) == 0.5


def test_a_bias_moves_every_probability():
    moved = Calibration.of_json({**KEPT, "bias": 0.5})
    assert moved.probability(2.0) == pytest.approx(sigmoid(1.5))
    assert moved.interval(2.0) == pytest.approx(
        (sigmoid(2.0 / 2.5 + 0.5), sigmoid(2.0 / 1.5 + 0.5))
    )
    without = {name: value for name, value in KEPT.items() if name != "bias"}
    assert Calibration.of_json(without).bias == 0.0


@pytest.mark.parametrize("logit", [-3.0, 3.0])
def test_the_interval_holds_the_probability_on_both_sides_of_a_half(logit):
    calibration = Calibration.of_json(KEPT)
    low, high = calibration.interval(logit)
    assert low < calibration.probability(logit) < high


def test_what_was_kept_comes_back():
    assert Calibration.of_json(KEPT).as_json() == KEPT


def test_an_operating_point_that_was_never_chosen_is_no_default():
    with pytest.raises(NotCalibrated, match="rule_in"):
        Calibration.of_json(KEPT).point("rule_in")


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.0}, {"temperature": "hot"}, {"temperature_low": -1},
        {"points": {"screening": 1.0}}, {"points": {"screening": 0.0}}, {"points": None},
    ],
)  # fmt: skip
def test_a_calibration_that_cannot_be_true_is_refused(change):
    with pytest.raises(NotCalibrated):
        Calibration.of_json({**KEPT, **change})


def test_an_empty_calibration_is_refused():
    with pytest.raises(NotCalibrated):
        Calibration.of_json({})


def test_the_sigmoid_does_not_overflow():
    assert sigmoid(-1000.0) == 0.0
    assert sigmoid(1000.0) == 1.0
    assert sigmoid(0.7) + sigmoid(-0.7) == pytest.approx(1.0)
