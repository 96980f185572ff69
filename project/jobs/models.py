"""Jobs, their events, the workers that run them, orders to these, and what runs have cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from project.uuid7 import uuid7

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class JobQuerySet(models.QuerySet["Job"]):
    """Permission lives here: views, feed and commands reach jobs through `visible_to` only."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Jobs are their owner's alone, whatever role the reader holds."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user)


class Job(models.Model):
    """One unit of work for one owner.

            submit            claim (CAS)            finish (fenced)
    (none) --------> QUEUED ---------------> RUNNING ---------------> SUCCEEDED
                      |  ^                    |  | |
               cancel |  | requeue: lease     |  | +- error, no attempts left -> FAILED
                      |  | lost or retryable  |  |
                      v  +--------------------+  +--- checkpoint sees cancel --> CANCELLED
                  CANCELLED    (attempt is bumped at claim; not_before is the back-off)

    Terminal states never change. Every transition is one conditional UPDATE whose row count
    decides (states.py); only the holder of `lease_token` may write to a running job.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Lane(models.TextChoices):
        INTERACTIVE = "interactive", _("Interactive")
        STREAM = "stream", _("Stream")
        BATCH = "batch", _("Batch")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("owner"), related_name="jobs"
    )
    parent = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("parent"),
        related_name="children",
        help_text=_("Groups the jobs of one batch."),
    )
    retry_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("retry of"),
        related_name="retries",
    )
    kind = models.CharField(_("kind"), max_length=50, help_text=_("Key in kinds.py."))
    lane = models.CharField(
        _("lane"), max_length=12, choices=Lane.choices, default=Lane.INTERACTIVE
    )
    priority = models.SmallIntegerField(
        _("priority"), default=0, help_text=_("Higher runs earlier in its lane.")
    )
    params = models.JSONField(_("parameters"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    stage = models.CharField(
        _("stage"), max_length=40, blank=True, help_text=_("Translatable code.")
    )
    progress = models.FloatField(_("progress"), default=0.0)
    done_units = models.PositiveIntegerField(_("units done"), default=0)
    total_units = models.PositiveIntegerField(_("units in all"), default=0)
    seq = models.PositiveIntegerField(_("last event"), default=0)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("attempts allowed"), default=3)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    lease_token = models.UUIDField(_("lease"), null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    worker = models.CharField(_("worker"), max_length=100, blank=True)
    cancel_requested_at = models.DateTimeField(_("cancel requested"), null=True, blank=True)
    idempotency_key = models.CharField(_("idempotency key"), max_length=64, null=True, blank=True)
    request_fingerprint = models.CharField(_("request fingerprint"), max_length=64, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    device_seconds = models.FloatField(_("device seconds"), default=0.0)
    error_code = models.CharField(_("error code"), max_length=50, blank=True)
    error_detail = models.TextField(_("error detail"), blank=True, help_text=_("For operators."))
    model_versions = models.JSONField(_("model versions"), default=dict, blank=True)
    is_favourite = models.BooleanField(_("favourite"), default=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=("owner", "idempotency_key"), name="job_key_per_owner"),
            models.CheckConstraint(
                condition=~Q(state__in=("succeeded", "failed", "cancelled"))
                | Q(finished_at__isnull=False),
                name="job_terminal_is_finished",
            ),
            models.CheckConstraint(
                condition=~Q(state="running")
                | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="job_running_is_leased",
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="job_progress_is_a_share"
            ),
        ]
        indexes = [
            models.Index(
                fields=("state", "lease_until"),
                name="job_unfinished",
                condition=Q(state__in=("queued", "running")),
            ),
            models.Index(fields=("owner", "-created_at"), name="job_owner_newest"),
            models.Index(
                F("lane"),
                F("priority").desc(),
                F("created_at"),
                name="job_queue",
                condition=Q(state="queued"),
            ),
            models.Index(
                F("started_at").desc(),
                F("lane"),
                name="job_started",
                condition=Q(started_at__isnull=False),
            ),
            models.Index(
                fields=("finished_at", "owner", "device_seconds"),
                name="job_usage",
                condition=Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def is_terminal(self) -> bool:
        """Whether the state can still change."""
        return self.state in (self.State.SUCCEEDED, self.State.FAILED, self.State.CANCELLED)


class JobEvent(models.Model):
    """One stored step in the history of a job; `seq` has no gap and no repeat per job."""

    class Name(models.TextChoices):
        QUEUED = "queued", _("Queued")
        STARTED = "started", _("Started")
        PROGRESS = "progress", _("Progress")
        PARTIAL = "partial", _("Partial result")
        REQUEUED = "requeued", _("Queued again")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    job = models.ForeignKey(Job, models.CASCADE, verbose_name=_("job"), related_name="events")
    seq = models.PositiveIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=12, choices=Name.choices)
    data = models.JSONField(_("data"), default=dict)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("job event")
        verbose_name_plural = _("job events")
        ordering = ("job", "seq")
        constraints = [models.UniqueConstraint(fields=("job", "seq"), name="job_event_number")]
        indexes = [models.Index(fields=("at",), name="job_event_age")]

    def __str__(self) -> str:
        return f"{self.job_id} #{self.seq} {self.name}"


class Worker(models.Model):
    """The heartbeat of one worker process, for operators and for `/readyz`.

    `residents` lists {"name", "version", "dtype", "bytes", "pins", "last_used"} of every loaded
    model (`last_used` is ISO 8601, or None). `memory` holds "budget_bytes", "models_bytes",
    "device_total_bytes", "device_free_bytes" and "peak_bytes"; None where the device cannot say.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    device = models.CharField(_("device"), max_length=100, blank=True)
    residents = models.JSONField(_("models loaded"), default=list)
    memory = models.JSONField(_("memory"), default=dict)
    running = models.PositiveIntegerField(_("jobs running"), default=0)
    waiting = models.PositiveIntegerField(_("runs waiting for the device"), default=0)
    busy_share = models.FloatField(
        _("busy share"),
        default=0.0,
        help_text=_("Of the last minute, how much the device was held."),
    )
    step_seconds = models.FloatField(
        _("step seconds"), default=0.0, help_text=_("How long the current step has run.")
    )
    ready = models.BooleanField(_("ready"), default=False)
    live = models.BooleanField(
        _("live"), default=True, help_text=_("Whether the device moves, or rests.")
    )
    draining = models.BooleanField(_("draining"), default=False)
    trouble = models.TextField(
        _("trouble"), blank=True, help_text=_("What went wrong at its start, for operators.")
    )
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    last_seen = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name


