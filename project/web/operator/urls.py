"""The operators' page, its live part, and its orders."""

from django.urls import path

from project.web.operator import views

app_name = "operator"
urlpatterns = [
    path("", views.page, name="page"),
    path("live/", views.live, name="live"),
    path("jobs/<uuid:job_id>/cancel/", views.job_cancel, name="job_cancel"),
    path("jobs/<uuid:job_id>/requeue/", views.job_requeue, name="job_requeue"),
    path("workers/<int:worker_id>/order/", views.worker_order, name="worker_order"),
]
