"""Figures against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from xray.training.figures import Scored, auc, ece, figures_at, intervals, reliability

PROBABILITY = np.array([0.1, 0.4, 0.35, 0.8])
SICK = np.array([False, False, True, True])


def test_the_area_counts_pairs_in_the_right_order_and_ties_by_half():
    # Pairs (sick, well): .35>.1 yes, .35>.4 no, .8>.1 yes, .8>.4 yes: 3 of 4.
    assert auc(PROBABILITY, SICK) == pytest.approx(0.75)
    assert auc(np.array([0.5, 0.5, 0.5, 0.9]), SICK) == pytest.approx((0.5 + 0.5 + 1 + 1) / 4)
    assert auc(-PROBABILITY, SICK) == pytest.approx(0.25)


def test_the_area_is_that_of_all_pairs_for_any_scores():
    random = np.random.default_rng(2)
    for _ in range(20):
        scores = random.integers(0, 6, 40).astype(float)
        sick = random.random(40) < 0.4
        pairs = [
            1.0 if one > other else 0.5 if one == other else 0.0
            for one in scores[sick]
            for other in scores[~sick]
        ]
        assert auc(scores, sick) == pytest.approx(np.mean(pairs))


def test_one_class_alone_has_no_area():
    with pytest.raises(ValueError, match="both classes"):
        auc(PROBABILITY, np.array([True] * 4))


def test_the_figures_at_a_threshold():
    found = figures_at(Scored(PROBABILITY, SICK, list("abcd")), 0.4)
    assert found == pytest.approx(
        {
            "auc": 0.75,
            "accuracy": 0.5,  # well .1 right, well .4 called, sick .35 missed, sick .8 called
            "sensitivity": 0.5,
            "specificity": 0.5,
            "ece": (0.1 + 0.4 + 0.65 + 0.2) / 4,  # fifteen bins for four films: one each
            "brier": (0.01 + 0.16 + 0.4225 + 0.04) / 4,
        }
    )


def test_the_calibration_error_of_two_bins():
    # Bins of equal counts: (.1, .35) half sick, mean .225; (.4, .8) half sick, mean .6.
    assert ece(PROBABILITY, SICK, bins=2) == pytest.approx((0.275 + 0.1) / 2)
    told = reliability(PROBABILITY, SICK, bins=2)
    assert [(part["probability"], part["share"], part["count"]) for part in told] == [
        (0.225, 0.5, 2), (0.6, 0.5, 2),
    ]  # fmt: skip


def test_an_honest_probability_has_no_error_in_the_long_run():
    random = np.random.default_rng(0)
    probability = random.random(20_000)
    assert ece(probability, random.random(20_000) < probability) < 0.02


def test_the_interval_is_repeatable_and_wider_for_fewer_patients():
    random = np.random.default_rng(1)
    sick = random.random(400) < 0.5
    probability = np.clip(0.3 + 0.4 * sick + random.normal(0, 0.25, 400), 0, 1)

    def width(groups):
        scored = Scored(probability, sick, groups)
        found = intervals(scored, lambda drawn: figures_at(drawn, 0.5), draws=200)
        assert found == intervals(scored, lambda drawn: figures_at(drawn, 0.5), draws=200)
        low, high = found["accuracy"]
        assert low <= figures_at(scored, 0.5)["accuracy"] <= high
        return high - low

    each = [str(number) for number in range(400)]
    order = np.argsort((probability >= 0.5) == sick, kind="stable")  # whole families in error
    families = np.empty(400, dtype=int)
    families[order] = np.arange(400) // 20
    assert width([str(family) for family in families]) > width(each)
