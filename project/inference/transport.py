"""The ways out of this process: pip, https and the hub. Tests put their own in place."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import IO, Any, cast

from project.inference.errors import SourceUnavailable

PIP_TIMEOUT_SECONDS = 1800
HTTPS_TIMEOUT_SECONDS = 30


def run_pip(arguments: Sequence[str]) -> None:
    """Run the pip of this environment; SourceUnavailable with the end of its message on failure."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PIP_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise SourceUnavailable(f"pip did not end in {PIP_TIMEOUT_SECONDS} s") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "ERROR" in line] or ["no message"]
        raise SourceUnavailable(f"pip ended with {done.returncode}: {' '.join(lines[-3:])}")


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to https only."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not newurl.startswith("https://"):
            raise urllib.error.HTTPError(newurl, code, "redirect away from https", Message(), fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def open_https(url: str) -> AbstractContextManager[IO[bytes]]:
    """Open an https address for reading; SourceUnavailable when that fails."""
    if not url.startswith("https://"):
        raise SourceUnavailable(f"{url} is not an https address")
    try:
        opened = urllib.request.build_opener(_HttpsOnly).open(url, timeout=HTTPS_TIMEOUT_SECONDS)
    except OSError as error:
        raise SourceUnavailable(f"{url}: {error}") from error
    return cast("AbstractContextManager[IO[bytes]]", opened)


def download_snapshot(repository: str, revision: str, patterns: Sequence[str], into: Path) -> Path:
    """Fetch the named files of a hub repository at one commit into a folder.

    Raises SourceUnavailable when the hub, the repository or the package is out of reach.
    """
    try:
        import httpx2
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise SourceUnavailable("huggingface_hub is not installed") from error
    try:
        folder = snapshot_download(
            repo_id=repository, revision=revision, allow_patterns=list(patterns), local_dir=into
        )
    except (httpx2.HTTPError, OSError) as error:
        raise SourceUnavailable(f"hub repository {repository}: {error}") from error
    return Path(str(folder))


@dataclass(frozen=True, kw_only=True)
class Transport:
    """What sources may use; `downloads` keeps archives for the length of one pull."""

    downloads: Path
    run_pip: Callable[[Sequence[str]], None] = field(default=run_pip)
    open_https: Callable[[str], AbstractContextManager[IO[bytes]]] = field(default=open_https)
    download_snapshot: Callable[[str, str, Sequence[str], Path], Path] = field(
        default=download_snapshot
    )
