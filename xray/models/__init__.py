"""The rows of this room; one module for each thing."""

from xray.models.audit import AuditEvent, AuditKey
from xray.models.llm import LlmBackend
from xray.models.prediction import Heatmap, Prediction
from xray.models.report import Report, ReportReview
from xray.models.study import Study
from xray.models.version import ModelVersion

__all__ = [
    "AuditEvent",
    "AuditKey",
    "Heatmap",
    "LlmBackend",
    "ModelVersion",
    "Prediction",
    "Report",
    "ReportReview",
    "Study",
]
