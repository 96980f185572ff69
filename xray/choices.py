"""The states and choices of this room's rows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class StudyStatus(models.TextChoices):
    """received -> deidentified -> gated -> inferred -> reported, or one of the last three."""

    RECEIVED = "received", _("Received")
    DEIDENTIFIED = "deidentified", _("De-identified")
    GATED = "gated", _("Accepted as a chest X-ray")
    INFERRED = "inferred", _("Analysed")
    REPORTED = "reported", _("Reported")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Mode(models.TextChoices):
    """Which reports are wanted; the structured one is always made."""

    STRUCTURED = "structured", _("Structured report")
    LLM = "llm", _("Structured report and a text by the language model")


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


class Correction(models.TextChoices):
    """What the user asked for after a refusal; never done silently."""

    NONE = "", _("None")
    INVERT = "invert", _("Light and dark exchanged")
    ROTATE_90 = "rotate_90", _("Turned by 90 degrees clockwise")
    ROTATE_180 = "rotate_180", _("Turned by 180 degrees")
    ROTATE_270 = "rotate_270", _("Turned by 270 degrees clockwise")


class Band(models.TextChoices):
    """Where a probability lies against its operating point; borderline is within 0.05 of it."""

    BELOW = "below", _("Below the operating point")
    BORDERLINE = "borderline", _("Borderline")
    ABOVE = "above", _("Above the operating point")


class PointName(models.TextChoices):
    """How an operating point was chosen on the calibration films."""

    SCREENING = "screening", _("Screening: sensitivity at least 95 %")
    BALANCED = "balanced", _("Balanced: sensitivity plus specificity largest")
    RULE_IN = "rule_in", _("Rule-in: positive predictive value at least 80 %")


class ReportState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    VERIFIED = "verified", _("Verified")
    FINAL = "final", _("Final")
    SUPERSEDED = "superseded", _("Superseded")


class ReportMode(models.TextChoices):
    """How the text of one report came to be."""

    STRUCTURED = "structured", _("Structured")
    LLM = "llm", _("Language model, verified")
    LLM_REJECTED = "llm_rejected", _("Structured, after a language model's text was not accepted")


class ReviewAction(models.TextChoices):
    ACCEPT = "accept", _("Accepted")
    EDIT = "edit", _("Edited")
    REJECT = "reject", _("Rejected")


class VersionStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")


class LlmKind(models.TextChoices):
    OLLAMA = "ollama", "Ollama"
    OPENAI = "openai", _("OpenAI-compatible")
