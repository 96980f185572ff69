"""Pages under `/webhooks/`."""

from django.urls import path

from project.webhooks import pages

app_name = "webhooks"
urlpatterns = [
    path("", pages.webhooks, name="webhooks"),
    path("secret/", pages.secret_replace, name="secret_replace"),
    path("deliveries/<uuid:delivery_id>/resend/", pages.delivery_resend, name="delivery_resend"),
]
