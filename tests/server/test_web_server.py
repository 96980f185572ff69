"""The real server process: how it ends, and how it waits for a slow reader."""

from __future__ import annotations

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from project.asgi import application
from project.make_way import make_way
from project.realtime import events
from project.web_server import GOING_AWAY

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120


class Server:
    """One server on a listening socket that this process keeps, as the supervisor does."""

    def __init__(self, folder, **environment):
        self.folder = folder
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        ready, told = os.pipe()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "project.web_server", "-v", "0"),
                *("-e", f"fd:fileno={self.listener.fileno()}"),
                "tests.server.application:application",
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "_OMNILENS_TEST_ROOT": str(folder),
                "_OMNILENS_READY_FD": str(told),
                **environment,
            },
            pass_fds=[self.listener.fileno(), told],
        )
        os.close(told)
        assert os.read(ready, 1) == b"1"
        os.close(ready)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        connection.request("GET", path)
        return connection.getresponse()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self):
        return self.process.wait(PATIENCE_SECONDS)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.listener.close()


@pytest.fixture
def start(tmp_path):
    """Start a server; killed at the end."""
    servers = []

    def start_one(**environment):
        servers.append(Server(tmp_path, **environment))
        return servers[-1]

    yield start_one
    for server in servers:
        server.close()


def until(condition):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_a_server_that_is_told_to_stop_answers_first(start, tmp_path):
    server = start()
    answers = []
    client = threading.Thread(target=lambda: answers.append(server.get("/slow").read()))
    client.start()
    until((tmp_path / "slow").exists)
    with connect(f"ws://127.0.0.1:{server.port}/", open_timeout=PATIENCE_SECONDS) as feed:
        stream = server.get("/events")
        server.terminate()
        with pytest.raises(ConnectionClosed) as closed:
            feed.recv(PATIENCE_SECONDS)
        assert closed.value.rcvd.code == 4410
        assert stream.read() == b": hello\n\n"  # it ends as a whole, the browser opens another
    assert server.process.poll() is None
    (tmp_path / "gate").touch()
    client.join(PATIENCE_SECONDS)
    assert answers == [b"late but here"]
    assert server.exit_code() == 0


def test_an_event_stream_whose_client_has_gone_cuts_nobody_off(start, tmp_path):
    server = start()
    answers = []
    client = threading.Thread(target=lambda: answers.append(server.get("/slow").read()))
    client.start()
    until((tmp_path / "slow").exists)
    with socket.create_connection(("127.0.0.1", server.port)) as page:
        page.sendall(b"GET /inattentive HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert page.recv(1)
    until((tmp_path / "gone").exists)  # the server knows; the stream's application runs on
    with closing(server.get("/events")) as later:  # the server comes to it after that one
        server.terminate()
        assert later.read() == b": hello\n\n"
    (tmp_path / "gate").touch()
    client.join(PATIENCE_SECONDS)
    assert answers == [b"late but here"]
    assert server.exit_code() == 0


def test_the_code_of_a_leaving_server_is_that_of_the_feed():
    assert GOING_AWAY == events.DRAINING


def test_a_server_that_stops_leaves_the_next_connection_to_its_successor(start, tmp_path):
    server = start()
    waiting = threading.Thread(target=lambda: server.get("/slow").read())
    waiting.start()
    until((tmp_path / "slow").exists)
    server.terminate()
    until(lambda: not listens(server))
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        # Accepted by nobody yet: it waits in the listening socket, which is ours too.
        assert select.select([server.listener], [], [], PATIENCE_SECONDS)[0]
        accepted, address = server.listener.accept()
        accepted.close()
        assert address == client.getsockname()
    (tmp_path / "gate").touch()
    waiting.join(PATIENCE_SECONDS)
    assert server.exit_code() == 0


def listens(server):
    """Whether the server's process still holds the listening socket."""
    return any(
        connection.status == psutil.CONN_LISTEN and connection.laddr.port == server.port
        for connection in psutil.Process(server.process.pid).net_connections("tcp")
    )


def test_a_client_that_reads_slowly_costs_no_memory(start, tmp_path):
    server = start()
    answer = server.get("/large")
    answer.read(1)
    taken = _settled(tmp_path / "blocks")
    assert taken < 512  # of 1024: the rest waits in the application
    assert len(answer.read()) == 1024 * 65536 - 1
    assert server.process.poll() is None


def test_a_client_that_reads_nothing_is_given_up(start):
    server = start(OMNILENS_REQUEST_TIMEOUT="0.2s")
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        end = select.poll()
        end.register(client, 0)  # errors and a hang-up are always told
        until(lambda: end.poll(10))


def test_a_thread_that_never_returns_does_not_keep_the_process(start, tmp_path):
    server = start(OMNILENS_REQUEST_TIMEOUT="0.2s")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
    connection.request("GET", "/stuck")
    until((tmp_path / "stuck").exists)
    server.terminate()
    assert server.exit_code() == 0


def test_a_server_that_makes_way_does_not_wait_long_for_others(start, tmp_path):
    server = start(OMNILENS_REQUEST_TIMEOUT="1h")
    other = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
    other.request("GET", "/slow")  # without a gate it never ends
    until((tmp_path / "slow").exists)
    assert server.get("/makes-way").read() == b"bye"
    assert server.exit_code() == 0


def test_a_stuck_view_makes_way():
    assert application.application_mapping["http"]._when_stuck is make_way


def _settled(file):
    """The number in `file` once it has stopped growing."""
    until(file.exists)
    before = -1
    while (now := int(file.read_text() or 0)) != before:
        before = now
        time.sleep(1)
    return now
