"""Running one job from claim to end."""

from __future__ import annotations

import logging
import time
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.module_loading import import_string

from project.inference.device_failure import is_device_failure
from project.inference.device_lease import Rank
from project.inference.errors import Cancelled, Draining, InferenceError, LeaseLost
from project.inference.run import Run
from project.jobs import finish, kinds, rates
from project.jobs.claim import claim_job
from project.jobs.codes import DEVICE_FAILED, INTERNAL_ERROR, OWNER_DEACTIVATED, UNKNOWN_KIND
from project.jobs.drain import Drain, worker_drain
from project.jobs.files import AttemptFiles, StorageFailed
from project.jobs.health import Health, worker_health
from project.jobs.heartbeat import Heartbeat
from project.jobs.models import Job
from project.jobs.previews import JobPreviews
from project.jobs.progress import Checkpoint

if TYPE_CHECKING:
    from project.inference.device_lease import DeviceLease
    from project.inference.micro_batcher import MicroBatcher
    from project.inference.model_host import ModelHost

logger = logging.getLogger(__name__)


class Runtime(Protocol):
    """What the runs of one process share (`project.inference.runtime.Runtime` is one)."""

    @property
    def host(self) -> ModelHost: ...

    @property
    def lease(self) -> DeviceLease: ...

    @property
    def batcher(self) -> MicroBatcher: ...


def run_next(
    *,
    worker: str,
    hint: UUID | None = None,
    runtime: Runtime | None = None,
    drain: Drain = worker_drain,
    health: Health = worker_health,
) -> Job | None:
    """Claim the fairest job and run it to its end; None when there was nothing to claim.

    `runtime` holds the models and the device (default: `settings.JOB_RUNTIME`). Returns the
    row as it is afterwards, or as it was claimed when its owner deleted it meanwhile; a run
    that lost its lease leaves the row alone.
    """
    if drain.has_begun:
        return None
    job = claim_job(worker=worker, hint=hint)
    if job is None:
        return None
    files = AttemptFiles(job)
    try:
        ended = _run(job, files, runtime, drain, health)
    except LeaseLost:
        logger.warning("job %s: attempt %d lost its lease", job.pk, job.attempt)
        row = Job.objects.filter(pk=job.pk).first()
        if not _is_success_of(row, job):
            files.discard()
        return row or job
    if ended.state != Job.State.SUCCEEDED:
        files.discard()
    return ended


def _is_success_of(row: Job | None, run: Job) -> bool:
    """Whether the run did end well: a commit may happen though its answer gets lost, and then
    the files are the result."""
    if row is None or row.state != Job.State.SUCCEEDED:
        return False
    return row.attempt == run.attempt


def _run(
    job: Job, files: AttemptFiles, runtime: Runtime | None, drain: Drain, health: Health
) -> Job:
    try:
        kind = kinds.get(job.kind)
    except kinds.UnknownKind:
        return finish.fail(job=job, code=UNKNOWN_KIND, detail=job.kind)
    if not job.owner.is_active:
        return finish.cancel(job=job, code=OWNER_DEACTIVATED)
    try:
        return _handle(job, kind, files, runtime, drain)
    except LeaseLost:
        raise
    except Cancelled as error:
        return finish.cancel(job=job, code=error.detail or error.code)
    except Draining:
        return finish.give_back(job=job)
    except InferenceError as error:
        if is_device_failure(error):
            return _break_down(job, error, health)
        logger.warning("job %s: %s: %s", job.pk, error.code, error.detail)
        return _fail(job, kind, error.code, error.detail)
    except (OperationalError, InterfaceError):
        # The database restarted, or was locked for too long: not the fault of the job.
        logger.exception("job %s lost the database", job.pk)
        detail = traceback.format_exc()
        return finish.fail(job=job, code=StorageFailed.code, detail=detail, retryable=True)
    except Exception as error:
        if is_device_failure(error):
            return _break_down(job, error, health)
        logger.exception("job %s failed", job.pk)
        return _fail(job, kind, INTERNAL_ERROR, traceback.format_exc())


def _handle(
    job: Job, kind: kinds.Kind, files: AttemptFiles, runtime: Runtime | None, drain: Drain
) -> Job:
    """Run the handler and commit its outcome; every error leaves by exception."""
    handler = kind.load_handler()
    shared: Runtime = runtime or import_string(settings.JOB_RUNTIME)()
    began = time.monotonic()
    earlier = job.device_seconds

    def charged() -> float:
        # A kind that never takes the device is charged for its thread: fair share needs a cost.
        return earlier + (run.device_seconds or time.monotonic() - began)

    with (
        Heartbeat(job) as heartbeat,
        TemporaryDirectory(prefix="omnilens-job-") as scratch,
        JobPreviews(job) as previews,
    ):
        checkpoint = Checkpoint(
            job=job,
            lost=heartbeat.lost,
            drain=drain,
            eta=rates.countdown(job),
            device_seconds=charged,
        )
        run = Run(
            host=shared.host,
            lease=shared.lease,
            batcher=shared.batcher,
            checkpoint=checkpoint,
            rank=Rank(lane=job.lane, user=str(job.owner_id), job=str(job.pk)),
            scratch_dir=Path(scratch),
            previews=previews,
        )
        outcome = handler(job=job, context=run, files=files)
        seconds = time.monotonic() - began
        ended = finish.succeed(job=job, outcome=outcome, device_seconds=charged())
    if ended.state == Job.State.SUCCEEDED:
        bucket = outcome.rate_bucket or rates.bucket_of(job.kind, job.params)
        rates.learn(kind=job.kind, bucket=bucket, seconds=seconds, units=ended.total_units)
    return ended


def _break_down(job: Job, error: Exception, health: Health) -> Job:
    """The device failed. The first run that hears of it is the suspect and spends its attempt,
    whatever its kind retries; to the others it only happened."""
    logger.error("job %s: the device failed", job.pk, exc_info=error)
    if health.break_down(f"{type(error).__name__}: {error}"):
        detail = "".join(traceback.format_exception(error))
        return finish.fail(job=job, code=DEVICE_FAILED, detail=detail, retryable=True)
    return finish.give_back(job=job)


def _fail(job: Job, kind: kinds.Kind, code: str, detail: str) -> Job:
    return finish.fail(job=job, code=code, detail=detail, retryable=code in kind.retryable)
