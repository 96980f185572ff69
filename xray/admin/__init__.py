"""The admin of this room: one module for each thing."""

from xray.admin.audit import AuditEventAdmin
from xray.admin.llm import LlmBackendAdmin
from xray.admin.model_version import ModelVersionAdmin
from xray.admin.study import ReportAdmin, StudyAdmin

__all__ = [
    "AuditEventAdmin",
    "LlmBackendAdmin",
    "ModelVersionAdmin",
    "ReportAdmin",
    "StudyAdmin",
]
