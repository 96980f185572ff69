"""Production's rules with short HSTS for this name alone, for rehearsals."""

from project.settings.production import *  # noqa: F403

PROFILE = "staging"
SECURE_HSTS_SECONDS = 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # W005: subdomains, as said above