class WorkerOrder(models.Model):
    """What an operator asked one worker to do; the worker takes each order once (orders.py).

    open -> taken (`taken_at`) -> settled (`done_at`, `outcome`); an order that no worker took or
    finished in time is settled as expired.
    """

    class Action(models.TextChoices):
        DRAIN = "drain", _("Drain")
        UNLOAD = "unload", _("Unload a model")
        WARM = "warm", _("Load and warm up a model")
        FREE_CACHE = "free_cache", _("Free the cache of the device")

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")

    worker = models.CharField(_("worker"), max_length=100)
    action = models.CharField(_("action"), max_length=12, choices=Action.choices)
    model = models.CharField(_("model"), max_length=100, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("requested by"),
        related_name="worker_orders",
    )
    created_at = models.DateTimeField(_("created"))
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, blank=True)
    detail = models.TextField(_("detail"), blank=True, help_text=_("For operators."))

    class Meta:
        verbose_name = _("order to a worker")
        verbose_name_plural = _("orders to workers")
        ordering = ("-created_at", "-id")
        constraints = [
            # Also the index by which a worker looks for its orders.
            models.UniqueConstraint(
                fields=("worker", "action", "model"),
                condition=Q(done_at__isnull=True),
                name="worker_order_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.model} {self.worker}"


class RunRate(models.Model):
    """Measured seconds per unit of one (kind, model, size bucket): the basis of the ETA."""

    kind = models.CharField(_("kind"), max_length=50)
    bucket = models.CharField(_("bucket"), max_length=80, help_text=_("Model and size."))
    samples = models.PositiveIntegerField(_("samples"), default=0)
    seconds_per_unit = models.FloatField(_("seconds per unit"), default=0.0)
    p95_factor = models.FloatField(_("p95 factor"), default=1.0)
    recent = models.JSONField(_("recent seconds per unit"), default=list)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("run rate")
        verbose_name_plural = _("run rates")
        constraints = [models.UniqueConstraint(fields=("kind", "bucket"), name="run_rate_bucket")]

    def __str__(self) -> str:
        return f"{self.kind} {self.bucket}"
