"""Children are restarted with back-off, given up after five deaths, stopped in order."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil

from project.supervisor.restart_policy import RestartPolicy
from tests.supervisor.conftest import SLEEP, eventually, python


def child_of(supervisor, name):
    return next(child for child in supervisor.children() if child.name == name)


def wait_for_death(pid):
    eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie")


def test_up_restarts_a_killed_child_with_back_off(supervisor, clock):
    supervisor.start(python("web", SLEEP))
    first = child_of(supervisor, "web").pid
    os.kill(first, signal.SIGKILL)
    wait_for_death(first)
    supervisor.tick()
    assert child_of(supervisor, "web").state == "waiting"
    clock.now += 0.24
    supervisor.tick()
    assert child_of(supervisor, "web").state == "waiting"
    clock.now += 0.02
    supervisor.tick()
    second = child_of(supervisor, "web")
    assert (second.state, second.restarts) == ("running", 1)
    assert second.pid != first


def test_the_delay_doubles_to_ten_seconds():
    policy = RestartPolicy()
    delays = []
    now = 0.0
    for _death in range(8):
        delays.append(policy.delay_after_death(started=now, died=now + 20))
        now += 20 + (delays[-1] or 0)
    assert delays == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_a_child_that_ran_for_a_minute_starts_again_at_the_first_delay():
    policy = RestartPolicy()
    assert policy.delay_after_death(started=0, died=1) == 0.25
    assert policy.delay_after_death(started=2, died=3) == 0.5
    assert policy.delay_after_death(started=4, died=64) == 0.25


def test_five_deaths_stop_the_child_and_are_reported(supervisor, clock, screen):
    supervisor.start(python("gpu-worker", "raise SystemExit(7)"))
    for _death in range(5):
        eventually(
            lambda: supervisor.tick() or child_of(supervisor, "gpu-worker").state != "running"
        )
        clock.now += 5
        if child_of(supervisor, "gpu-worker").state == "waiting":
            supervisor.tick()
    gone = child_of(supervisor, "gpu-worker")
    assert (gone.state, gone.restarts, gone.pid) == ("failed", 4, None)
    assert supervisor.failed() == ["gpu-worker"]
    assert "gpu-worker died five times within 60 s (last exit code 7)" in screen.getvalue()
    clock.now += 1000
    supervisor.tick()
    assert child_of(supervisor, "gpu-worker").state == "failed"


def test_five_deaths_spread_over_more_than_a_minute_do_not_stop_the_child():
    policy = RestartPolicy()
    delays = [policy.delay_after_death(started=died - 10, died=died) for died in range(0, 160, 16)]
    assert None not in delays


def test_a_child_that_ends_well_is_started_at_once_however_often(supervisor, clock, screen):
    supervisor.start(python("gpu-worker", "pass"))
    for _drain in range(8):  # within 32 s, as when an operator drains for a new model
        wait_for_death(child_of(supervisor, "gpu-worker").pid)
        clock.now += 4
        supervisor.tick()
        supervisor.tick()
        assert child_of(supervisor, "gpu-worker").state == "running"
    assert child_of(supervisor, "gpu-worker").restarts == 8
    assert "died" not in screen.getvalue()


def test_a_child_that_ends_well_as_soon_as_it_starts_does_not_spin():
    policy = RestartPolicy()
    delays = [policy.delay_after_end(started=now, ended=now + 1, code=0) for now in range(5)]
    assert delays == [0.25, 0.5, 1.0, 2.0, None]


def test_children_stop_by_rank_and_the_stubborn_are_killed(tmp_path, screen):
    from project.supervisor.output import LineWriter
    from project.supervisor.supervisor import Supervisor

    order = tmp_path / "order"
    polite = textwrap.dedent(
        f"""
        import signal, sys, time
        def bye(*_):
            with open({str(order)!r}, "a") as file: file.write(sys.argv[1] + " ")
            sys.exit(0)
        signal.signal(signal.SIGTERM, bye); print("up", flush=True); time.sleep(600)
        """
    )
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('up', flush=True); time.sleep(600)"
    )
    supervisor = Supervisor(folder=tmp_path, lines=LineWriter(screen, as_json=False, colour=False))
    for name, rank in (("redis", 3), ("scheduler", 2), ("web", 0)):
        spec = python(name, polite, stop_rank=rank)
        supervisor.start(type(spec)(**{**vars(spec), "argv": (*spec.argv, name)}))
    supervisor.start(python("worker", stubborn, stop_rank=1, grace=0.2))
    pids = [child.pid for child in supervisor.children()]
    eventually(lambda: screen.getvalue().count("| up") == 4)
    supervisor.stop()
    assert order.read_text().split() == ["web", "scheduler", "redis"]
    assert "worker did not stop in time; killing it" in screen.getvalue()
    assert not [pid for pid in pids if psutil.pid_exists(pid)]


def test_a_child_that_runs_once_is_not_restarted(supervisor, clock):
    spec = python("samples", "pass")
    supervisor.start(type(spec)(**{**vars(spec), "once": True}))
    eventually(lambda: supervisor.tick() or child_of(supervisor, "samples").state == "done")
    clock.now += 100
    supervisor.tick()
    assert child_of(supervisor, "samples").restarts == 0


def test_every_line_carries_the_name_of_its_process(supervisor, screen):
    supervisor.start(python("web", "import sys; print('one'); print('two', file=sys.stderr)"))
    eventually(lambda: screen.getvalue().count("\n") >= 2)
    lines = set(screen.getvalue().splitlines())
    assert {"web            | one", "web            | two"} <= lines


def test_the_launcher_sets_the_priority(supervisor, screen):
    spec = python("gpu-worker", "import os; print('nice', os.nice(0))")
    supervisor.start(type(spec)(**{**vars(spec), "nice": 10, "once": True}))
    expected = f"nice {min(19, os.nice(0) + 10)}"
    eventually(lambda: expected in screen.getvalue())


def test_up_leaves_no_process_behind_when_it_is_killed(tmp_path):
    parent = tmp_path / "parent.py"
    parent.write_text(
        textwrap.dedent(
            f"""
            import sys, time
            from pathlib import Path
            from project.supervisor.output import LineWriter
            from project.supervisor.supervisor import Supervisor
            from project.supervisor.processes import ProcessSpec
            lines = LineWriter(sys.stdout, as_json=False, colour=False)
            supervisor = Supervisor(folder=Path({str(tmp_path)!r}), lines=lines)
            code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
            for name in ("redis", "web"):
                argv = (sys.executable, "-I", "-S", "-c", code)
                supervisor.start(ProcessSpec(name=name, argv=argv, stop_rank=0))
            print("pids", *[child.pid for child in supervisor.children()], flush=True)
            time.sleep(600)
            """
        )
    )
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, str(parent)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    try:
        pids, up = [], 0
        while len(pids) < 2 or up < 2:
            line = process.stdout.readline()
            assert line, "the parent ended early"
            up += line.endswith("| up\n")
            if line.startswith("pids "):
                pids = [int(word) for word in line.split()[1:]]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    for pid in pids:
        wait_for_death(pid)
