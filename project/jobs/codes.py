"""Error and stage codes in words. Kinds bring their own; these belong to the platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from project.jobs import kinds
from project.jobs.models import Job

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

INTERNAL_ERROR = "internal_error"
DEVICE_FAILED = "device_failed"
DEVICE_STUCK = "device_stuck"
OWNER_DEACTIVATED = "owner_deactivated"
UNKNOWN_KIND = kinds.UnknownKind.code

ERRORS: Mapping[str, _StrPromise] = {
    "cancelled": gettext_lazy("The job was cancelled."),
    "deadline_exceeded": gettext_lazy("The job took longer than allowed and was stopped."),
    INTERNAL_ERROR: gettext_lazy("Something went wrong on our side. The operators can see why."),
    DEVICE_FAILED: gettext_lazy("The device failed while the job ran."),
    DEVICE_STUCK: gettext_lazy("A step of the job did not end; the worker was restarted."),
    "device_unavailable": gettext_lazy("No device is available for this job at the moment."),
    "invalid_input": gettext_lazy("The stored picture could not be processed."),
    "invalid_output": gettext_lazy("The network gave no usable picture."),
    "lease_lost": gettext_lazy("Another worker took the job over."),
    "draining": gettext_lazy("The worker is restarting; the job waits for the next one."),
    "model_in_use": gettext_lazy("The model is in use; try again later."),
    "model_unavailable": gettext_lazy("The model for this job is not available at the moment."),
    "operator_failed": gettext_lazy("An operator stopped the job."),
    "out_of_memory": gettext_lazy("The picture is too large for the memory of the device."),
    OWNER_DEACTIVATED: gettext_lazy("The account of the owner is not active."),
    "queue_full": gettext_lazy("Too much work is waiting for this model; try again later."),
    "storage": gettext_lazy("The result could not be stored."),
    "superseded": gettext_lazy("A newer frame of the same camera took its place."),
    "some_failed": gettext_lazy("Some jobs of the batch failed."),
    "too_large_for_device": gettext_lazy("The job needs more memory than the device has."),
    UNKNOWN_KIND: gettext_lazy("This kind of job is no longer offered here."),
    "worker_lost": gettext_lazy("The worker stopped several times while it ran this job."),
}
STAGES: Mapping[str, _StrPromise] = {
    "loading_model": gettext_lazy("Loading the model"),
    "waiting": gettext_lazy("Waiting for the device"),
}
REASONS: Mapping[str, _StrPromise] = {
    "waiting_higher_priority": gettext_lazy("More urgent work came first."),
}


def describe_error(job: Job) -> str:
    """The reason of a job's end in the reader's language; empty when it has none."""
    if not job.error_code:
        return ""
    own: Mapping[str, _StrPromise | str] = {}
    if job.kind in {kind.key for kind in kinds.all_kinds()}:
        own = kinds.get(job.kind).errors
    text = own.get(job.error_code) or ERRORS.get(job.error_code)
    if text is None:
        return _("The job failed (%(code)s).") % {"code": job.error_code}
    return str(text)


def describe_stage(job: Job) -> str:
    """The stage of a running job in the reader's language; empty before the first one."""
    if not job.stage:
        return ""
    own: Mapping[str, _StrPromise | str] = {}
    if job.kind in {kind.key for kind in kinds.all_kinds()}:
        own = kinds.get(job.kind).stages
    return str(own.get(job.stage) or STAGES.get(job.stage) or job.stage)
