"""One exchange: pinned to the vetted address, the name kept, nothing followed, all bounded."""

from __future__ import annotations

import datetime
import socket
import ssl
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from project.outbound.allow_list import AllowList
from project.outbound.call import Limits, call
from project.outbound.connection import resolve
from project.outbound.errors import Failed, Refused
from project.outbound.policy import OutboundPolicy
from tests.outbound.receiver import receiving


def policy_for(port, *hosts):
    entries = [f"{host}:{port}" for host in (*hosts, "127.0.0.1")]
    return OutboundPolicy(schemes=frozenset({"http", "https"}), allowed=AllowList.parse(entries))


class Names:
    """A resolver that answers in turn and counts."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, host, port):
        self.asked.append(host)
        return self.answers.pop(0)


def test_the_connection_goes_to_the_vetted_address_and_the_name_stays_in_the_host_header():
    """`hooks.invalid` exists nowhere: only the address that was judged can have been used."""
    with receiving() as server:
        names = Names(["127.0.0.1"])
        answer = call(
            "POST",
            f"http://hooks.invalid:{server.port}/in?x=1#part",
            policy=policy_for(server.port, "hooks.invalid"),
            headers={"X-Probe": "1"},
            body=b"{}",
            resolver=names,
        )
    assert (answer.status, answer.body, answer.is_success) == (200, b"ok", True)
    [(path, headers, body)] = server.requests
    assert (path, headers["Host"], headers["X-Probe"], body) == (
        "/in?x=1", f"hooks.invalid:{server.port}", "1", b"{}",
    )  # fmt: skip
    assert names.asked == ["hooks.invalid"]


def test_a_name_that_changes_between_look_and_call_reaches_nothing(monkeypatch):
    """DNS rebinding: public at first, loopback when asked again; it is asked once."""
    tried = []
    monkeypatch.setattr(
        socket, "create_connection", lambda address, timeout: tried.append(address) or _refuse()
    )
    with receiving() as server:
        names = Names(["93.184.215.14"], ["127.0.0.1"])
        with pytest.raises(Failed, match="ConnectionRefusedError"):
            call(
                "GET",
                "http://rebind.example.org:8080/",
                policy=OutboundPolicy(schemes=frozenset({"http"})),
                resolver=names,
            )
    assert tried == [("93.184.215.14", 8080)]
    assert (names.asked, server.requests) == (["rebind.example.org"], [])


def _refuse():
    raise ConnectionRefusedError


def test_a_refused_address_is_never_connected_to(monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *args: pytest.fail("connected"))
    for found in (["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::ffff:169.254.169.254"]):
        with pytest.raises(Refused, match="address_refused"):
            call(
                "GET",
                "https://hooks.example.org/",
                policy=OutboundPolicy(),
                resolver=Names(found),
            )


def test_the_next_address_is_tried_when_one_does_not_answer():
    """Both are judged before either is tried. Nothing listens on 127.0.0.2 at that port."""
    with receiving() as server:
        answer = call(
            "GET",
            f"http://hooks.invalid:{server.port}/",
            policy=policy_for(server.port, "hooks.invalid"),
            resolver=Names(["127.0.0.2", "127.0.0.1"]),
        )
    assert answer.status == 200


def test_a_redirect_is_an_answer_and_is_not_followed():
    with receiving() as inside, receiving((302, {"Location": "x"}, b"")) as server:
        server.answers = [(307, {"Location": f"http://127.0.0.1:{inside.port}/secret"}, b"")]
        answer = call("POST", f"http://127.0.0.1:{server.port}/", policy=policy_for(server.port))
    assert (answer.status, answer.is_success) == (307, False)
    assert inside.requests == []


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    with receiving() as proxy, receiving() as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        call("GET", f"http://127.0.0.1:{server.port}/", policy=policy_for(server.port))
    assert (len(server.requests), proxy.requests) == (1, [])


def test_an_answer_is_read_up_to_the_limit():
    with receiving((200, {}, b"x" * 5000)) as server:
        answer = call(
            "GET",
            f"http://127.0.0.1:{server.port}/",
            policy=policy_for(server.port),
            limits=Limits(answer_bytes=100),
        )
    assert answer.body == b"x" * 100


def drip_headers(handler):
    """A header that never ends, a byte at a time: each single read is quick."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(handler)


def drip_body(handler):
    """A body without a length that never ends: cut anywhere, it looks complete."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    _drip(handler)


def _drip(handler):
    try:
        while True:
            handler.wfile.write(b"x")
            handler.server.requests.append("byte")
            handler.connection.settimeout(0.01)
            try:
                if not handler.connection.recv(1):
                    return
            except TimeoutError:
                continue
    except OSError:
        return


@pytest.mark.parametrize("drip", [drip_headers, drip_body])
def test_an_answer_that_drips_for_ever_ends_with_the_deadline(drip):
    with receiving(drip) as server:
        with pytest.raises(Failed) as failure:
            call(
                "GET",
                f"http://127.0.0.1:{server.port}/",
                policy=policy_for(server.port),
                limits=Limits(seconds=0.2),
            )
        assert failure.value.code == "timeout"


def hang_up(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)


def babble(handler):
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")


@pytest.mark.parametrize(("answer", "code"), [(hang_up, "connection_failed"), (babble, "answer_invalid")])  # fmt: skip
def test_what_is_no_answer_is_a_coded_failure(answer, code):
    with receiving(answer) as server, pytest.raises(Failed) as failure:
        call("GET", f"http://127.0.0.1:{server.port}/", policy=policy_for(server.port))
    assert failure.value.code == code


def test_a_closed_port_is_a_failed_connection():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(Failed) as failure:
            call("GET", f"http://127.0.0.1:{port}/", policy=policy_for(port))
    assert failure.value.code == "connection_failed"


def test_the_system_resolver_names_its_failure():
    with pytest.raises(Failed) as failure:
        resolve("name.invalid", 443)
    assert failure.value.code == "dns_failed"
    assert "127.0.0.1" in resolve("127.0.0.1", 443)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate for `hooks.invalid` only, and the file that makes it trusted."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    today = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today)
        .not_valid_after(today + datetime.timedelta(days=36500))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("hooks.invalid"), x509.IPAddress(ip_address("192.0.2.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def tls_server(path, seen):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    context.sni_callback = lambda connection, name, _context: seen.append(name)
    return context


def test_sni_and_certificate_are_those_of_the_name_though_the_address_is_pinned(authority):
    seen = []
    trusting = ssl.create_default_context(cafile=authority)
    with receiving(context=tls_server(authority, seen)) as server:
        answer = call(
            "POST",
            f"https://hooks.invalid:{server.port}/",
            policy=policy_for(server.port, "hooks.invalid"),
            resolver=Names(["127.0.0.1"]),
            context=trusting,
        )
    assert (answer.status, seen) == (200, ["hooks.invalid"])


@pytest.mark.parametrize("case", ["other name", "unknown authority"])
def test_a_certificate_that_does_not_fit_ends_the_call(authority, case):
    host = "other.invalid" if case == "other name" else "hooks.invalid"
    context = ssl.create_default_context(cafile=authority) if case == "other name" else None
    with (
        receiving(context=tls_server(authority, [])) as server,
        pytest.raises(Failed) as failure,
    ):
        call(
            "POST",
            f"https://{host}:{server.port}/",
            policy=policy_for(server.port, host),
            resolver=Names(["127.0.0.1"]),
            context=context,
        )
    assert (failure.value.code, server.requests) == ("tls_failed", [])
