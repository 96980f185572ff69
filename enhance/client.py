"""A client of the Enhance API: this one file and Python 3.11, nothing to install.

    client = Omnilens("https://photos.example.org", token="omni_...")
    client.enhance("old.jpg", "new.jpg", scale=2)
    for done in client.enhance_many(Path("album").iterdir(), "enlarged"):
        print(done.source, done.path or done.error)

Uploads and downloads stream; the token travels in a header and to this server alone.
`docs/clients/python.md` explains it, `manage.py enhance --remote` uses it.
"""

from __future__ import annotations

import http
import http.client
import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urljoin, urlsplit

TIMEOUT_SECONDS = 60.0
PATIENCE_SECONDS = 3600.0
FIRST_POLL_SECONDS, LAST_POLL_SECONDS, POLL_GROWTH = 0.5, 5.0, 1.5
ATTEMPTS = 4
LONGEST_WAIT_SECONDS = 120.0
CHUNK_BYTES = 64 * 1024
MAX_REDIRECTS = 3
AGAIN = frozenset({429, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
ENDED = frozenset({"completed", "failed", "cancelled"})

Task = dict[str, Any]
OnProgress = Callable[[Path, Task], object]
Answered = tuple[http.client.HTTPConnection, http.client.HTTPResponse]


class OmnilensError(Exception):
    """A refusal. `status` is that of HTTP (0 without an answer), `code` is stable, `detail` is for people."""

    def __init__(self, *, status: int, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail


class TaskEnded(OmnilensError):
    """The task failed or was cancelled; `code` says why."""


class NotFinished(OmnilensError):
    """The task was still at work when the patience ended; it goes on."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """One file of `enhance_many`: `path` of the result, or the `error`."""

    source: Path
    path: Path | None = None
    task: Task | None = None
    error: OmnilensError | OSError | None = None


class Omnilens:
    """One server and one token: `omni_...` of the account page, or the access token of a sign-in.

    `sleep` and `clock` are in seconds. Every method raises OmnilensError and OSError.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = TIMEOUT_SECONDS,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"{url} is no http or https address")
        self._url = url.rstrip("/") + "/"
        self._token = f"{'Token' if token.startswith('omni_') else 'Bearer'} {token}"
        self._timeout = timeout
        self._sleep = sleep
        self._clock = clock

    def enhance(self, source: str | Path, target: str | Path, **options: Any) -> Path:
        """Enlarge one file and save the result as `target` (a folder takes the server's name)."""
        return self.download(self.wait(self.submit(source, **options)), target)

    def enhance_many(
        self,
        sources: Iterable[str | Path],
        folder: str | Path,
        *,
        patience: float = PATIENCE_SECONDS,
        on_progress: OnProgress | None = None,
        **options: Any,
    ) -> Iterator[Done]:
        """Send file after file and give each result as soon as it is there: the first may come
        while the last is still being sent. A bad file is one `Done` with an `error`."""
        waiting: dict[str, Path] = {}
        taken: set[Path] = set()
        for source in map(Path, sources):
            try:
                waiting[self.submit(source, **options)["task_id"]] = source
            except (OmnilensError, OSError) as error:
                yield Done(source=source, error=error)
            yield from self._collect(waiting, Path(folder), taken, on_progress)
        for pause in self._pauses(patience):
            yield from self._collect(waiting, Path(folder), taken, on_progress)
            if not waiting:
                return
            self._sleep(pause)
        for task_id, source in waiting.items():
            yield Done(source=source, error=_not_finished(task_id))

    def submit(self, source: str | Path, *, key: str | None = None, **options: Any) -> Task:
        """Hand one file in; the task with its plan.

        `options` are the fields of the API. The same `key` gives the same task, so that a request
        whose answer was lost is safely sent again.
        """
        path, boundary = Path(source), secrets.token_hex(16)
        head, tail = _form_parts(path.name, options, boundary)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Idempotency-Key": key or secrets.token_hex(16),
        }

        def body() -> Iterator[bytes]:
            with path.open("rb") as file:
                yield head
                while chunk := file.read(CHUNK_BYTES):
                    yield chunk
                yield tail

        headers["Content-Length"] = str(len(head) + path.stat().st_size + len(tail))
        return self._json("POST", "api/v1/enhance", headers=headers, body=body)

    def status(self, task: str | Mapping[str, Any]) -> Task:
        """The task as it is now."""
        return self._json("GET", f"api/v1/status/{_id(task)}")

    def wait(
        self,
        task: str | Mapping[str, Any],
        *,
        patience: float = PATIENCE_SECONDS,
        on_progress: Callable[[Task], object] | None = None,
    ) -> Task:
        """Ask until the task is completed, less and less often; raises TaskEnded, NotFinished."""
        for pause in self._pauses(patience):
            found = self.status(task)
            if on_progress:
                on_progress(found)
            if found["status"] in ENDED:
                return _completed(found)
            self._sleep(pause)
        raise _not_finished(_id(task))

    def download(self, task: str | Mapping[str, Any], target: str | Path) -> Path:
        """Save the result of a completed task; nothing is left of a download that broke off."""
        path = Path(target)
        if path.is_dir():
            found = task if isinstance(task, Mapping) and task.get("result") else self.status(task)
            path /= _result_name(found)
        partial = path.with_name(f"{path.name}.part")
        try:
            with (
                self._open("GET", f"api/v1/download/{_id(task)}") as answer,
                partial.open("wb") as file,
            ):
                shutil.copyfileobj(answer, file, CHUNK_BYTES)
                # http.client ends a body that was cut off like a whole one.
                if answer.length:
                    raise ConnectionError(f"{answer.length} bytes of the result are missing")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return path

    def cancel(self, task: str | Mapping[str, Any]) -> Task:
        """Stop the task; it ends after its present tile."""
        return self._json("POST", f"api/v1/tasks/{_id(task)}/cancel")

    def delete(self, task: str | Mapping[str, Any]) -> None:
        """Remove the task with its files."""
        with self._open("DELETE", f"api/v1/tasks/{_id(task)}"):
            pass

    def _collect(
        self,
        waiting: dict[str, Path],
        folder: Path,
        taken: set[Path],
        on_progress: OnProgress | None,
    ) -> Iterator[Done]:
        """The results that are there by now, taken out of `waiting`."""
        for task_id, source in list(waiting.items()):
            try:
                task = self.status(task_id)
                if on_progress:
                    on_progress(source, task)
                if task["status"] not in ENDED:
                    continue
                target = unused_path(folder / _result_name(task), taken)
                done = Done(source=source, path=self.download(task, target), task=task)
            except (OmnilensError, OSError) as error:
                done = Done(source=source, error=error)
            del waiting[task_id]
            yield done

    def _pauses(self, patience: float) -> Iterator[float]:
        """Seconds to wait before the next question, growing, until the patience ends."""
        give_up, pause = self._clock() + patience, FIRST_POLL_SECONDS
        while self._clock() < give_up:
            yield pause
            pause = min(pause * POLL_GROWTH, LAST_POLL_SECONDS)

    def _json(self, method: str, path: str, **request: Any) -> Task:
        with self._open(method, path, **request) as answer:
            try:
                parsed: Task = json.load(answer)
            except ValueError as error:  # such as a sign-in page of a proxy
                raise OmnilensError(
                    status=answer.status, code="answer_invalid", detail="the answer is not JSON"
                ) from error
        return parsed

    @contextmanager
    def _open(self, method: str, path: str, **request: Any) -> Iterator[http.client.HTTPResponse]:
        """The answer to a request, which is sent again while the server is busy or away."""
        connection, answer = self._persist(method, urljoin(self._url, path), **request)
        try:
            yield answer
        except http.client.HTTPException as error:  # no OSError, unlike other broken connections
            raise ConnectionError(f"{type(error).__name__} from {self._url}") from error
        finally:
            connection.close()

    def _persist(self, method: str, url: str, **request: Any) -> Answered:
        for attempt in range(1, ATTEMPTS + 1):
            pause = FIRST_POLL_SECONDS * 2**attempt
            try:
                connection, answer = self._follow(method, url, **request)
            except (ConnectionError, http.client.HTTPException) as error:
                if attempt == ATTEMPTS:
                    raise ConnectionError(f"{type(error).__name__} from {self._url}") from error
            else:
                if answer.status < http.HTTPStatus.MULTIPLE_CHOICES:
                    return connection, answer
                refusal, pause = _refusal(answer), _retry_after(answer, pause)
                connection.close()
                is_hopeless = refusal.status not in AGAIN or pause > LONGEST_WAIT_SECONDS
                if is_hopeless or attempt == ATTEMPTS:
                    raise refusal
            self._sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _follow(self, method: str, url: str, **request: Any) -> Answered:
        """A result may lie in a store elsewhere: a GET goes there, without the token."""
        for _ in range(MAX_REDIRECTS + 1):
            connection, answer = self._send(method, url, **request)
            if method != "GET" or answer.status not in REDIRECTS:
                return connection, answer
            connection.close()
            url = urljoin(url, answer.headers["Location"])
        raise OmnilensError(status=0, code="redirects", detail=f"{method} leads nowhere")

    def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Callable[[], Iterator[bytes]] | None = None,
    ) -> Answered:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = make(parts.hostname or "", parts.port, timeout=self._timeout)
        sent = {"Accept": "application/json, */*", **(headers or {})}
        if (parts.scheme, parts.netloc) == urlsplit(self._url)[:2]:
            sent["Authorization"] = self._token
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            # A file that is refused before all of it was sent: the answer says why.
            with suppress(BrokenPipeError):
                connection.request(method, target, body=body() if body else None, headers=sent)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise


