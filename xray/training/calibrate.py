"""Choose temperature, bias and operating points, on the calibration films alone.

Films from elsewhere are harder than those of the same hospital, and a temperature fitted on the
easy ones makes a network too sure of itself. So it is fitted on the films as they are together
with changed copies of them (after Tomani et al. 2021, arXiv 2012.10988). The bias is there because
training saw changed films only, and films as they are lie lower. The operating points come from
the films as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch

from xray.pipeline.calibration import Calibration
from xray.training.augment import augment
from xray.training.figures import Flags, Numbers

COPIES = 4
SCREENING_SENSITIVITY = 0.95
RULE_IN_VALUE = 0.80
LEAST, MOST = 0.05, 20.0
RIDGE = 1e-3
DRAWS = 200


def changed_copies(films: torch.Tensor, *, seed: int, copies: int = COPIES) -> list[torch.Tensor]:
    """`copies` times all of (n, px, px) films, each as on another day."""
    random = torch.Generator().manual_seed(seed)
    return [augment(films.clone(), random=random) for _ in range(copies)]


def fit_scaling(logits: Numbers, sick: Flags) -> tuple[float, float]:
    """Temperature and bias with the least negative log likelihood: logistic regression by Newton.

    A breath of ridge towards (1, 0) keeps films that no threshold confuses from a slope without
    end; the temperature stays between LEAST and MOST.
    """
    x = np.stack([logits, np.ones_like(logits)], axis=1)
    centre = np.array([1.0, 0.0])
    weights = centre.copy()
    for _ in range(50):
        probability = 1 / (1 + np.exp(-np.clip(x @ weights, -500, 500)))
        gradient = x.T @ (probability - sick) + RIDGE * (weights - centre)
        spread = probability * (1 - probability)
        hessian = (x * spread[:, None]).T @ x + RIDGE * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        weights = weights - step
        if float(np.abs(step).max()) < 1e-9:
            break
    slope = min(max(float(weights[0]), 1 / MOST), 1 / LEAST)
    return 1 / slope, float(weights[1])


def temperature_bounds(
    logits: Numbers, sick: Flags, groups: Sequence[str], *, seed: int
) -> tuple[float, float]:
    """95 % of the temperature when patients are drawn again and again."""
    names = sorted(set(groups))
    places = {name: np.flatnonzero(np.array(groups) == name) for name in names}
    random = np.random.default_rng(seed)
    fitted = []
    for _ in range(DRAWS):
        drawn = random.choice(len(names), len(names))
        index = np.concatenate([places[names[place]] for place in drawn])
        fitted.append(fit_scaling(logits[index], sick[index])[0])
    low, high = np.percentile(fitted, (2.5, 97.5))
    return float(low), float(high)


def operating_points(probability: Numbers, sick: Flags) -> dict[str, float]:
    """By the rules of `xray.pipeline.calibration.POINTS`; fixed before any film was scored.

    Screening wants a sensitivity of 0.95 on films not seen here, so the point leaves a margin of
    one standard error of that share: the highest threshold that still calls
    0.95 + sqrt(0.95 * 0.05 / n) of the n sick calibration films. Rule-in wants a positive
    predictive value of 0.80 at even prevalence: the lowest threshold that reaches it.
    """
    thresholds = np.unique(probability)
    called = probability[None, :] >= thresholds[:, None]
    sensitivity = called[:, sick].mean(axis=1)
    specificity = (~called[:, ~sick]).mean(axis=1)
    wanted = SCREENING_SENSITIVITY + math.sqrt(
        SCREENING_SENSITIVITY * (1 - SCREENING_SENSITIVITY) / int(sick.sum())
    )
    screening = thresholds[sensitivity >= min(wanted, 1.0)].max()
    balanced = thresholds[np.argmax(sensitivity + specificity)]
    # At even prevalence: the share of sick films in a pack says nothing of a clinic's.
    value = sensitivity / np.maximum(sensitivity + 1 - specificity, 1e-9)
    ruling = thresholds[value >= RULE_IN_VALUE]
    points = {"screening": screening, "balanced": balanced}
    if ruling.size:
        points["rule_in"] = ruling.min()
    return {name: _inside(float(point)) for name, point in points.items()}


def calibrate(
    *,
    plain: Numbers,
    fitted_on: Numbers,
    sick: Flags,
    fitted_sick: Flags,
    fitted_groups: Sequence[str],
    seed: int = 0,
) -> Calibration:
    """From logits: `plain` of the films as they are, `fitted_on` of these and their copies."""
    temperature, bias = fit_scaling(fitted_on, fitted_sick)
    low, high = temperature_bounds(fitted_on, fitted_sick, fitted_groups, seed=seed)
    probability = 1 / (1 + np.exp(-(plain / temperature + bias)))
    return Calibration(temperature, low, high, operating_points(probability, sick), bias)


def _inside(point: float) -> float:
    """Strictly between 0 and 1, rounded down so that its own film is still called."""
    return min(max(math.floor(point * 1e4) / 1e4, 1e-4), 1 - 1e-4)
