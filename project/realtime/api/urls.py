"""Mounted under `/api/v1/`."""

from django.urls import path

from project.realtime.api.views import JobStream, TicketList

urlpatterns = [
    path("jobs/stream/", JobStream.as_view(), name="job-stream"),
    path("ws-tickets/", TicketList.as_view(), name="ws-tickets"),
]
