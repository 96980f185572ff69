"""Choose temperature and operating points, on the calibration films alone.

Films from elsewhere are harder than those of the same hospital, and a temperature fitted on the
easy ones makes a network too sure of itself. So it is fitted on the films as they are together
with changed copies of them (after Tomani et al. 2021, arXiv 2012.10988); the operating points
come from the films as they are.
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
DRAWS = 200


def changed_copies(films: torch.Tensor, *, seed: int, copies: int = COPIES) -> list[torch.Tensor]:
    """`copies` times all of (n, px, px) films, each as on another day."""
    random = torch.Generator().manual_seed(seed)
    return [augment(films.clone(), random=random) for _ in range(copies)]


def fit_temperature(logits: Numbers, sick: Flags) -> float:
    """The temperature with the least negative log likelihood, by golden section on its log."""

    def loss(log_t: float) -> float:
        scaled = logits / math.exp(log_t)
        return float(np.mean(np.logaddexp(0, scaled) - scaled * sick))

    low, high = math.log(LEAST), math.log(MOST)
    golden = (math.sqrt(5) - 1) / 2
    a, b = high - golden * (high - low), low + golden * (high - low)
    loss_a, loss_b = loss(a), loss(b)
    for _ in range(60):
        if loss_a < loss_b:
            high, b, loss_b = b, a, loss_a
            a = high - golden * (high - low)
            loss_a = loss(a)
        else:
            low, a, loss_a = a, b, loss_b
            b = low + golden * (high - low)
            loss_b = loss(b)
    return math.exp((low + high) / 2)


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
        fitted.append(fit_temperature(logits[index], sick[index]))
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
    temperature = fit_temperature(fitted_on, fitted_sick)
    low, high = temperature_bounds(fitted_on, fitted_sick, fitted_groups, seed=seed)
    probability = 1 / (1 + np.exp(-plain / temperature))
    return Calibration(temperature, low, high, operating_points(probability, sick))


def _inside(point: float) -> float:
    """Strictly between 0 and 1, rounded down so that its own film is still called."""
    return min(max(math.floor(point * 1e4) / 1e4, 1e-4), 1 - 1e-4)
