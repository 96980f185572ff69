"""The error codes of jobs, for the catalogue of the API."""

from django.utils.translation import gettext_lazy as _

from project.api.catalogue import register


def register_all() -> None:
    """Add title and meaning of each code."""
    register(
        "unknown_kind",
        404,
        _("Unknown kind of job"),
        _("No installed app offers this kind."),
    )
    register(
        "invalid_idempotency_key",
        400,
        _("Invalid idempotency key"),
        _("An `Idempotency-Key` has 1 to 64 visible ASCII characters."),
    )
    register(
        "idempotency_conflict",
        409,
        _("Idempotency key used"),
        _("The same `Idempotency-Key` came earlier with another body."),
    )
    register(
        "queue_limit",
        429,
        _("Queue full"),
        _("You hold as many queued jobs as allowed; wait for some to end."),
    )
    register(
        "device_quota",
        429,
        _("Device time used up"),
        _("Your jobs of the last 24 hours used the `limit` seconds that your roles allow."),
    )
    register(
        "not_retryable",
        409,
        _("Not to be repeated yet"),
        _("The job has not ended yet."),
    )
    register(
        "worker_unknown",
        404,
        _("Unknown worker"),
        _("No worker of this name is known; it may have ended."),
    )
    register(
        "worker_silent",
        409,
        _("Silent worker"),
        _("The worker was not heard of for half a minute, so it takes no order."),
    )
    register(
        "model_unknown",
        400,
        _("Unknown model"),
        _("The order needs the name of a model that is offered here, or none at all."),
    )
    register(
        "action_unknown",
        400,
        _("Unknown order"),
        _("A worker can drain, unload or warm up a model, and free the cache of its device."),
    )
