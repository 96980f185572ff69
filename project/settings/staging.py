"""Production's rules with short HSTS, for rehearsals."""

from project.settings.production import *  # noqa: F403

PROFILE = "staging"
SECURE_HSTS_SECONDS = 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
