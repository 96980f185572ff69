"""A process beyond its bounds is replaced in good order, one at a time, and loses no request."""

import dataclasses
import http.client
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from project.supervisor.listening import listen
from project.supervisor.output import LineWriter
from project.supervisor.processes import Bounds, ProcessSpec, web_specs
from project.supervisor.supervisor import Supervisor
from tests.supervisor.conftest import eventually

# Says that it is ready when its first file exists, and leaves when asked and the second does. One
# that is late, because a successor was started meanwhile, finds nobody listening.
CHILD = """
import os, pathlib, signal, sys, time
def leave(*_):
    print("asked", flush=True)
    while not pathlib.Path(sys.argv[2]).exists():
        time.sleep(0.01)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
told = os.environ.get("_OMNILENS_READY_FD")
print("up", flush=True)
while True:
    if told and pathlib.Path(sys.argv[1]).exists():
        try:
            os.write(int(told), b"1")
        except BrokenPipeError:
            pass
        told = None
    time.sleep(0.01)
"""


@pytest.fixture
def memory():
    """What each process holds, by pid; 1 MB unless a test says otherwise."""
    return {}


@pytest.fixture
def supervisor(tmp_path, screen, clock, memory):
    lines = LineWriter(screen, as_json=False, colour=False)
    made = Supervisor(
        folder=tmp_path, lines=lines, clock=clock, memory_of=lambda pid: memory.get(pid, 10**6)
    )
    yield made
    clock.now += 1000
    made.stop()


@pytest.fixture
def child(tmp_path):
    """A spec of a child; with `overlaps` it is ready once `tmp_path/ready` exists, with `lingers`
    it leaves once `tmp_path/leave` does."""

    def spec(name, *, overlaps=False, lingers=False, **bounds):
        leave = tmp_path / "leave" if lingers else tmp_path
        argv = (sys.executable, "-I", "-S", "-c", CHILD, str(tmp_path / "ready"), str(leave))
        return ProcessSpec(
            name=name, argv=argv, stop_rank=0, overlaps=overlaps, bounds=Bounds(**bounds)
        )

    return spec


