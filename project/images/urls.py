"""Mounted at `/media/` by the composition of URLs."""

from django.urls import path

from project.images.views import MediaView

urlpatterns = [path("<str:signed>/", MediaView.as_view(), name="media")]
