"""Sizes and rate follow the work done, or the time that is gone."""

from __future__ import annotations

import pytest

from xray.training.schedule import WARM_UP, Plan, learning_rate

PLAN = Plan((96, 160, 224), (15, 8, 3), 100)
WORK = [96**2 * 1500, 160**2 * 800, 224**2 * 300]


def test_a_size_lasts_exactly_its_epochs():
    taken, done = [0, 0, 0], 0.0
    while (progress := PLAN.progress(done=done, elapsed_s=0)) < 1:
        stage = PLAN.stage(progress)
        taken[stage] += 1
        done += PLAN.cost(stage)
    assert taken == [1500, 800, 300]
    assert PLAN.work == sum(WORK)


def test_a_budget_that_runs_out_ends_training_and_reaches_every_size():
    plan = Plan((96, 160, 224), (15, 8, 3), 100, budget_s=1000)
    assert plan.progress(done=0, elapsed_s=500) == 0.5
    assert plan.progress(done=PLAN.work, elapsed_s=10) == 1.0
    assert plan.progress(done=0, elapsed_s=5000) == 1.0
    stages = [plan.stage(plan.progress(done=0, elapsed_s=second)) for second in range(1000)]
    assert stages == sorted(stages)
    assert set(stages) == {0, 1, 2}


def test_the_rate_rises_then_falls_to_nearly_nothing():
    peak = 1e-3
    rates = [learning_rate(step / 1000, peak=peak) for step in range(1001)]
    top = rates.index(max(rates))
    assert rates[0] == pytest.approx(peak / 25)
    assert top == pytest.approx(1000 * WARM_UP, abs=1)
    assert rates[top] == pytest.approx(peak)
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] == pytest.approx(peak / 1e4)
    assert learning_rate(WARM_UP + (1 - WARM_UP) / 2, peak=peak) == pytest.approx(
        peak / 2, rel=0.01
    )


@pytest.mark.parametrize(
    ("sizes", "epochs", "steps"),
    [((), (), 1), ((96,), (1, 2), 1), ((8,), (1,), 1), ((96,), (0,), 1), ((96,), (1,), 0)],
)
def test_a_plan_that_cannot_be_run_is_refused(sizes, epochs, steps):
    with pytest.raises(ValueError, match=r"epochs|at least"):
        Plan(sizes, epochs, steps)
