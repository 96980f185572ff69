"""The settings of a web process under test: those of the run, and one more address."""

from project.settings.test import *  # noqa: F403

ROOT_URLCONF = "tests.resilience.web_urls"
