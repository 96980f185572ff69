"""Several machines on one: each process has a data folder of its own, and shares with the others
what a deployment shares: PostgreSQL, Redis, S3 and the signing key."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from django.conf import settings
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from moto.server import ThreadedMotoServer
from websockets.sync.client import ClientConnection, connect

from project.jobs.models import Worker
from tests.realtime.server import database_url
from tests.resilience.processes import ROOT, wait_until, worker

BUCKET = "omnilens-shared"
REGION = "eu-central-1"
KEYS = {"access": "access", "secret": "secret"}
THREADS = 3
PATIENCE_SECONDS = 240


@dataclass(frozen=True)
class Bucket:
    """A bucket behind a real S3 API on loopback, read without any code of the product."""

    endpoint: str

    def client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name=REGION,
            aws_access_key_id=KEYS["access"], aws_secret_access_key=KEYS["secret"],
        )  # fmt: skip

    def keys(self, prefix: str) -> set[str]:
        found = self.client().list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return {item["Key"] for item in found.get("Contents", ())}

    def read(self, key: str) -> bytes:
        body: bytes = self.client().get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return body

    def empty(self) -> None:
        for key in self.keys(""):
            self.client().delete_object(Bucket=BUCKET, Key=key)


@dataclass(frozen=True)
class Web:
    """One web process."""

    port: int
    process: Any

    def request(
        self, method: str, path: str, *, bearer: str, form: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; a redirect is not followed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        headers = {"Authorization": bearer, "Host": f"localhost:{self.port}"}
        body = None
        if form is not None:
            headers["Content-Type"] = MULTIPART_CONTENT
            body = encode_multipart(BOUNDARY, form)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()
        finally:
            connection.close()

    def json(self, method: str, path: str, **more: Any) -> Any:
        status, _headers, body = self.request(method, path, **more)
        assert status < 300, (status, body)
        return json.loads(body)

    def open_socket(self, session: str) -> ClientConnection:
        """The feed of a signed-in page."""
        return connect(
            f"ws://localhost:{self.port}/ws/v1/feed/",
            subprotocols=["jobs.v1"],  # type: ignore[list-item]
            origin=f"http://localhost:{self.port}",  # type: ignore[arg-type]
            additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"},
            open_timeout=PATIENCE_SECONDS,
            ping_interval=None,
        )


@dataclass
class Fleet:
    """Three workers and two web processes."""

    folder: Path
    bucket: Bucket
    workers: list[Any] = field(default_factory=list)
    webs: list[Web] = field(default_factory=list)

    def worker_called(self, name: str) -> Any:
        """The process that calls itself `name` (host, pid and more, with colons between)."""
        [found] = [one for one in self.workers if str(one.pid) in name.split(":")]
        return found


@contextmanager
def fleet(folder: Path) -> Iterator[Fleet]:
    """Start everything, wait until it answers, kill it at the end."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    bucket = Bucket(f"http://{host}:{port}")
    bucket.client().create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    made = Fleet(folder=folder, bucket=bucket)
    with ExitStack() as stack:
        stack.callback(server.stop)
        for number in range(3):
            made.workers.append(
                stack.enter_context(
                    worker(
                        threads=THREADS,
                        **_environment(folder / f"worker-{number}", bucket),
                        OMNILENS_JOB_LEASE="30s",
                    )
                )
            )
        for name in ("web-a", "web-b"):
            made.webs.append(stack.enter_context(_web(folder / name, bucket)))
        for web in made.webs:
            wait_until(lambda web=web: _answers(web), process=web.process, seconds=PATIENCE_SECONDS)
        wait_until(
            lambda: Worker.objects.filter(ready=True).count() == len(made.workers),
            process=made.workers[0],
            seconds=PATIENCE_SECONDS,
        )
        yield made


def _environment(machine: Path, bucket: Bucket) -> dict[str, str]:
    machine.mkdir()
    return {
        "_OMNILENS_TEST_ROOT": str(machine),  # OMNILENS_VAR lies in it (project/settings/test.py)
        "OMNILENS_DATABASE_URL": database_url(),
        "OMNILENS_REDIS_URL": settings.REDIS_URL,
        "OMNILENS_SECRET_KEY": settings.SECRET_KEY,
        "OMNILENS_S3_BUCKET": BUCKET,
        "OMNILENS_S3_ENDPOINT": bucket.endpoint,
        "OMNILENS_S3_REGION": REGION,
        "OMNILENS_S3_ACCESS_KEY": KEYS["access"],
        "OMNILENS_S3_SECRET_KEY": KEYS["secret"],
    }


@contextmanager
def _web(machine: Path, bucket: Bucket) -> Iterator[Web]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    log = machine.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "project.web_server", "-v", "0"),
                *("-e", f"fd:fileno={listener.fileno()}", "project.asgi:application"),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                **_environment(machine, bucket),
                "DJANGO_SETTINGS_MODULE": "tests.resilience.web_settings",
            },
            pass_fds=[listener.fileno()],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    process.log = log  # type: ignore[attr-defined]  # wait_until shows it
    try:
        yield Web(port=listener.getsockname()[1], process=process)
    finally:
        process.kill()
        process.wait()
        listener.close()


def _answers(web: Web) -> bool:
    assert web.process.poll() is None, web.process.log.read_text()
    try:
        status, _headers, _body = web.request("GET", "/healthz", bearer="")
    except (OSError, http.client.HTTPException):
        return False
    return status == http.HTTPStatus.OK
