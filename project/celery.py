"""The Celery application: JSON only, no result backend, the row decides."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), "project.jobs.broker:Transport")

app = Celery("omnilens")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["project.jobs", "project.webhooks"])