def unused_path(path: Path, taken: set[Path]) -> Path:
    """`path`, with a number behind its stem if this call has written it already; notes it."""
    free, number = path, 1
    while free in taken:
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    taken.add(free)
    return free


def _result_name(task: Mapping[str, Any]) -> str:
    """The last part of the server's name: it never leads out of the folder."""
    return PurePosixPath(_completed(task)["result"]["name"]).name


def _id(task: str | Mapping[str, Any]) -> str:
    return task if isinstance(task, str) else str(task["task_id"])


def _form_parts(name: str, options: Mapping[str, object], boundary: str) -> tuple[bytes, bytes]:
    """What goes before and behind the bytes of the file in a multipart form."""
    lines = []
    for field, value in options.items():
        text = json.dumps(value) if isinstance(value, bool) else str(value)
        lines.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{text}\r\n'
        )
    quoted = name.replace("\\", "_").replace('"', "%22").replace("\r", "").replace("\n", "")
    lines.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join(lines).encode(), f"\r\n--{boundary}--\r\n".encode()


def _completed(task: Mapping[str, Any]) -> Task:
    if task["status"] == "completed":
        return dict(task)
    error = task.get("error") or {"code": task["status"], "detail": task.get("message", "")}
    raise TaskEnded(status=200, code=error["code"], detail=error["detail"])


def _not_finished(task_id: str) -> NotFinished:
    return NotFinished(status=0, code="not_finished", detail=f"task {task_id} is still at work")


def _refusal(answer: http.client.HTTPResponse) -> OmnilensError:
    """The problem document of the server, or the plain status of whatever stands before it."""
    try:
        problem = json.loads(answer.read(CHUNK_BYTES))
        code, detail = str(problem["code"]), str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        code, detail = f"http_{answer.status}", str(answer.reason)
    return OmnilensError(status=answer.status, code=code, detail=detail)


def _retry_after(answer: http.client.HTTPResponse, otherwise: float) -> float:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else otherwise
