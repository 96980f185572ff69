"""The composition root of URLs."""

from django.contrib import admin
from django.urls import include, path

from project.web.registry import pages

urlpatterns = [
    path("", include("project.web.urls")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("project.api.urls")),
    *(path(f"{page.prefix}/", include(page.urlconf)) for page in pages()),
]
