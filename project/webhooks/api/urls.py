"""Mounted under `/api/v1/`."""

from django.urls import path

from project.webhooks.api import views

urlpatterns = [
    path("webhooks/deliveries/", views.DeliveryList.as_view(), name="webhook-deliveries"),
    path("webhooks/deliveries/<uuid:pk>/", views.DeliveryDetail.as_view(), name="webhook-delivery"),
    path(
        "webhooks/deliveries/<uuid:pk>/resend/",
        views.DeliveryResend.as_view(),
        name="webhook-resend",
    ),
    path("webhooks/secret/", views.SecretView.as_view(), name="webhook-secret"),
    path("jobs/<uuid:pk>/callback/", views.JobCallback.as_view(), name="job-callback"),
]
