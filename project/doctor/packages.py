"""Installed packages, and torch with its partner in a process of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from project.doctor.findings import Finding, error, ok, warning

PACKAGES = (
    "django", "djangorestframework", "channels", "channels-redis", "daphne", "celery", "redis",
    "pillow", "psycopg2-binary",
)  # fmt: skip
REPAIR = (
    ".venv/bin/pip install --require-hashes --no-deps -r requirements/build.txt && "
    ".venv/bin/pip install --require-hashes --no-deps --no-build-isolation "
    "-r requirements/embedded.txt -r requirements/ml.txt"
)
TORCH_SECONDS = 120
# A process of its own: a broken pair may crash, and the doctor itself must not load torch.
TORCH_PROBE = """
import json, torch, torchvision
torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
print(json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__,
                  "cuda": torch.version.cuda, "devices": names,
                  "cpu": torch.backends.cpu.get_cpu_capability()}))
"""


def examine(*, device: str, cuda_visible: str | None) -> Iterator[Finding]:
    """Versions, the torch pair, the device and its driver."""
    yield examine_versions()
    report, failure = _probe_torch()
    if report is None:
        yield error("torch", f"torch and torchvision do not import together: {failure}", REPAIR)
        return
    yield ok(
        "torch",
        f"torch {report['torch']} with torchvision {report['torchvision']}, "
        f"CPU kernels {report['cpu']}",
    )
    yield examine_device(report, device=device, cuda_visible=cuda_visible, driver=_driver())


def examine_versions() -> Finding:
    """The packages that a start needs."""
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return error("packages", f"Not installed: {', '.join(missing)}.", REPAIR)
    return ok("packages", ", ".join(found))


def examine_device(
    report: dict[str, Any], *, device: str, cuda_visible: str | None, driver: str
) -> Finding:
    """Where models will run."""
    names = ", ".join(report["devices"])
    limit = "" if cuda_visible is None else f" (CUDA_VISIBLE_DEVICES={cuda_visible!r})"
    missing = _missing_gpus(device, len(report["devices"]))
    if names and missing:
        return error(
            "device",
            f"OMNILENS_DEVICE is {device}, but torch sees {len(report['devices'])} GPUs{limit}: "
            f"{names}; {missing} is not there.",
            "Name the GPUs that exist, or set OMNILENS_DEVICE=cuda:all.",
        )
    if names:
        return ok("device", f"{names}; {driver or 'driver unknown'}; CUDA {report['cuda']}{limit}")
    if device.startswith("cuda"):
        return error(
            "device",
            f"OMNILENS_DEVICE is {device}, but torch sees no GPU{limit}; "
            f"{driver or 'no driver answers'}.",
            "Install the NVIDIA driver (nvidia-smi must work), or set OMNILENS_DEVICE=auto.",
        )
    if driver:
        return warning(
            "device",
            f"There is a GPU ({driver}), but torch does not see it{limit}; the CPU is used.",
            f"Unset CUDA_VISIBLE_DEVICES, or reinstall torch: {REPAIR}",
        )
    return ok("device", "No GPU; models run on the CPU.")


def _missing_gpus(device: str, count: int) -> str:
    """The GPUs that OMNILENS_DEVICE names beyond those there are."""
    named = [name for name in device.split(",") if name.partition(":")[2].isdigit()]
    return ", ".join(name for name in named if int(name.partition(":")[2]) >= count)


def _probe_torch() -> tuple[dict[str, Any] | None, str]:
    try:
        done = subprocess.run(
            [sys.executable, "-c", TORCH_PROBE],
            capture_output=True, text=True, timeout=TORCH_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None, f"no answer within {TORCH_SECONDS} s"
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return None, lines[-1] if lines else f"exit code {done.returncode}"
    report: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return report, ""


def _driver() -> str:
    """What nvidia-smi says, or an empty string."""
    executable = shutil.which("nvidia-smi")
    if executable is None:
        return ""
    query = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    try:
        done = subprocess.run(
            [executable, *query], capture_output=True, text=True, timeout=20, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip().replace("\n", "; ") if done.returncode == 0 else ""
