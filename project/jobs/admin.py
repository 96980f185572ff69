"""Operators' view of jobs, history, workers and run rates: metadata, never a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from project.errors import ServiceError
from project.inference.errors import LeaseLost
from project.jobs import states
from project.jobs.cancel import cancel_job
from project.jobs.models import Job, JobEvent, RunRate, Worker, WorkerOrder
from project.jobs.operate import fail_job, purge_jobs, requeue_job

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class OperatorAdmin(_ModelAdmin):
    """Read-only for operators; rows change through services only."""

    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Operators."""
        return bool(getattr(request.user, "is_operator", False))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Operators."""
        return self.has_module_permission(request)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Operators; named by the actions."""
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: ended jobs are purged by an action."""
        return False


@admin.register(Job)
class JobAdmin(OperatorAdmin):
    """Everything about a job but its pictures. Whoever acts on a job is noted in the admin's log."""

    list_display = ("id", "kind", "owner", "lane", "state", "stage", "progress", "created_at")
    list_filter = ("state", "lane", "kind", "created_at")
    list_select_related = ("owner",)
    search_fields = ("=id", "owner__username", "error_code", "worker")
    raw_id_fields = ("owner", "parent", "retry_of")
    exclude = ("lease_token", "request_fingerprint")
    date_hierarchy = "created_at"
    actions = ("requeue", "fail", "cancel", "purge")

    @admin.action(description=_("Run again"), permissions=["operate"])
    def requeue(self, request: HttpRequest, jobs: QuerySet[Job]) -> TemplateResponse | None:
        """Running jobs go back to the queue; failed and cancelled ones get a new job."""
        return self._each(request, jobs, "requeue", lambda job: requeue_job(job=job))

    @admin.action(description=_("Mark as failed"), permissions=["operate"])
    def fail(self, request: HttpRequest, jobs: QuerySet[Job]) -> TemplateResponse | None:
        """End jobs that will not end by themselves."""
        return self._each(request, jobs, "fail", lambda job: fail_job(job=job))

    @admin.action(description=_("Cancel"), permissions=["operate"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[Job]) -> TemplateResponse | None:
        """Cancel as the owner would."""
        return self._each(request, jobs, "cancel", lambda job: cancel_job(job=job))

    @admin.action(description=_("Delete ended jobs with their results"), permissions=["operate"])
    def purge(self, request: HttpRequest, jobs: QuerySet[Job]) -> TemplateResponse | None:
        """Delete those of the jobs that have ended."""
        if not _confirmed(request):
            return self._ask(request, jobs, "purge")
        self.log_deletions(request, jobs.filter(state__in=states.TERMINAL))
        self._tell_done(request, purge_jobs(jobs=jobs))
        return None

    def _each(
        self,
        request: HttpRequest,
        jobs: QuerySet[Job],
        action: str,
        service: Callable[[Job], object],
    ) -> TemplateResponse | None:
        if not _confirmed(request):
            return self._ask(request, jobs, action)
        done = 0
        for job in jobs:
            try:
                service(job)
            except ServiceError as error:
                self.message_user(request, f"{job.pk}: {error.detail}", messages.ERROR)
            except LeaseLost:
                text = _("%(job)s changed meanwhile.") % {"job": job.pk}
                self.message_user(request, text, messages.WARNING)
            else:
                self.log_change(request, job, action)
                done += 1
        self._tell_done(request, done)
        return None

    def _ask(self, request: HttpRequest, jobs: QuerySet[Job], action: str) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Are you sure?"),
            "opts": self.model._meta,
            "jobs": jobs.select_related("owner"),
            "action": action,
            "description": dict(self.get_action_choices(request))[action],
            "checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/jobs/confirm_action.html", context)

    def _tell_done(self, request: HttpRequest, number: int) -> None:
        text = ngettext("%(number)s job done.", "%(number)s jobs done.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS)


@admin.register(JobEvent)
class JobEventAdmin(OperatorAdmin):
    """The history of jobs, without what a room told its owner: findings, or words of a draft."""

    list_display = ("job", "seq", "name", "at")
    exclude = ("data",)
    list_filter = ("name", "at")
    list_select_related = ("job",)
    search_fields = ("=job__id",)
    raw_id_fields = ("job",)


@admin.register(Worker)
class WorkerAdmin(OperatorAdmin):
    """Who runs jobs, and when they were heard of."""

    list_display = ("name", "device", "ready", "live", "draining", "running", "last_seen")
    list_filter = ("ready", "live")


@admin.register(WorkerOrder)
class WorkerOrderAdmin(OperatorAdmin):
    """What operators asked of workers, and how it ended."""

    list_display = ("worker", "action", "model", "outcome", "created_at", "done_at")
    list_filter = ("action", "outcome")
    raw_id_fields = ("requested_by",)


@admin.register(RunRate)
class RunRateAdmin(OperatorAdmin):
    """What the shown times are based on."""

    list_display = ("kind", "bucket", "seconds_per_unit", "samples", "updated_at")
    list_filter = ("kind",)


def _confirmed(request: HttpRequest) -> bool:
    return request.POST.get("confirmed") == "yes"
