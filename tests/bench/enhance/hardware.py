"""The machine under the numbers: processor, its matrix instructions, GPU, torch, commit, load."""

from __future__ import annotations

import re
from pathlib import Path

from tests.measure import host

# Linux names; either makes bfloat16 convolutions on a processor worth their conversion.
BFLOAT16_FLAGS = ("amx_bf16", "avx512_bf16")


def processor_flags() -> set[str]:
    """What /proc/cpuinfo lists for the first core."""
    found = re.search(r"^flags\s*: (.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.M)
    return set(found[1].split()) if found else set()


def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself."""
    return bool(processor_flags() & set(BFLOAT16_FLAGS))


def describe(device: str = "cpu") -> str:
    """One line for the head of a report."""
    import torch

    named = [flag for flag in (*BFLOAT16_FLAGS, "avx512f") if flag in processor_flags()]
    gpu = torch.cuda.get_device_name(device) if device != "cpu" else "no CUDA device used"
    return (
        f"{host.describe()}; {' '.join(named) or 'no AVX-512'}; {gpu}; "
        f"torch {torch.__version__}, {torch.get_num_threads()} thread(s)"
    )
