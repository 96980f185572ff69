"""The embedded default with Django's debug pages."""

from project.settings.embedded import *  # noqa: F403

PROFILE = "development"
DEBUG = True
