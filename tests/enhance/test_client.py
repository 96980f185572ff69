"""The Python client against a real server: streams, waits, saves, and says what went wrong."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from enhance import client as client_module
from enhance.client import NotFinished, Omnilens, OmnilensError, TaskEnded
from enhance.models import Enhancement
from tests.enhance.pictures import as_file, opened, pixels
from tests.realtime.tokens import api_token, jwt

live = pytest.mark.django_db(transaction=True)
SCOPES = ("jobs:read", "jobs:write", "images:read")


class Clock:
    """Seconds pass in `sleep` alone; each sleep runs `work` first."""

    def __init__(self, work=lambda: None):
        self.now, self.slept, self.work = 0.0, [], work

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds
        self.work()


class Scripted:
    """A server that gives its answers one after the other and keeps what it was sent."""

    def __init__(self):
        self.answers, self.requests = [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("Content-Length", 0))
                outer.requests.append(
                    (self.command, self.path, dict(self.headers), self.rfile.read(length))
                )
                status, headers, content = outer.answers.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def add(self, status, body=None, **headers):
        content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, {"Content-Length": str(len(content))} | named, content))


@pytest.fixture
def scripted():
    server = Scripted()
    yield server
    server.server.shutdown()
    server.server.server_close()
    server.thread.join()


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(as_file(pixels(12, 10)))
    return path


@pytest.fixture
def connect(live_server, user, run_job):
    """A client of the running server; a worker takes one job whenever the client waits."""

    def make(*, token=None, work=run_job):
        clock = Clock(work)
        return Omnilens(
            live_server.url,
            token or api_token(user, *SCOPES).removeprefix("Token "),
            sleep=clock.sleep,
            clock=clock,
        )

    return make


def test_the_client_is_one_file_that_needs_nothing_of_ours():
    code = "import runpy, sys; runpy.run_path(sys.argv[1]); print('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, client_module.__file__],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "False\n"


@live
@pytest.mark.parametrize("kind", ["api token", "access token"])
def test_a_photo_is_handed_in_awaited_and_saved(connect, photo, tmp_path, user, kind):
    token = None if kind == "api token" else jwt(user).removeprefix("Bearer ")
    target = tmp_path / "large.png"
    assert connect(token=token).enhance(photo, target, scale=3, quality_level="fast") == target
    assert opened(target.read_bytes()).size == (36, 30)
    assert sorted(path.name for path in tmp_path.glob("*.p*")) == ["large.png", "photo.png"]


@live
def test_options_reach_the_server_and_a_folder_takes_its_name(connect, photo, tmp_path):
    client = connect()
    task = client.submit(photo, scale=1.5, output_format="jpg", keep_metadata=False)
    done = client.wait(task)
    assert (done["options"]["scale"], done["options"]["keep_metadata"]) == (1.5, False)
    assert client.download(done, tmp_path).name == done["result"]["name"] == "photo-x1.5.jpg"


@live
def test_each_of_many_files_arrives_as_soon_as_it_is_done_and_a_bad_one_is_told(
    connect, photo, tmp_path, run_job
):
    bad, second = tmp_path / "bad.png", tmp_path / 'a "second".png'
    bad.write_bytes(b"no picture")
    second.write_bytes(as_file(pixels(9, 7)))
    client, out = connect(), tmp_path / "out"
    out.mkdir()
    results = client.enhance_many([photo, bad, second], out, quality_level="fast", scale=2)
    first = next(results)
    assert (first.source, first.error.code) == (bad, "unsupported_format")
    rest = list(results)
    assert [done.source for done in rest] == [photo, second]
    assert [opened(done.path.read_bytes()).size for done in rest] == [(24, 20), (18, 14)]


@live
def test_the_first_result_does_not_wait_for_the_last_upload(connect, photo, tmp_path, run_job):
    def files():
        yield photo
        run_job()
        yield photo
        raise AssertionError("the first result came after the last upload")

    done = next(iter(connect().enhance_many(files(), tmp_path, quality_level="fast")))
    assert done.path is not None


@live
def test_a_task_that_was_cancelled_is_an_exception_with_its_code(connect, photo):
    client = connect()
    task = client.submit(photo)
    client.cancel(task)
    with pytest.raises(TaskEnded) as caught:
        client.wait(task)
    assert caught.value.code == "cancelled"
    client.delete(task)
    assert not Enhancement.objects.exists()
    with pytest.raises(OmnilensError) as caught:
        client.status(task)
    assert (caught.value.status, caught.value.code) == (404, "not_found")


@live
def test_patience_ends_and_the_task_goes_on(connect, photo):
    client = connect(work=lambda: None)
    task = client.submit(photo)
    with pytest.raises(NotFinished):
        client.wait(task, patience=20)
    assert client.status(task)["status"] == "queued"


@live
def test_a_wrong_token_is_told_by_its_code(connect, photo):
    with pytest.raises(OmnilensError) as caught:
        connect(token="omni_nobody").submit(photo)
    assert caught.value.status == 401


def test_a_busy_server_is_asked_again_when_it_says_with_the_same_key_and_file(scripted, photo):
    scripted.add(503, {"code": "unavailable", "detail": "later"}, Retry_After="7")
    scripted.add(202, {"task_id": "t"})
    clock = Clock()
    client = Omnilens(scripted.url, "omni_x", sleep=clock.sleep, clock=clock)
    assert client.submit(photo)["task_id"] == "t"
    first, second = scripted.requests
    assert clock.slept == [7.0]
    assert first[2]["Idempotency-Key"] == second[2]["Idempotency-Key"]
    assert first[3] == second[3]
    assert photo.read_bytes() in first[3]


def test_nobody_sleeps_for_an_hour_because_a_quota_is_used_up(scripted, photo):
    scripted.add(429, {"code": "device_quota", "detail": "tomorrow"}, Retry_After="3600")
    clock = Clock()
    with pytest.raises(OmnilensError) as caught:
        Omnilens(scripted.url, "omni_x", sleep=clock.sleep, clock=clock).submit(photo)
    assert (caught.value.code, clock.slept) == ("device_quota", [])


def test_an_answer_that_breaks_off_or_is_no_json_is_one_of_the_two_errors(scripted):
    client = Omnilens(scripted.url, "omni_x")
    scripted.add(200, b'{"task_id', Content_Length="80")
    with pytest.raises(OSError, match="IncompleteRead"):
        client.status("t")
    scripted.add(200, b"<h1>Sign in</h1>")
    with pytest.raises(OmnilensError) as caught:
        client.status("t")
    assert (caught.value.status, caught.value.code) == (200, "answer_invalid")


def test_questions_come_less_and_less_often(scripted):
    for _ in range(9):
        scripted.add(200, {"task_id": "t", "status": "queued"})
    scripted.add(200, {"task_id": "t", "status": "completed"})
    clock = Clock()
    Omnilens(scripted.url, "omni_x", sleep=clock.sleep, clock=clock).wait("t")
    assert clock.slept == sorted(clock.slept)
    assert (clock.slept[0], clock.slept[-1]) == (0.5, 5.0)


def test_the_token_stays_in_its_header_and_with_its_server(scripted, tmp_path):
    store = Scripted()
    try:
        scripted.add(302, Location=f"{store.url}/file?signature=s")
        store.add(200, b"picture")
        target = tmp_path / "result.png"
        Omnilens(scripted.url, "omni_secret").download("t", target)
        assert target.read_bytes() == b"picture"
        [(_, path, headers, _body)], [(_, _path, elsewhere, _)] = scripted.requests, store.requests
        assert headers["Authorization"] == "Token omni_secret"
        assert "omni_secret" not in path
        assert "Authorization" not in elsewhere
    finally:
        store.server.shutdown()
        store.server.server_close()


def test_nothing_is_left_of_a_download_that_broke_off(scripted, tmp_path):
    scripted.add(200, b"half", Content_Length="8")
    with pytest.raises(OSError, match="4 bytes of the result are missing"):
        Omnilens(scripted.url, "omni_x").download("t", tmp_path / "r.png")
    assert list(tmp_path.iterdir()) == []


def test_a_page_of_a_proxy_is_an_error_too(scripted):
    scripted.add(413, b"<h1>Too large</h1>")
    with pytest.raises(OmnilensError) as caught:
        Omnilens(scripted.url, "omni_x").status("t")
    assert (caught.value.status, caught.value.code) == (413, "http_413")


def test_only_web_addresses_are_taken():
    with pytest.raises(ValueError, match="no http"):
        Omnilens("ftp://host", "omni_x")


def test_the_upload_is_read_piece_by_piece(scripted, tmp_path, monkeypatch):
    path = tmp_path / "large.png"
    path.write_bytes(b"x" * 300_000)
    pieces = []
    real = Path.open

    class Watched:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def read(self, size):
            pieces.append(size)
            return self.file.read(size)

    monkeypatch.setattr(Path, "open", lambda self, mode: Watched(real(self, mode)))
    scripted.add(202, {"task_id": "t"})
    Omnilens(scripted.url, "omni_x").submit(path)
    assert set(pieces) == {client_module.CHUNK_BYTES}
    assert scripted.requests[0][3].count(b"x" * 1000) == 300
