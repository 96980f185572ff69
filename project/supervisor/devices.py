"""Which device workers `manage.py up` starts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

EVERY_GPU = "cuda:all"
COUNT_SECONDS = 120
# A process of its own: the supervisor never loads torch.
COUNT = "import torch; print(torch.cuda.device_count())"


class NoDevice(Exception):
    """The devices cannot be counted, or there are none; the text says why."""


def one_worker_each(wanted: str, *, count: Callable[[], int] | None = None) -> list[str]:
    """The device of each worker; one empty string for the one worker that follows the setting.

    `wanted` is OMNILENS_DEVICE. Raises NoDevice for `cuda:all` on a machine without a GPU.
    """
    if wanted == EVERY_GPU:
        found = (count or count_gpus)()
        if not found:
            raise NoDevice("OMNILENS_DEVICE=cuda:all: this machine shows no CUDA device")
        return [f"cuda:{index}" for index in range(found)]
    names = wanted.split(",")
    return names if len(names) > 1 else [""]


def count_gpus() -> int:
    """How many CUDA devices torch sees (it obeys CUDA_VISIBLE_DEVICES). Raises NoDevice."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", COUNT],
            capture_output=True, text=True, timeout=COUNT_SECONDS, check=True,
        )  # fmt: skip
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise NoDevice(f"torch cannot count the CUDA devices: {error}") from error
    return int(done.stdout.split()[-1])
