"""`manage.py up --daemon --web 2` for real: in the background, two web processes behind one port."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest
from websockets.sync.client import connect

from project.management.first_accounts import read_demo_sign_in
from project.supervisor import state
from project.supervisor.daemon import log_path
from tests.images import samples
from tests.supervisor.conftest import eventually

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 240

pytestmark = pytest.mark.slow


class RunningStack:
    """The stack, seen from outside."""

    def __init__(self, var, shown, command):
        self.var = var
        self.shown = shown
        self.command = command
        self.url = state.read(var).url
        sign_in = read_demo_sign_in(var)
        body = {"username": sign_in.username, "password": sign_in.password}
        self.bearer = f"Bearer {self.post('/api/v1/auth/login/', body)['access']}"

    def children(self):
        return {child.name: child for child in state.read(self.var).children}

    def post(self, path, body):
        return self._send(path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def get(self, path):
        return self._send(path, None, {"Authorization": self.bearer})

    def hand_in(self):
        """Queue the copy of a picture; the id of the job."""
        boundary, content = "omnilens", samples.save(samples.gradient())
        part = io.BytesIO()
        part.write(f"--{boundary}\r\nContent-Disposition: form-data; ".encode())
        part.write(b'name="file"; filename="photo.png"\r\nContent-Type: image/png\r\n\r\n')
        part.write(content + f"\r\n--{boundary}--\r\n".encode())
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Authorization": self.bearer,
        }
        return self._send("/api/v1/test-copies/", part.getvalue(), headers)["job"]

    @contextmanager
    def socket_at(self, name):
        """A feed that the web process `name` serves: the other one stands still meanwhile."""
        [other] = [child for child in self.children().values() if child.name in WEB - {name}]
        with ExitStack() as opened:
            os.kill(other.pid, signal.SIGSTOP)
            try:
                socket = opened.enter_context(
                    connect(
                        f"{self.url.replace('http', 'ws')}/ws/v1/feed/",
                        subprotocols=["jobs.v1"],
                        additional_headers={"Authorization": self.bearer},
                        open_timeout=PATIENCE_SECONDS,
                        ping_interval=None,
                    )
                )
                assert json.loads(socket.recv(timeout=PATIENCE_SECONDS))["type"] == "snapshot"
            finally:
                os.kill(other.pid, signal.SIGCONT)
            yield socket

    def _send(self, path, body, headers):
        request = urllib.request.Request(self.url + path, data=body, headers=headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
            return json.loads(answer.read())


WEB = {"web-1", "web-2"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A stack of its own with two web processes, stopped in good order at the end."""
    tmp_path = tmp_path_factory.mktemp("stack")
    environment = {
        **os.environ,
        "_OMNILENS_TEST_ROOT": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "tests.supervisor.stack_settings",
        "OMNILENS_DATABASE_URL": "",
        "OMNILENS_REDIS_URL": "",
        "CELERY_SKIP_CHECKS": "1",
    }
    var = tmp_path / os.environ.get("PYTEST_XDIST_WORKER", "main")
    command = partial(
        subprocess.run, cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        shown = command([sys.executable, "manage.py", "up", "--daemon", "--web", "2"])
        assert shown.returncode == 0, shown.stdout
        yield RunningStack(var, shown.stdout, command)
        look = command([sys.executable, "manage.py", "status"])
        assert (look.returncode, str(log_path(var)) in look.stdout) == (0, True), look.stdout
        end = command([sys.executable, "manage.py", "stop"])
        assert end.returncode == 0, log_path(var).read_text()
        assert state.read(var) is None
    finally:
        left = state.read(var) if var.exists() else None
        if left is not None:
            os.kill(left.pid, signal.SIGKILL)  # its children die with it


def follow(socket, job):
    """The number and the name of the event that ends the job."""
    while True:
        message = json.loads(socket.recv(timeout=PATIENCE_SECONDS))
        if message["type"] == "ping":
            socket.send(json.dumps({"pong": True}))
        elif message.get("job") == job and message["state"] not in ("queued", "running"):
            return message["seq"], message["event"]


def test_two_web_processes_behind_one_port_show_the_same_and_replace_each_other(stack):
    assert {name for name in stack.children() if name.startswith("web")} == WEB
    first = stack.children()["web-1"].pid
    with stack.socket_at("web-2") as at_2:
        with stack.socket_at("web-1") as at_1:
            job = stack.hand_in()
            assert follow(at_1, job) == follow(at_2, job)
        assert stack.get(f"/api/v1/jobs/{job}/")["state"] == "succeeded"

        os.kill(first, signal.SIGKILL)
        eventually(lambda: not psutil.pid_exists(first), seconds=PATIENCE_SECONDS)
        for _ in range(20):
            assert stack.get(f"/api/v1/jobs/{job}/")["state"] == "succeeded"
        assert follow(at_2, stack.hand_in())[1] == "succeeded"
        eventually(
            lambda: stack.children()["web-1"].pid not in (None, first), seconds=PATIENCE_SECONDS
        )
    assert stack.children()["web-1"].restarts == 1
    assert stack.children()["web-2"].restarts == 0


def test_a_stack_in_the_background_shows_the_sign_in_and_keeps_it_out_of_its_log(stack):
    password = read_demo_sign_in(stack.var).password
    assert f"Omnilens is ready: {stack.url}/" in stack.shown
    assert password in stack.shown
    log = log_path(stack.var)
    assert log.stat().st_mode & 0o077 == 0
    assert "gpu-worker" in log.read_text()
    assert password not in log.read_text()


SELF_TEST = """
import django; django.setup()
from django.conf import settings
from django.utils import timezone
from project.doctor.self_test import examine_services, examine_site
url, now = {url!r}, timezone.now()
for finding in (*examine_services(now=now), *examine_site(url, settings, now=now)):
    print(finding.level, finding.topic)
"""


def test_the_self_test_asks_every_service_and_opens_the_feed(stack):
    done = stack.command([sys.executable, "-c", SELF_TEST.format(url=stack.url)])
    assert sorted(done.stdout.split("\n")[:-1]) == [
        "ok broker", "ok children", "ok database", "ok feed", "ok site", "ok weights", "ok worker",
    ], done.stdout  # fmt: skip
