"""Why an attempt failed, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ERRORS: dict[str, Promise] = {
    "dns_failed": _("The host name could not be resolved."),
    "connection_failed": _("The host did not take the connection, or closed it."),
    "tls_failed": _("The encrypted connection failed; the certificate may be wrong."),
    "timeout": _("The host took too long to answer."),
    "answer_invalid": _("The answer was not HTTP."),
    "status_refused": _("The host answered with another status than 2xx."),
    "secret_unreadable": _("The signing secret cannot be read any more; make a new one."),
    "worker_lost": _("The worker ended during the last attempt."),
    "owner_deactivated": _("The account was deactivated before it could be sent."),
    "url_invalid": _("The address is no longer accepted."),
    "url_too_long": _("The address is no longer accepted."),
    "scheme_refused": _("This server no longer allows addresses without https."),
    "credentials_refused": _("The address is no longer accepted."),
    "port_refused": _("This server does not allow the port."),
    "address_refused": _("The name leads to a private or local address, which is not called."),
}


def describe(code: str) -> str:
    """The code in the active language; empty for none."""
    return str(ERRORS.get(code, code))
