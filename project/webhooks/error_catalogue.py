"""The error codes of webhooks, for the catalogue of the API."""

from django.utils.translation import gettext_lazy as _

from project.api.catalogue import register


def register_all() -> None:
    """Add title and meaning of each code."""
    register(
        "callback_url_refused",
        400,
        _("Callback address refused"),
        _("`fields.callback_url` says what is wrong with the address."),
    )
    register(
        "callback_taken",
        409,
        _("Another callback address"),
        _(
            "The request is answered with a `job` of before, whose end is told to another address; "
            "`PUT /api/v1/jobs/{id}/callback/` changes it."
        ),
    )
    register(
        "delivery_pending",
        409,
        _("Webhook still on its way"),
        _("Only a delivery that has ended can be sent again."),
    )
