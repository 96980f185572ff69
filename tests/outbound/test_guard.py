"""Whom the guard lets call, in every spelling of an address that libraries understand."""

from __future__ import annotations

import pytest

from project.outbound.allow_list import AllowList
from project.outbound.errors import Failed, OutboundError, Refused
from project.outbound.policy import OutboundPolicy

PUBLIC = "93.184.215.14"
PUBLIC_6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
BOTH = OutboundPolicy(schemes=frozenset({"http", "https"}))
# Networks nobody may be led into; each is tried as literal, as a look-up, and embedded in IPv6.
CLOSED_4 = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
    "168.63.129.16", "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.0.9", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255",
)  # fmt: skip
CLOSED_6 = (
    "::", "::1", "::127.0.0.1", "::7f00:1", "64:ff9b:1::7f00:1", "100::1", "2001::1",
    "2001:0:7f00:1::", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1",
    "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
)  # fmt: skip
# The same four bytes as inet_aton reads them, and as people hide them.
SPELLINGS_OF_LOOPBACK = (
    "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "0177.1",
    "017700000001", "127.0.0.0x1", "127.0.0.01", "0177.0.0.1.", "127.0.0.1.", "１２７.０.０.１",
    "127。0。0。1", "127．0．0．1", "①②⑦.⓪.⓪.①", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]", "[64:ff9b::7f00:1]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "0", "0x0",
    "00", "[::ffff:0.0.0.0]",
)  # fmt: skip
SPELLINGS_OF_METADATA = (
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
    "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[fd00:ec2::254]",
)  # fmt: skip
BAD_URLS = {
    "": "scheme_refused",
    "hooks.example.org/x": "scheme_refused",
    "//hooks.example.org/x": "scheme_refused",
    "ftp://hooks.example.org/": "scheme_refused",
    "file:///etc/passwd": "scheme_refused",
    "gopher://127.0.0.1:6379/_SET": "scheme_refused",
    "javascript:alert(1)": "scheme_refused",
    "https://": "url_invalid",
    "https:///x": "url_invalid",
    "https://:443/": "url_invalid",
    "https://hooks.example.org:0/": "url_invalid",
    "https://hooks.example.org:99999/": "url_invalid",
    "https://hooks.example.org:port/": "url_invalid",
    "https://user@hooks.example.org/": "credentials_refused",
    "https://user:word@hooks.example.org/": "credentials_refused",
    "https://hooks.example.org@127.0.0.1/": "credentials_refused",
    "https://127.0.0.1#@hooks.example.org/": "address_refused",
    "https://127.0.0.1\\@hooks.example.org/": "url_invalid",
    "https://hooks.example.org\\.internal/": "url_invalid",
    "https://hooks.example.org/a b": "url_invalid",
    "https://hooks.example.org/\r\nHost: x": "url_invalid",
    "https://hooks.exa\tmple.org/": "url_invalid",
    " https://hooks.example.org/": "url_invalid",
    "https://hooks.example.org/ä": "url_invalid",
    "https://[fe80::1%25eth0]/": "url_invalid",
    "https://[::1/": "url_invalid",
    "https://127.0.0.1%2f@x/": "credentials_refused",
    "https://127.0.0.1%00.example.org/": "url_invalid",
    "https://exa$mple.org/": "url_invalid",
    "https://-.-/..": None,
    "https://hooks..example.org/": "url_invalid",
    f"https://{'a' * 64}.example.org/": "url_invalid",
    f"https://{'a.' * 130}org/": "url_invalid",
    f"https://hooks.example.org/{'x' * 2048}": "url_too_long",
    "https://hooks.example.org:22/": "port_refused",
    "https://hooks.example.org:6379/": "port_refused",
    "https://hooks.example.org:25/": "port_refused",
}


def nobody(host, port):
    raise AssertionError("a literal address is not looked up")


def code_of(url, policy=BOTH, resolver=nobody):
    """The code with which the guard stops the call, or None."""
    try:
        policy.vetted_addresses(policy.check(url), resolver)
    except OutboundError as error:
        return error.code
    return None


def bracketed(address):
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize("address", CLOSED_4 + CLOSED_6)
def test_no_closed_address_is_called_in_any_way(address):
    """As a literal, behind a name, beside a public address, and inside an IPv6 address."""
    spellings = {address}
    if ":" not in address:
        high, low = (int.from_bytes(bytes(map(int, address.split(".")[i : i + 2]))) for i in (0, 2))
        spellings |= {
            f"::ffff:{address}",
            f"64:ff9b::{high:x}:{low:x}",
            f"2002:{high:x}:{low:x}::1",
        }
    for spelling in spellings:
        assert code_of(f"https://{bracketed(spelling)}/") == "address_refused", spelling
        for found in ([spelling], [PUBLIC, spelling], [spelling, PUBLIC_6]):
            answer = code_of("https://hooks.example.org/", resolver=lambda h, p, found=found: found)
            assert answer == "address_refused", found


