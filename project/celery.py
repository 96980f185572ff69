"""The Celery application: JSON only, no result backend, the row decides."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

app = Celery("omnilens")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["project.jobs"])
