"""Paths of the original service under `/api/v1/`, each with and without the final slash."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, path
from rest_framework.views import APIView

from enhance.api import views

app_name = "enhance_api"


def _both_spellings(route: str, view: type[APIView], name: str) -> Iterator[URLPattern]:
    yield path(route, view.as_view(), name=name)
    yield path(f"{route}/", view.as_view())


urlpatterns = [
    *_both_spellings("enhance", views.EnhanceView, "enhance"),
    *_both_spellings("enhance/estimate", views.EstimateView, "estimate"),
    *_both_spellings("enhance/models", views.ModelsView, "models"),
    *_both_spellings("status/<uuid:task_id>", views.StatusView, "status"),
    *_both_spellings("download/<uuid:task_id>", views.DownloadView, "download"),
    *_both_spellings("tasks", views.TaskListView, "tasks"),
    *_both_spellings("tasks/<uuid:task_id>", views.TaskView, "task"),
    *_both_spellings("tasks/<uuid:task_id>/cancel", views.CancelView, "cancel"),
    *_both_spellings("tasks/<uuid:task_id>/retry", views.RetryView, "retry"),
]
