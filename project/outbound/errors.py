"""Why a call was not made, or did not succeed; each with a stable code."""

from __future__ import annotations


class OutboundError(Exception):
    """`code` is stable; the text is for operators and holds no secret of the URL."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(text or code)
        self.code = code


class Refused(OutboundError):
    """The guard does not allow the call. Trying again does not help by itself.

    Codes: url_invalid, url_too_long, scheme_refused, credentials_refused, port_refused,
    address_refused.
    """


class Failed(OutboundError):
    """The other side could not be reached, or did not answer properly.

    Codes: dns_failed, connection_failed, tls_failed, timeout, answer_invalid, and of a stream
    answer_too_large.
    """
