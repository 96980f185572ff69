"""A whole stack under test: without torch, and with the address that queues a test job."""

from tests.resilience.settings import *  # noqa: F403

ROOT_URLCONF = "tests.resilience.web_urls"
