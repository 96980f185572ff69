"""One stack per data directory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from project.supervisor import lock, state
from project.supervisor.identity import ProcessIdentity
from project.supervisor.lock import AlreadyRunning, StackLock

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys
from pathlib import Path
from project.supervisor.lock import StackLock
StackLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_stack(tmp_path):
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_up_refuses_a_second_start(tmp_path, other_stack):
    with pytest.raises(AlreadyRunning) as refusal:
        StackLock(tmp_path).acquire()
    assert refusal.value.holder.pid == other_stack.pid
    assert lock.holder(tmp_path).pid == other_stack.pid


def test_a_stale_lock_is_taken_over(tmp_path, other_stack):
    other_stack.kill()
    other_stack.wait()
    assert lock.holder(tmp_path) is None
    mine = StackLock(tmp_path)
    assert mine.acquire().pid == other_stack.pid
    assert lock.holder(tmp_path).pid == os.getpid()
    mine.release()


def test_a_lock_of_a_reused_pid_is_stale(tmp_path):
    me = ProcessIdentity.of(os.getpid())
    (tmp_path / "up.lock").write_text(json.dumps({"pid": me.pid, "started": me.started - 3600}))
    assert lock.holder(tmp_path) is None
    mine = StackLock(tmp_path)
    assert mine.acquire().started == me.started - 3600
    mine.release()


def test_a_clean_stop_leaves_no_holder(tmp_path):
    mine = StackLock(tmp_path)
    assert mine.acquire() is None
    mine.release()
    again = StackLock(tmp_path)
    assert again.acquire() is None
    again.release()
    assert lock.holder(tmp_path) is None


def stack(identity, **child):
    return state.StackState(
        pid=identity.pid, started=identity.started, url="http://127.0.0.1:8000", ready=True,
        children=[
            state.ChildState(name="web", pid=5, state="running", restarts=0),
            state.ChildState(name="gpu-worker", pid=None, state="failed", restarts=4),
        ],
    )  # fmt: skip


def test_failed_children_of_the_running_stack_are_named(tmp_path):
    state.write(tmp_path, stack(ProcessIdentity.of(os.getpid())))
    assert state.failed_children(tmp_path) == ["gpu-worker"]


def test_the_state_of_a_dead_supervisor_is_ignored(tmp_path, other_stack):
    state.write(tmp_path, stack(ProcessIdentity.of(other_stack.pid)))
    assert state.failed_children(tmp_path) == ["gpu-worker"]
    other_stack.kill()
    other_stack.wait()
    assert state.failed_children(tmp_path) == []
    assert state.read(tmp_path) is None


def test_without_a_stack_nothing_has_failed(tmp_path):
    assert state.failed_children(tmp_path) == []
