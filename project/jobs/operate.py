"""What operators may do to other people's jobs; none of it opens a picture."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from project.errors import ServiceError
from project.jobs import finish, states
from project.jobs.cancel import cancel_job
from project.jobs.models import Job
from project.jobs.retry import retry_job

OPERATOR_FAILED = "operator_failed"


def requeue_job(*, job: Job) -> Job:
    """Let the job run again from its start.

    A running job is taken from its worker, which finds its lease gone; one that failed or was
    cancelled comes back as a new job of its owner; a waiting one waits already. Raises
    ServiceError not_retryable (409) for a job that succeeded, and what retry_job raises;
    LeaseLost when the job ended meanwhile.
    """
    if job.state == Job.State.RUNNING:
        return finish.give_back(job=job)
    if job.state == Job.State.SUCCEEDED:
        raise ServiceError(_("The job has succeeded."), code="not_retryable", status=409)
    return retry_job(job=job) if job.is_terminal else job


def fail_job(*, job: Job) -> Job:
    """End the job with the code operator_failed; a job that has ended stays as it is.

    A waiting job ends CANCELLED, because only a run can fail. Raises LeaseLost when the run
    ended meanwhile.
    """
    if job.state == Job.State.RUNNING:
        return finish.fail(job=job, code=OPERATOR_FAILED)
    return job if job.is_terminal else cancel_job(job=job, code=OPERATOR_FAILED)


def purge_jobs(*, jobs: QuerySet[Job]) -> int:
    """Delete those of `jobs` that have ended, with their history and results; how many.

    Pictures are records of their owner and go by their own retention.
    """
    ended = jobs.filter(state__in=states.TERMINAL)
    return ended.delete()[1].get(Job._meta.label, 0)
