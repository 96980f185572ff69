"""Only proxies that we trust may say who is calling."""

import pytest
from django.test import RequestFactory

from project.api.client_address import client_address, is_loopback


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, None, "127.0.0.1"),
        (0, "6.6.6.6", "127.0.0.1"),
        (1, None, "127.0.0.1"),
        (1, "6.6.6.6", "6.6.6.6"),
        (1, "1.1.1.1, 6.6.6.6", "6.6.6.6"),
        (2, "1.1.1.1, 6.6.6.6, 7.7.7.7", "6.6.6.6"),
        (3, "6.6.6.6", "6.6.6.6"),
    ],
)
def test_the_address_is_the_one_that_our_own_proxy_wrote(settings, hops, forwarded, expected):
    settings.TRUSTED_PROXIES = hops
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", headers=headers)) == expected


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("10.0.0.2", {}, False),
        ("", {}, False),
        ("127.0.0.1", {"x-forwarded-for": "203.0.113.5"}, False),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, False),
    ],
)
def test_a_forwarded_request_is_not_local(settings, peer, headers, expected):
    settings.TRUSTED_PROXIES = 0
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)
    assert is_loopback(request) is expected
