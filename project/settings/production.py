"""PostgreSQL, Redis, S3 or local files, TLS in front. Refuses unsafe settings (checks.py)."""

from project.settings.base import *  # noqa: F403
from project.settings.base import STORAGES

PROFILE = "production"
EMBEDDED_REDIS = False
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^health/ready/?$"]
# Compressing takes a minute: worth it once per release, not before the first page on a laptop.
STORAGES["staticfiles"]["BACKEND"] = "project.web.static_files.ReleasedStaticFilesStorage"
# Preloading binds a whole domain for years: its owner's choice, not a deployment's.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
