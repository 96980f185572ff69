"""Sessions: the row is the truth, Redis is the cache in front of it."""

from django.contrib.sessions.backends.cached_db import SessionStore as SessionStore
