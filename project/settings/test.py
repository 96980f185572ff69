"""The embedded default for pytest: throw-away stores, fast hashes, no throttles.

Each test run has its own folder and each xdist worker its own Redis (tests/conftest.py);
child processes inherit the folder. `OMNILENS_DATABASE_URL` points the same suite at PostgreSQL.
"""

import os
import tempfile
from pathlib import Path

_base = os.environ.setdefault("_OMNILENS_TEST_ROOT", tempfile.mkdtemp(prefix="omni-"))
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
_root = Path(_base) / _worker
_root.mkdir(parents=True, exist_ok=True, mode=0o700)
os.environ["OMNILENS_DOTENV"] = ""  # a developer's .env may name real stores
os.environ["OMNILENS_VAR"] = str(_root)
os.environ["OMNILENS_REDIS_PREFIX"] = f"omnilens-test-{_worker}"
os.environ.setdefault("OMNILENS_SECRET_KEY", "test-only-key-of-sufficient-length-000000000000")

from project.settings.embedded import *  # noqa: E402, F403
from project.settings.embedded import DATABASES, INSTALLED_APPS, REST_FRAMEWORK, STORAGES  # noqa: E402

PROFILE = "test"
TEST_ROOT = Path(_base)
PRELOAD = []
INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs"]  # the job kinds of the tests
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["TEST"] = {"NAME": _root / "test.sqlite3"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_THROTTLE_RATES": dict.fromkeys(REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]),
}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
XRAY_OFFER_SHIPPED = False
