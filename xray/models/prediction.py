"""What the classifier said about one film, and where it looked."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from project.images.models import ImageRecord
from xray.choices import Band, PointName
from xray.labels import Region, Side


class Prediction(models.Model):
    """One label of one study under one model version. Probabilities are calibrated."""

    study = models.ForeignKey(
        "xray.Study", models.CASCADE, verbose_name=_("study"), related_name="predictions"
    )
    model_version = models.ForeignKey(
        "xray.ModelVersion", models.PROTECT, verbose_name=_("model version"), related_name="+"
    )
    label = models.CharField(_("label"), max_length=40)
    logit = models.FloatField(_("logit"))
    probability = models.FloatField(_("probability"), help_text=_("Calibrated, 0 to 1."))
    interval_low = models.FloatField(_("interval, low"))
    interval_high = models.FloatField(
        _("interval, high"), help_text=_("95 % by bootstrap of the calibration.")
    )
    operating_point = models.FloatField(_("operating point"))
    point_name = models.CharField(_("rule of the point"), max_length=12, choices=PointName.choices)
    band = models.CharField(_("band"), max_length=12, choices=Band.choices)
    is_research = models.BooleanField(
        _("research output"), default=False, help_text=_("Never in the impression.")
    )

    class Meta:
        verbose_name = _("prediction")
        verbose_name_plural = _("predictions")
        ordering = ("study", "label")
        constraints = [
            models.UniqueConstraint(
                fields=("study", "model_version", "label"), name="xray_prediction_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.probability:.3f}"


class Heatmap(models.Model):
    """Grad-CAM of one prediction: an aid to understanding, not a claim of place."""

    prediction = models.OneToOneField(
        Prediction, models.CASCADE, verbose_name=_("prediction"), related_name="heatmap"
    )
    map = models.ForeignKey(
        ImageRecord,
        models.SET_NULL,
        null=True,
        verbose_name=_("map"),
        related_name="+",
        help_text=_("Grey PNG of the film's size: 0 nothing, 255 the hottest."),
    )
    region = models.CharField(
        _("region"), max_length=20, choices=[(region, region) for region in Region]
    )
    side = models.CharField(_("side"), max_length=12, choices=[(side, side) for side in Side])
    inside_share = models.FloatField(
        _("share inside"), help_text=_("Of the mass, within the lung fields.")
    )

    class Meta:
        verbose_name = _("heat map")
        verbose_name_plural = _("heat maps")

    def __str__(self) -> str:
        return f"{self.prediction_id} {self.region}"
