"""The settings of every process of `make chaos`: those of the resilience tests, a place to submit
the small test kinds over HTTP, and an enlargement without a network."""

from tests.resilience.settings import *  # noqa: F403
from tests.resilience.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.resilience.chaos"]
ROOT_URLCONF = "tests.resilience.chaos.urls"
