"""The job kinds of the tests, as an app of the test settings."""

from django.apps import AppConfig


class JobTestsConfig(AppConfig):
    """Registers `test.*` kinds in every process of a test run, workers included."""

    name = "tests.jobs"
    label = "jobs_tests"

    def ready(self) -> None:
        """Register the kinds."""
        from tests.jobs import kinds

        kinds.register_all()
