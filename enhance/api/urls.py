"""Paths of the original service under `/api/v1/`, each with and without the final slash."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, path
from rest_framework.views import APIView

from enhance.api import batch_views, faces, models, preset_views, views

app_name = "enhance_api"


def _both_spellings(route: str, view: type[APIView], name: str) -> Iterator[URLPattern]:
    yield path(route, view.as_view(), name=name)
    yield path(f"{route}/", view.as_view())


urlpatterns = [
    *_both_spellings("enhance", views.EnhanceView, "enhance"),
    *_both_spellings("enhance/estimate", views.EstimateView, "estimate"),
    *_both_spellings("enhance/models", models.ModelsView, "models"),
    *_both_spellings("enhance/models/<int:pk>", models.ModelView, "model"),
    *_both_spellings("enhance/faces", faces.FacesPreviewView, "faces_previews"),
    *_both_spellings(
        "enhance/faces/<uuid:preview_id>", faces.FacesPreviewDetailView, "faces_preview"
    ),
    *_both_spellings("enhance/<uuid:task_id>/faces", faces.FacesView, "faces"),
    *_both_spellings("status/<uuid:task_id>", views.StatusView, "status"),
    *_both_spellings("download/<uuid:task_id>", views.DownloadView, "download"),
    *_both_spellings("enhance/presets", preset_views.PresetListView, "presets"),
    *_both_spellings("enhance/presets/<uuid:preset_id>", preset_views.PresetView, "preset"),
    *_both_spellings("enhance/batch", batch_views.BatchView, "batch_submit"),
    *_both_spellings(
        "batch/status/<uuid:batch_task_id>", batch_views.BatchStatusView, "batch_status"
    ),
    *_both_spellings(
        "batch/download/<uuid:batch_task_id>", batch_views.BatchDownloadView, "batch_download"
    ),
    *_both_spellings("batch/<uuid:batch_task_id>", batch_views.BatchDeleteView, "batch"),
    *_both_spellings("batch/<uuid:batch_task_id>/files", batch_views.BatchFilesView, "batch_files"),
    *_both_spellings("batch/<uuid:batch_task_id>/close", batch_views.BatchCloseView, "batch_close"),
    *_both_spellings(
        "batch/<uuid:batch_task_id>/cancel", batch_views.BatchCancelView, "batch_cancel"
    ),
    *_both_spellings("batch/<uuid:batch_task_id>/retry", batch_views.BatchRetryView, "batch_retry"),
    *_both_spellings("tasks", views.TaskListView, "tasks"),
    *_both_spellings("tasks/<uuid:task_id>", views.TaskView, "task"),
    *_both_spellings("tasks/<uuid:task_id>/cancel", views.CancelView, "cancel"),
    *_both_spellings("tasks/<uuid:task_id>/retry", views.RetryView, "retry"),
]
