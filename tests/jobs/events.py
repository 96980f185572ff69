"""Reading the history of a job."""

from project.jobs.models import JobEvent


def names_of(job):
    """The names of its events in their order."""
    return list(JobEvent.objects.filter(job=job).order_by("seq").values_list("name", flat=True))
