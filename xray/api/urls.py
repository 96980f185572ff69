"""Routes of this room under `/api/v1/`; each resource has a module of its own."""

from __future__ import annotations

from django.urls import path

from xray.api import models, reports, views
from xray.api.export_urls import urlpatterns as exports
from xray.api.llm_urls import urlpatterns as llm

app_name = "xray_api"

STUDY = "xray/studies/<uuid:study_id>"

urlpatterns = [
    path("xray/studies/", views.StudiesView.as_view(), name="studies"),
    path(f"{STUDY}/", views.StudyView.as_view(), name="detail"),
    path(f"{STUDY}/correct/", views.CorrectView.as_view(), name="correct"),
    path(f"{STUDY}/result/", reports.ResultView.as_view(), name="result"),
    path(f"{STUDY}/regenerate/", reports.RegenerateView.as_view(), name="regenerate"),
    path(f"{STUDY}/review/", reports.ReviewView.as_view(), name="review"),
    path(f"{STUDY}/audit/", reports.AuditView.as_view(), name="audit"),
    path(f"{STUDY}/compare/<uuid:prior_id>/", reports.CompareView.as_view(), name="compare"),
    path("xray/models/", models.ModelsView.as_view(), name="models"),
    path("xray/models/<int:version_id>/activate/", models.ActivateView.as_view(), name="activate"),
    *exports,
    *llm,
]
