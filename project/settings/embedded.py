"""The default on one machine: SQLite, the Redis of the wheel on a socket, local files."""

from project.settings.base import *  # noqa: F403
from project.settings.base import (
    REDIS_PREFIX,
    REDIS_URL,
    SECRET_KEY,
    VAR_DIR,
)
from project.settings.stores import broker_url, cache_config, channel_config
from project.supervisor.paths import redis_socket_path
from project.supervisor.secret_key import ensure_secret_key

SECRET_KEY = SECRET_KEY or ensure_secret_key(VAR_DIR)
EMBEDDED_REDIS = not REDIS_URL
if EMBEDDED_REDIS:
    REDIS_URL = f"unix://{redis_socket_path(VAR_DIR)}"
    CACHES = cache_config(REDIS_URL, REDIS_PREFIX)
    CHANNEL_LAYERS = channel_config(REDIS_URL, REDIS_PREFIX)
    CELERY_BROKER_URL = broker_url(REDIS_URL)
