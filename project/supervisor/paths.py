"""Where the supervisor keeps sockets."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

MAX_SOCKET_PATH_BYTES = 100  # Linux allows 107 with the final zero; leave room for suffixes


def runtime_dir(var: Path) -> Path:
    """A short private directory for sockets of the deployment that lives in `var`.

    It is `var/run` unless that path is too long for a unix socket; then it lies under the
    user's runtime directory and is keyed by the full path of `var`.
    """
    natural = var / "run"
    if len(os.fsencode(natural / "redis.sock")) <= MAX_SOCKET_PATH_BYTES:
        return natural
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    key = hashlib.sha256(os.fsencode(var.resolve())).hexdigest()[:16]
    return base / f"omnilens-{os.getuid()}-{key}"


def redis_socket_path(var: Path) -> Path:
    """The socket of the embedded Redis."""
    return runtime_dir(var) / "redis.sock"
