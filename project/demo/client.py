"""A small client of our own API, for the demo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3

from project.samples import SampleRequest

TIMEOUT_SECONDS = 60.0
UNAUTHORIZED = 401


class DemoFailed(Exception):
    """The API answered something else than was needed; the text is for the terminal."""


class ApiClient:
    """Signs in once and again when the access token has expired."""

    def __init__(self, url: str, *, username: str, password: str) -> None:
        self._url = url
        self._username = username
        self._password = password
        self._access = ""
        self._pool = urllib3.PoolManager(
            timeout=TIMEOUT_SECONDS, retries=urllib3.Retry(connect=0, read=0, redirect=3)
        )

    def sign_in(self) -> None:
        """Get an access token for the demo account."""
        body = {"username": self._username, "password": self._password}
        answer = self._request("POST", urljoin(self._url, "/api/v1/auth/login/"), json=body)
        self._access = str(_json(answer, "sign in")["access"])

    def submit(self, request: SampleRequest) -> str:
        """POST the sample; the id of its job."""
        if request.files:
            fields: dict[str, Any] = {name: _text(value) for name, value in request.fields.items()}
            for name, file in request.files.items():
                fields[name] = (file.name, file.content, file.content_type)
            answer = self._send("POST", request.path, fields=fields)
        else:
            answer = self._send("POST", request.path, json=dict(request.fields))
        return str(_json(answer, f"POST {request.path}")["job"])

    def get(self, path: str) -> Mapping[str, Any]:
        """GET a JSON object."""
        return _json(self._send("GET", path), f"GET {path}")

    def download(self, url: str) -> tuple[bytes, str]:
        """The content and its media type; the token is sent to our own host only."""
        answer = self._send("GET", url)
        if answer.status != 200:
            raise DemoFailed(f"the result answers {answer.status}")
        return answer.data, answer.headers.get("Content-Type", "").partition(";")[0]

    def _send(self, method: str, path: str, **content: Any) -> urllib3.BaseHTTPResponse:
        url = urljoin(self._url, path)
        if urlsplit(url).netloc != urlsplit(self._url).netloc:
            return self._request(method, url, **content)
        answer = self._authorized(method, url, content)
        if answer.status == UNAUTHORIZED:
            self.sign_in()
            answer = self._authorized(method, url, content)
        return answer

    def _authorized(
        self, method: str, url: str, content: Mapping[str, Any]
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {self._access}"}
        return self._request(method, url, headers=headers, **content)

    def _request(self, method: str, url: str, **content: Any) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(method, url, **content)
        except urllib3.exceptions.HTTPError as error:
            path = urlsplit(url).path  # the query may hold a signature
            raise DemoFailed(f"{method} {path}: {type(error).__name__}") from error


def _json(answer: urllib3.BaseHTTPResponse, what: str) -> dict[str, Any]:
    try:
        parsed = json.loads(answer.data)
    except ValueError:
        parsed = None
    if answer.status >= 400 or not isinstance(parsed, dict):
        detail = parsed.get("detail") if isinstance(parsed, dict) else ""
        raise DemoFailed(f"{what} answers {answer.status}. {detail or ''}".strip())
    return parsed


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)
