"""A Redis that may be killed, with what it held or without."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import redis

from tests.redis_binary import redis_executable
from tests.resilience.processes import wait_until


class RedisServer:
    """A redis-server on a socket of its own. With `keeps_data` it writes an append-only file,
    which the next start reads; otherwise a kill is a wipe."""

    def __init__(self, *, keeps_data=False):
        self._folder = tempfile.TemporaryDirectory(prefix="omni-redis-")
        self._log = Path(self._folder.name) / "append-only"
        self._appends = "yes" if keeps_data else "no"
        self.socket = Path(self._folder.name) / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.process = None

    def start(self):
        """Start with what the last kill left, and wait until it answers."""
        self._log.mkdir(exist_ok=True)
        arguments = ["--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        arguments += ["--dir", str(self._log), "--appendonly", self._appends]
        self.process = subprocess.Popen([redis_executable(), *arguments], stdout=subprocess.DEVNULL)
        wait_until(self._answers)

    def kill(self):
        """SIGKILL; what was acknowledged is in the append-only file, if there is one."""
        self.process.kill()
        self.process.wait()

    def wipe(self):
        """Lose the append-only file of a killed server."""
        shutil.rmtree(self._log)

    def close(self):
        """Kill and remove the folder."""
        self.kill()
        self._folder.cleanup()

    def _answers(self):
        client = redis.Redis(unix_socket_path=str(self.socket))
        try:
            return client.ping()
        except redis.RedisError:  # not there yet, or still reading its file
            return False
        finally:
            client.close()
