"""A Redis that may be killed: nothing of it is kept, so a kill is a wipe."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import redis

from tests.redis_binary import redis_executable
from tests.resilience.processes import wait_until


class RedisServer:
    """A redis-server on a socket of its own."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="omni-redis-")
        self.socket = Path(self._folder.name) / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.process = None

    def start(self):
        """Start empty."""
        arguments = ["--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        self.process = subprocess.Popen(
            [redis_executable(), *arguments, "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._answers)

    def kill(self):
        """SIGKILL; every message is gone."""
        self.process.kill()
        self.process.wait()

    def close(self):
        """Kill and remove the folder."""
        self.kill()
        self._folder.cleanup()

    def _answers(self):
        client = redis.Redis(unix_socket_path=str(self.socket))
        try:
            return client.ping()
        except redis.ConnectionError:
            return False
        finally:
            client.close()
