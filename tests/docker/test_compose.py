"""The containers start what `manage.py up` starts."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from project.settings.variables import VARIABLES
from project.supervisor import processes, stack

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if "env_file" in service}
PYTHON_MODULE = 2  # `python -m` in front of a program that is a command of its own in the image


def words(service):
    """The command, with the values that an empty `.env` leaves."""
    return tuple(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", word) for word in service["command"])


def instructions(keyword):
    text = (ROOT / "docker" / "Dockerfile").read_text().replace("\\\n", "")
    return re.findall(rf"^{keyword} (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("queue", "threads"),
    [
        ("gpu", int(VARIABLES["OMNILENS_WORKER_THREADS"].default)),
        ("default", stack.DEFAULT_QUEUE_THREADS),
    ],
)
def test_a_worker_has_the_flags_of_the_supervisor(queue, threads):
    spec = processes.worker_spec(
        queue=queue, threads=threads, log_level="INFO", drain_seconds=8, torch_threads=1
    )
    nice = ("nice", "-n", str(spec.nice)) if spec.nice else ()
    service = SERVICES[f"{queue}-worker"]
    assert words(service) == (*nice, *spec.argv[PYTHON_MODULE:])
    assert (
        spec.environment.items()
        <= {
            "OMP_NUM_THREADS": re.sub(
                r".*:-(.*)}", r"\1", service["environment"]["OMP_NUM_THREADS"]
            )
        }.items()
    )
    assert int(service["stop_grace_period"].removesuffix("s")) > spec.grace_seconds


def test_the_web_process_has_the_flags_of_the_supervisor():
    [text] = instructions("CMD")
    command = yaml.safe_load(text)
    [spec] = processes.web_specs(count=1, descriptor=3, is_ipv6=False)
    before_address, after_address = command.index("--bind"), command.index("--port") + 2
    before_socket, after_socket = spec.argv.index("-e"), spec.argv.index("-e") + 2
    assert command[:before_address] == ["python", *spec.argv[1:before_socket]]
    assert command[after_address:] == list(spec.argv[after_socket:])


def test_every_process_of_the_stack_has_a_container():
    scheduler = processes.scheduler_spec(manage=Path("manage.py"))
    assert words(SERVICES["scheduler"]) == ("python", *scheduler.argv[1:])
    long_lived = {"web", "scheduler", "default-worker", "gpu-worker"}
    run_once = {"migrate", "models"}
    assert long_lived | run_once == OURS


def test_nothing_serves_before_the_database_is_migrated():
    waiting = {name for name in OURS if "migrate" in SERVICES[name].get("depends_on", {})}
    assert waiting == {"web", "scheduler", "default-worker", "gpu-worker"}
    for name in waiting:
        condition = SERVICES[name]["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully"


def test_every_variable_of_ours_is_declared():
    names = {name for service in OURS for name in SERVICES[service]["environment"]}
    assert {name for name in names if name.startswith("OMNILENS_")} <= set(VARIABLES)


def test_no_secret_and_no_data_enters_an_image():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", ".env.*", ".git", "var"} <= set(ignored)


def test_nothing_runs_as_root():
    images = [line for line in instructions("FROM") if " AS base" not in line]
    assert instructions("USER") == ["omnilens"] * len(images)


def test_an_unready_web_process_is_unhealthy():
    checked = subprocess.run(
        [sys.executable, "docker/healthcheck.py", "http://127.0.0.1:1"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "OMNILENS_ALLOWED_HOSTS": "lens.example.org"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (1, "no answer yet (ConnectionRefusedError)\n")