def pids(supervisor):
    return {child.name: child.pid for child in supervisor.children()}


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def has_died(pid):
    """Whether this child has, also when its end was noted already (its Popen object is gone)."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def look(supervisor, clock, times=1):
    for _look in range(times):
        clock.now += 10
        supervisor.tick()


def test_a_process_is_replaced_when_its_memory_stays_too_large(
    supervisor, clock, screen, memory, child
):
    supervisor.start(child("gpu-worker", memory_bytes=5 * 10**6))
    eventually(lambda: "| up" in screen.getvalue())
    old = pids(supervisor)["gpu-worker"]
    memory[old] = 6 * 10**6
    look(supervisor, clock, 2)
    memory[old] = 10**6  # a large picture, and it is gone again
    look(supervisor, clock)
    memory[old] = 6 * 10**6
    look(supervisor, clock, 2)
    assert pids(supervisor)["gpu-worker"] == old
    look(supervisor, clock)
    assert "gpu-worker holds 6 MB; a successor takes over" in screen.getvalue()
    eventually(lambda: supervisor.tick() or pids(supervisor)["gpu-worker"] not in (None, old))
    assert not is_alive(old)
    assert supervisor.children()[0].restarts == 0  # it did not die


def test_old_processes_are_replaced_one_at_a_time(supervisor, clock, screen, child):
    for name in ("a", "b"):
        supervisor.start(child(name, age_seconds=30))
    eventually(lambda: screen.getvalue().count("| up\n") == 2)
    before = pids(supervisor)
    look(supervisor, clock, 3)
    eventually(lambda: supervisor.tick() or pids(supervisor)["a"] not in (None, before["a"]))
    assert pids(supervisor)["b"] == before["b"]
    clock.now += 60
    supervisor.tick()
    eventually(lambda: supervisor.tick() or pids(supervisor)["b"] not in (None, before["b"]))


def test_a_successor_is_ready_before_the_old_process_is_told(
    supervisor, clock, screen, tmp_path, child
):
    supervisor.start(child("web", overlaps=True, age_seconds=30))
    eventually(lambda: screen.getvalue().count("| up\n") == 1)
    old = pids(supervisor)["web"]
    look(supervisor, clock, 3)
    eventually(lambda: screen.getvalue().count("| up\n") == 2)
    supervisor.tick()
    assert is_alive(old)
    (tmp_path / "ready").touch()
    eventually(lambda: supervisor.tick() or not is_alive(old))
    assert pids(supervisor)["web"] != old


def test_a_successor_that_does_not_get_ready_changes_nothing(supervisor, clock, screen, child):
    supervisor.start(child("web", overlaps=True, age_seconds=30))
    eventually(lambda: screen.getvalue().count("| up\n") == 1)
    old = pids(supervisor)["web"]
    look(supervisor, clock, 3)
    successor = pids(supervisor)["web"]
    assert successor != old
    clock.now += 61
    supervisor.tick()
    assert pids(supervisor)["web"] == old
    assert "the successor of web does not get ready" in screen.getvalue()
    eventually(lambda: has_died(successor))


def test_a_successor_that_dies_is_replaced_while_the_old_process_still_leaves(
    supervisor, clock, screen, tmp_path, child
):
    (tmp_path / "ready").touch()
    supervisor.start(child("web", overlaps=True, lingers=True, age_seconds=30))
    try:
        eventually(lambda: screen.getvalue().count("| up\n") == 1)
        old = pids(supervisor)["web"]
        look(supervisor, clock, 3)
        eventually(lambda: supervisor.tick() or "| asked\n" in screen.getvalue())
        successor = pids(supervisor)["web"]
        os.kill(successor, signal.SIGKILL)
        eventually(lambda: supervisor.tick() or pids(supervisor)["web"] is None)
        clock.now += 0.3  # the first back-off; the old process has ten seconds
        supervisor.tick()
        third = pids(supervisor)["web"]
        assert third not in (None, old, successor)
        assert is_alive(old)
    finally:
        (tmp_path / "leave").touch()
    eventually(lambda: supervisor.tick() or not is_alive(old))
    assert pids(supervisor)["web"] == third


def test_without_bounds_nothing_is_replaced(supervisor, clock, screen, memory, child):
    supervisor.start(child("web"))
    old = pids(supervisor)["web"]
    memory[old] = 10**12
    clock.now += 10**6
    look(supervisor, clock, 5)
    assert pids(supervisor)["web"] == old


def test_a_recycled_web_process_drops_no_request(supervisor, clock, tmp_path, monkeypatch):
    monkeypatch.setenv("_OMNILENS_TEST_ROOT", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))
    (tmp_path / "gate").touch()  # /slow answers at once
    with listen("127.0.0.1", 0) as listener:
        [spec] = web_specs(
            count=1, descriptor=listener.fileno(), is_ipv6=False, bounds=Bounds(age_seconds=30)
        )
        argv = (*spec.argv[:-1], "tests.server.application:application")
        supervisor.start(dataclasses.replace(spec, argv=argv))
        old, port = pids(supervisor)["web"], listener.getsockname()[1]
        bodies, over = [], threading.Event()

        def ask():
            while not over.is_set():
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
                connection.request("GET", "/slow")
                bodies.append(connection.getresponse().read())
                connection.close()

        clients = [threading.Thread(target=ask) for _ in range(3)]
        for client in clients:
            client.start()
        eventually(lambda: len(bodies) > 20, seconds=120)
        look(supervisor, clock, 3)
        eventually(lambda: supervisor.tick() or not is_alive(old), seconds=120)
        after = len(bodies)
        eventually(lambda: len(bodies) > after + 20, seconds=120)
        over.set()
        for client in clients:
            client.join(120)
        assert not any(client.is_alive() for client in clients)
    assert pids(supervisor)["web"] != old
    assert set(bodies) == {b"late but here"}
