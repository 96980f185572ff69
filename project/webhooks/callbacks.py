"""Asking for a webhook: `attach_callback` is what feature apps call when they accept a job."""

from __future__ import annotations

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from project.errors import ServiceError
from project.jobs.models import Job
from project.outbound.errors import Refused
from project.outbound.policy import Target
from project.webhooks.models import Callback, Delivery
from project.webhooks.outbox import record_ending
from project.webhooks.policy import webhook_policy
from project.webhooks.resend import resend
from project.webhooks.signing_secrets import ensure_secret

FIELD = "callback_url"
REASONS: dict[str, Promise] = {
    "url_invalid": gettext_lazy("This is not a complete address such as https://host/path."),
    "url_too_long": gettext_lazy("The address has more than 2048 characters."),
    "scheme_refused": gettext_lazy("The address must begin with https://."),
    "credentials_refused": gettext_lazy("The address must not contain a name or password."),
    "port_refused": gettext_lazy("This port is not allowed: use 443, 8443, 80 or 8080."),
    "address_refused": gettext_lazy("This server does not call private or local addresses."),
}


def check_callback_url(url: str) -> Target:
    """Judge an address without asking the network, for example before an upload is read.

    Raises ServiceError callback_url_refused (400) with the reason at the field `callback_url`.
    A name is resolved, and judged again, when the webhook is sent.
    """
    try:
        return webhook_policy().check(url)
    except Refused as error:
        detail = str(REASONS[error.code])
        raise ServiceError(
            _("The callback address is not allowed. %(reason)s") % {"reason": detail},
            code="callback_url_refused",
            fields={FIELD: [{"code": error.code, "detail": detail}]},
        ) from error


def attach_callback(*, job: Job, url: str) -> None:
    """Send the end of `job` to `url`, in place of an earlier address. A job that has ended
    already is told at once. Call it inside the transaction that creates the job.

    Any kind of job; the parent of a batch ends with its last child. Raises ServiceError
    callback_url_refused (400).
    """
    check_callback_url(url)
    ensure_secret(owner=job.owner)
    with transaction.atomic():
        # Whoever ends the job updates its row first: either it sees the callback, or we its end.
        current = Job.objects.select_for_update().get(pk=job.pk)
        Callback.objects.update_or_create(job=current, defaults={"url": url})
        if current.is_terminal:
            record_ending(current)


def attach_again(*, job: Job, url: str) -> None:
    """Send the end of `job` to `url` for a request that is answered with a job of before.

    A job that was told to `url` already is told once more, with the same event id. Raises
    ServiceError: callback_taken (409) when its end goes, or went, to another address, which is
    not replaced behind the back of whoever asked for it; callback_url_refused (400).
    """
    check_callback_url(url)
    ensure_secret(owner=job.owner)  # before the job's row: everybody locks the owner first
    with transaction.atomic():
        current = Job.objects.select_for_update().get(pk=job.pk)
        told = Delivery.objects.filter(job=current).first()
        addresses = set(Callback.objects.filter(job=current).values_list("url", flat=True))
        addresses |= {told.url} if told is not None else set()
        if addresses - {url}:
            raise ServiceError(
                _(
                    "This was sent before, and its end is told to another address. Send it without callback_url, or change the address of the job."
                ),
                code="callback_taken",
                status=409,
                extra={"job": str(job.pk)},
            )
        if told is None:
            attach_callback(job=current, url=url)
        elif not told.is_pending:
            resend(delivery=told)


def detach_callback(*, job: Job) -> None:
    """Send nothing when `job` ends; what was recorded already is still sent."""
    Callback.objects.filter(job=job).delete()
