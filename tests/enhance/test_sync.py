"""`sync=true`: the picture itself if it is ready in time, and no thread that waits for it."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application

from project.jobs.models import Job
from project.realtime.held_answer import HEADER, HeldAnswer
from tests.enhance.pictures import as_file, pixels

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 30.0


@pytest.fixture
def session(client, user):
    client.force_login(user)
    return client.cookies["sessionid"].value


def multipart(**fields):
    edge = "edge"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = 'Content-Disposition: form-data; name="file"; filename="a.png"\r\n'
    file = f"--{edge}\r\n{head}Content-Type: image/png\r\n\r\n".encode() + as_file(pixels(24, 18))
    body = b"".join([*parts, file, f"\r\n--{edge}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={edge}"


def ask(session, *, query=b"", sleep, gone=None, **fields):
    """`(status, headers, body)` of one POST through the whole application."""
    body, content_type = multipart(scale="2", **fields)
    cookie = f"sessionid={session}; csrftoken={'c' * 32}".encode()
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/api/v1/enhance", "raw_path": b"/api/v1/enhance", "query_string": query,
        "server": ("testserver", 80), "client": ("127.0.0.1", 1), "root_path": "",
        "headers": [
            (b"host", b"testserver"), (b"cookie", cookie), (b"x-csrftoken", b"c" * 32),
            (b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode()),
        ],
    }  # fmt: skip
    sent, told = [], [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        if told:
            return told.pop()
        await (gone or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    async def serve():
        application = HeldAnswer(get_asgi_application(), seconds=SECONDS, sleep=sleep)
        await application(scope, receive, send)

    asyncio.run(serve())
    if not sent:
        return None
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:])


@pytest.mark.parametrize("way", ["form", "query"])
def test_the_picture_is_the_answer_when_it_is_finished_in_time(session, run_job, way):
    async def work(seconds):
        await sync_to_async(run_job)()

    asked = {"query": b"sync=true"} if way == "query" else {"sync": "true"}
    status, headers, body = ask(session, sleep=work, cache="false", **asked)
    assert (status, headers["content-type"]) == (200, "image/png")
    assert headers["content-disposition"].startswith("attachment")
    assert body.startswith(b"\x89PNG")
    assert HEADER.lower() not in headers
    known = ask(session, sleep=work, **asked)
    assert (known[0], known[2]) == (200, body)


def test_what_takes_longer_is_answered_with_202_after_the_time(session):
    slept = []

    async def nothing(seconds):
        slept.append(seconds)

    status, headers, body = ask(session, sleep=nothing, sync="true")
    task = json.loads(body)
    assert (status, task["status"]) == (202, "queued")
    assert headers["location"] == f"/api/v1/status/{task['task_id']}"
    assert HEADER.lower() not in headers
    assert SECONDS <= sum(slept) < SECONDS + 1


def test_a_cancelled_task_and_a_request_without_sync_do_not_wait(session):
    async def cancel(seconds):
        await sync_to_async(_cancel_all)()

    assert ask(session, sleep=cancel, sync="true")[0] == 202

    async def never(seconds):
        raise AssertionError("nobody asked to wait")

    assert ask(session, sleep=never)[0] == 202


def test_a_client_that_leaves_is_not_waited_for(session):
    gone = asyncio.Event()

    async def leave(seconds):
        gone.set()
        await asyncio.Event().wait()

    assert ask(session, sleep=leave, gone=gone, sync="true") is None


def _cancel_all():
    from project.jobs.cancel import cancel_job

    for job in Job.objects.filter(state="queued"):
        cancel_job(job=job)
