"""Mounted under `/api/v1/`."""

from django.urls import path

from project.jobs.api.preview import JobPreview
from project.jobs.api.views import (
    JobCancel,
    JobDetail,
    JobEvents,
    JobFavourite,
    JobList,
    JobRetry,
)

urlpatterns = [
    path("jobs/", JobList.as_view(), name="job-list"),
    path("jobs/<uuid:pk>/", JobDetail.as_view(), name="job-detail"),
    path("jobs/<uuid:pk>/events/", JobEvents.as_view(), name="job-events"),
    path("jobs/<uuid:pk>/preview/", JobPreview.as_view(), name="job-preview"),
    path("jobs/<uuid:pk>/cancel/", JobCancel.as_view(), name="job-cancel"),
    path("jobs/<uuid:pk>/retry/", JobRetry.as_view(), name="job-retry"),
    path("jobs/<uuid:pk>/favourite/", JobFavourite.as_view(), name="job-favourite"),
]
