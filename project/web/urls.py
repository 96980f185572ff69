"""Pages of the shell, and the addresses that machines ask about our health."""

from django.urls import path

from project.web.health import views as health
from project.web.views import api_docs, favourite, metrics, pages, styleguide

app_name = "web"
urlpatterns = [
    path("", pages.home, name="home"),
    path("history/", pages.history, name="history"),
    path("jobs/<uuid:job_id>/", pages.job_detail, name="job"),
    path("jobs/<uuid:job_id>/cancel/", pages.job_cancel, name="job_cancel"),
    path("jobs/<uuid:job_id>/retry/", pages.job_retry, name="job_retry"),
    path("jobs/<uuid:job_id>/favourite/", favourite.job_favourite, name="job_favourite"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("docs/errors", api_docs.error_codes, name="error_codes"),
    path("health", health.health, name="health"),
    path("health/", health.health),
    path("health/ready", health.ready, name="health_ready"),
    path("health/ready/", health.ready),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
