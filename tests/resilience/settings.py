"""The settings of a worker process under test: those of the run, without torch and daphne."""

from project.settings.test import *  # noqa: F403
from project.settings.test import INSTALLED_APPS

INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "daphne"]
JOB_RUNTIME = "tests.jobs.runtime.small_runtime"
