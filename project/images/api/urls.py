"""URLs of this room under /api/v1/."""

from django.urls import path

from project.images.api.views import ImageDetailView, ImageListView

urlpatterns = [
    path("images/", ImageListView.as_view(), name="image-list"),
    path("images/<uuid:pk>/", ImageDetailView.as_view(), name="image-detail"),
]
