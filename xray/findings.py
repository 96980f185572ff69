"""From scores to rows: calibrated probabilities, bands, the heat map's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xray.labels import PNEUMONIA
from xray.models import Heatmap, ModelVersion, Prediction
from xray.pipeline.calibration import Calibration, sigmoid
from xray.reports.facts import band_of

if TYPE_CHECKING:
    from xray.models import Study
    from xray.pipeline.classifier import Scores
    from xray.pipeline.heatmap import HeatMap

VIRAL = "viral_share"
EVEN = 0.5


def predictions_of(study: Study, version: ModelVersion, scores: Scores) -> list[Prediction]:
    """Pneumonia against its stored operating point, and the research output beside it.

    Raises NotCalibrated when the version's calibration cannot be read.
    """
    calibration = Calibration.of_json(version.calibration)
    probability = calibration.probability(scores.pneumonia)
    low, high = calibration.interval(scores.pneumonia)
    point = calibration.point(version.point_name)
    pneumonia = Prediction(
        study=study,
        model_version=version,
        label=PNEUMONIA.key,
        logit=scores.pneumonia,
        probability=probability,
        interval_low=low,
        interval_high=high,
        operating_point=point,
        point_name=version.point_name,
        band=band_of(probability, point),
    )
    if scores.virus is None:  # an imported classifier of two classes
        return [pneumonia]
    # Bacterial or viral was never calibrated: the bare share, for research alone.
    viral = sigmoid(scores.virus)
    research = Prediction(
        study=study,
        model_version=version,
        label=VIRAL,
        logit=scores.virus,
        probability=viral,
        interval_low=viral,
        interval_high=viral,
        operating_point=EVEN,
        point_name=version.point_name,
        band=band_of(viral, EVEN),
        is_research=True,
    )
    return [pneumonia, research]


def heatmap_row(prediction: Prediction, found: HeatMap) -> Heatmap:
    """The row without its picture, which gets its record in the finishing transaction."""
    return Heatmap(
        prediction=prediction,
        region=found.region,
        side=found.side,
        inside_share=found.inside_share,
    )
