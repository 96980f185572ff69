"""The job kind of these tests."""

from django.utils.functional import lazy
from django.utils.translation import get_language
from rest_framework import serializers

from project.jobs.kinds import Kind


class NoParams(serializers.Serializer):
    """Nothing to say."""


ECHO = Kind(
    key="test.echo",
    label="Echo",
    params_serializer=NoParams,
    handler="tests.realtime.kinds:never_run",
    stages={"echo": "Echoing"},
    unit="word",
    errors={"echo_failed": lazy(lambda: f"The echo was lost ({get_language()}).", str)()},
    result_url=lambda job: f"/echo/{job.pk}/",
)
