"""Fixtures shared with the job tests."""

from tests.jobs.conftest import pushed, submit  # noqa: F401  (fixtures are used by name)
