"""Studies as operators see them: how work went, never who was examined or what was found."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from xray.admin.read_only import ReadOnlyAdmin
from xray.models import Report, Study


@admin.register(Study)
class StudyAdmin(ReadOnlyAdmin):
    """Ids, states, times."""

    list_display = ("id", "job_state", "status", "refusal_code", "mode", "version", "created_at")
    list_filter = ("status", "mode")
    list_select_related = ("job", "model_version")
    fields = (
        "id", "job_state", "status", "refusal_code", "correction", "mode", "language", "version",
        "source_format", "warnings", "timings", "created_at",
    )  # fmt: skip
    search_fields = ("=id",)
    ordering = ("-id",)

    @admin.display(description=_("job"), ordering="job__state")
    def job_state(self, row: Study) -> str:
        """State of the job."""
        return row.job.get_state_display()

    @admin.display(description=_("model version"))
    def version(self, row: Study) -> str:
        """Which classifier scores it."""
        return str(row.model_version or "")


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """Which versions exist; their text is for the owner of the study alone."""

    list_display = ("id", "study_id", "number", "mode", "language", "state", "created_at")
    list_filter = ("mode", "state", "language")
    fields = ("id", "study_id", "number", "mode", "language", "state", "digest", "created_at")
    search_fields = ("=study__id",)
    ordering = ("-id",)
