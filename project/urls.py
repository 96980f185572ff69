"""The composition root of URLs."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import JavaScriptCatalog

from accounts.pages.language import choose_language
from project.api.registry import originals
from project.api.slashes import both_spellings
from project.web.registry import pages
from project.web.theme import set_theme
from project.web.views.api_docs import RedocView, SchemaView, SwaggerView

handler400 = "project.web.error_pages.bad_request"
handler403 = "project.web.error_pages.permission_denied"
handler404 = "project.web.error_pages.not_found"
handler500 = "project.web.error_pages.server_error"

urlpatterns = [
    path("", include("project.web.urls")),
    path("accounts/", include("accounts.urls")),
    path("webhooks/", include("project.webhooks.urls")),
    path("i18n/setlang/", choose_language, name="set_language"),
    path("theme/", set_theme, name="set_theme"),
    path("i18n/catalog.js", JavaScriptCatalog.as_view(), name="javascript_catalog"),
    path("operator/", include("project.web.operator.urls")),
    path("admin/", admin.site.urls),
    path("media/", include("project.images.urls")),
    path("docs", SwaggerView.as_view(), name="docs"),
    path("docs/", SwaggerView.as_view()),
    path("redoc", RedocView.as_view(), name="redoc"),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    # The original services wrote /api/auth/login and the like, with no version and no final slash.
    path("api/", include(both_spellings("accounts.api.urls", named=False))),
    path("api/v1/", include("project.api.urls")),
    *(path("", include(both_spellings(urlconf, named=True))) for urlconf in originals()),
    *(path(f"{page.prefix}/", include(page.urlconf)) for page in pages()),
]
