"""`up --daemon`: the command waits until the stack is ready, its log is private and rotated."""

import io
import subprocess
import sys

import pytest

from project.supervisor import daemon, state
from project.supervisor.identity import ProcessIdentity

SAY = "print('starting', flush=True); "


class Lost(io.StringIO):
    """A terminal whose reader is gone."""

    def write(self, text):
        raise BrokenPipeError


def child(code):
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", SAY + code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def write_state(var, process, *, ready=True, children=()):
    identity = ProcessIdentity.of(process.pid)
    state.write(
        var,
        state.StackState(
            pid=identity.pid,
            started=identity.started,
            url="http://127.0.0.1:1",
            ready=ready,
            children=list(children),
        ),
    )


@pytest.fixture
def started():
    """Children that end with the test."""
    made = []

    def start(code):
        made.append(child(code))
        return made[-1]

    yield start
    for process in made:
        process.kill()
        process.wait()
        process.stdin.close()


def await_ready(process, var, clock, *, seconds=60.0, sleep=lambda seconds: None):
    said = []
    try:
        return (
            daemon.await_ready(
                process, var=var, say=said.append, clock=clock, sleep=sleep, seconds=seconds
            ),
            said,
        )
    except daemon.NotReady as error:
        return str(error), said


DETACH = "import os; os.close(1); input()"


def test_the_command_waits_for_a_ready_stack_that_has_said_everything(tmp_path, clock, started):
    process = started(DETACH)
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        write_state(tmp_path, process, ready=len(waits) > 1)

    assert await_ready(process, tmp_path, clock, sleep=sleep) == (
        "http://127.0.0.1:1",
        ["starting"],
    )
    assert len(waits) > 1


def test_a_stack_that_ends_is_told_with_its_last_words(tmp_path, clock, started):
    process = started("print('the port is taken')")
    text, said = await_ready(process, tmp_path, clock)
    assert (text, said) == ("It did not start.", ["starting", "the port is taken"])


def test_another_stack_on_the_same_folder_is_not_mistaken_for_ours(tmp_path, clock, started):
    write_state(tmp_path, started(DETACH))
    assert await_ready(started("pass"), tmp_path, clock)[0] == "It did not start."


def test_a_process_that_was_given_up_ends_the_wait_and_is_named(tmp_path, clock, started):
    process = started(DETACH)
    broken = state.ChildState(name="gpu-worker", pid=None, state=state.FAILED, restarts=5)
    write_state(tmp_path, process, ready=False, children=[broken])
    assert await_ready(process, tmp_path, clock)[0] == "gpu-worker does not start."


def test_the_wait_for_a_stack_has_an_end(tmp_path, clock, started):
    process = started(DETACH)

    def sleep(seconds):
        clock.now += 40

    text, _ = await_ready(process, tmp_path, clock, sleep=sleep)
    assert text == "It is not ready after 60 s and goes on starting."


def test_a_full_log_is_renamed_and_the_newest_line_is_in_the_new_file(tmp_path):
    path = tmp_path / "log" / "up.log"
    stream = daemon.RotatingStream(path, max_bytes=20)
    for line in ("one, long enough to fill it\n", "two\n"):
        stream.write(line)
        stream.flush()
    assert path.read_text() == "two\n"
    assert path.with_name("up.log.1").read_text() == "one, long enough to fill it\n"
    assert [p.stat().st_mode & 0o077 for p in (path, path.with_name("up.log.1"))] == [0, 0]


@pytest.mark.parametrize(
    ("show_all", "shown"), [(False, ["up: waiting"]), (True, ["web: hello", "up: waiting"])]
)
def test_the_terminal_hears_the_stack_itself_and_on_request_everybody(tmp_path, show_all, shown):
    terminal, path = io.StringIO(), tmp_path / "up.log"
    log = daemon.RotatingStream(path)
    lines = daemon.DaemonLines(log, terminal, as_json=False, show_all=show_all)
    lines.write("web", "hello")
    lines.write("up", "waiting")
    lines.show("the password")
    assert terminal.getvalue().splitlines() == [*shown, "the password"]
    text = path.read_text()
    assert ("hello" in text, "waiting" in text, "the password" in text) == (True, True, False)


def test_a_stack_outlives_the_terminal_that_started_it(tmp_path):
    path = tmp_path / "up.log"
    lines = daemon.DaemonLines(daemon.RotatingStream(path), Lost(), as_json=False, show_all=True)
    lines.write("web", "one")
    lines.write("web", "two")
    assert path.read_text().count("web") == 2


def test_last_words_reach_the_log_even_after_it_was_renamed(tmp_path):
    code = (
        "import sys; from pathlib import Path; from project.supervisor import daemon;"
        "stream = daemon.RotatingStream(Path(sys.argv[1]), max_bytes=5);"
        "lines = daemon.DaemonLines(stream, sys.stdout, as_json=False, show_all=False);"
        "lines.detach(); lines.write('a', 'first'); lines.write('b', 'second');"
        "raise RuntimeError('last words')"
    )
    path = tmp_path / "up.log"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", "")
    assert "last words" in path.read_text()
    assert path.with_name("up.log.1").exists()
