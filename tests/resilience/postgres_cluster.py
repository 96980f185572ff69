"""A PostgreSQL cluster of one's own, in a temporary folder, that may be restarted at any time."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

BINARIES = Path("/usr/lib/postgresql")
HOW_TO_GET = "apt-get install postgresql (Debian), or name the folder of initdb in PATH"


class NoPostgres(RuntimeError):
    """PostgreSQL's programs are not on this machine."""


def find_binaries() -> Path:
    """The folder of `initdb` and `pg_ctl`, newest version first. Raises NoPostgres."""
    found = [path.parent for path in BINARIES.glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))])
    named = shutil.which("initdb")
    if named is None:
        raise NoPostgres(f"PostgreSQL is missing: {HOW_TO_GET}")
    return Path(named).resolve().parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgresCluster:
    """One database `postgres` on loopback, without a password. PostgreSQL refuses to run as
    root, so root hands the folder and the programs to the user `postgres`."""

    def __init__(self) -> None:
        self._bin = find_binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="omni-postgres-"))
        self._data = self._folder / "data"
        self._is_root = os.geteuid() == 0
        self.port = _free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def version(self) -> str:
        """As the server says it."""
        return self._run("postgres", "--version").strip()

    def start(self) -> None:
        """Create the cluster and wait until it answers. Safe against a killed server, not
        against a power cut: nothing is synced."""
        self._folder.chmod(0o755)
        self._data.mkdir(mode=0o700)
        if self._is_root:
            shutil.chown(self._data, "postgres", "postgres")
        self._run("initdb", "-D", self._data, "-U", "postgres", "--auth=trust", "--no-sync")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= "
        options += "-c fsync=off -c max_connections=200"
        self._pg_ctl("-w", "-l", self._data / "log", "-o", options, "start")

    def restart_at_once(self) -> None:
        """`-m immediate`: every session is cut as by a crash, and the log is replayed."""
        self._pg_ctl("-w", "-t", "120", "-m", "immediate", "-l", self._data / "log", "restart")

    def close(self) -> None:
        """Stop it and remove the folder."""
        try:
            self._pg_ctl("-w", "-m", "immediate", "stop")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def copy_from(self, url: str) -> None:
        """Schema and rows of another database."""
        dump = subprocess.run(
            [self._bin / "pg_dump", "--no-owner", url], check=True, capture_output=True
        ).stdout
        subprocess.run(
            [self._bin / "psql", "-q", "-v", "ON_ERROR_STOP=1", self.url],
            input=dump,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def _pg_ctl(self, *arguments: object) -> None:
        self._run("pg_ctl", "-D", self._data, *arguments)

    def _run(self, program: str, *arguments: object) -> str:
        command = [str(self._bin / program), *map(str, arguments)]
        if self._is_root:
            as_owner = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
            command = ["setpriv", *as_owner, *command]
        # A file and not a pipe: the server inherits it and would keep a pipe open for ever.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            output.seek(0)
            text = output.read().decode(errors="replace")
        if done.returncode:
            raise RuntimeError(f"{program} ended with {done.returncode}: {text}")
        return text