@pytest.mark.parametrize("host", SPELLINGS_OF_LOOPBACK + SPELLINGS_OF_METADATA)
def test_no_spelling_hides_a_closed_address(host):
    for url in (f"https://{host}/", f"http://{host}:8080/x?y"):
        assert code_of(url) == "address_refused"
        with pytest.raises(Refused, match="address_refused"):
            BOTH.check(url)  # known without the network, so a submit refuses it


@pytest.mark.parametrize("url", BAD_URLS)
def test_an_address_that_is_not_a_plain_web_address_is_refused(url):
    assert code_of(url, resolver=lambda host, port: [PUBLIC]) == BAD_URLS[url]


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_6, "8.8.8.8", "2a00:1450:4001:800::200e"])
def test_a_public_address_is_called(address):
    assert code_of(f"https://{bracketed(address)}/") is None
    assert code_of("https://hooks.example.org/", resolver=lambda h, p: [address]) is None
    assert code_of("https://b\u00fccher.example/", resolver=lambda h, p: [address]) is None


def test_http_is_refused_unless_the_policy_allows_it():
    assert code_of("http://hooks.example.org/", OutboundPolicy()) == "scheme_refused"


def test_a_name_that_leads_nowhere_is_a_failure_not_a_refusal():
    with pytest.raises(Failed, match="dns_failed"):
        BOTH.vetted_addresses(BOTH.check("https://hooks.example.org/"), lambda h, p: [])


ALLOWED = OutboundPolicy(
    schemes=frozenset({"http", "https"}),
    allowed=AllowList.parse(
        ["nas.lan", "build.lan:9000", "10.1.0.0/16", "10.2.0.5:7000", "[fd00::/8]:9443", "fd77::1",
         "169.254.169.254", "100.64.0.0/10"]
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("url", "found", "expected"),
    [
        ("https://nas.lan/", "192.168.1.9", None),
        ("https://nas.lan/", "127.0.0.1", None),
        ("https://nas.lan:9000/", "192.168.1.9", "port_refused"),
        ("https://nas.lan/", "169.254.1.1", "address_refused"),  # a name opens no link-local
        ("https://nas.lan/", "fe80::1", "address_refused"),
        ("https://nas.lan/", "100.100.100.200", "address_refused"),  # nor metadata
        ("https://nas.lan/", "168.63.129.16", "address_refused"),
        ("https://nas.lan/", "fd00:ec2::254", "address_refused"),
        ("https://nas.lan/", "224.0.0.1", "address_refused"),
        ("https://nas.lan/", "0.0.0.0", "address_refused"),
        ("https://other.nas.lan/", "192.168.1.9", "address_refused"),
        ("https://nas.lan.example.org/", "192.168.1.9", "address_refused"),
        ("http://build.lan:9000/", "10.9.0.1", None),
        ("http://build.lan/", "10.9.0.1", "address_refused"),
        ("https://any.example.org/", "10.1.2.3", None),
        ("https://10.1.2.3/", None, None),
        ("https://[::ffff:10.1.2.3]/", None, None),
        ("https://10.1.2.3:7000/", None, "address_refused"),
        ("https://10.2.0.5:7000/", None, None),
        ("https://any.example.org:7000/", "10.2.0.5", None),
        ("https://any.example.org:7000/", PUBLIC, "port_refused"),
        ("https://10.2.0.6:7000/", None, "address_refused"),
        ("https://[fd12::5]:9443/", None, None),
        ("https://[fd12::5]/", None, "address_refused"),
        ("https://[fd77::1]/", None, None),
        ("http://169.254.169.254/", None, None),  # listed by itself
        ("http://100.100.100.200/", None, "address_refused"),  # only within a listed network
        ("http://100.64.0.7/", None, None),
    ],
)
def test_the_operators_list_opens_exactly_what_it_names(url, found, expected):
    resolver = nobody if found is None else lambda host, port: [found]
    assert code_of(url, ALLOWED, resolver) == expected


@pytest.mark.parametrize(
    "entry", ["http://nas.lan", "nas.lan:", "nas.lan:0", "nas.lan:70000", "a b", "10.0.0.0/33", "[::1", "*"]
)  # fmt: skip
def test_a_wrong_entry_of_the_list_is_named(entry):
    with pytest.raises(ValueError, match=r"expected a host"):
        AllowList.parse([entry])


def test_the_table_is_long_enough():
    """The design asks for 200 addresses; the spellings inside the tests count as well."""
    literal = 4 * len(CLOSED_4) + len(CLOSED_6) + 2 * len(SPELLINGS_OF_LOOPBACK)
    assert literal + len(BAD_URLS) + 2 * len(SPELLINGS_OF_METADATA) > 200
