"""Telling a device that failed from a size that did not fit and from a fault in the code."""

from __future__ import annotations

from project.inference.oom import is_out_of_memory

# CUDA reports an error of one kernel at any later call, and then at every call of the process.
_SIGNS = (
    "cuda error",
    "device-side assert",
    "status_execution_failed",  # of cuBLAS and cuDNN, as the next two
    "status_internal_error",
    "status_mapping_error",
)


def is_device_failure(error: BaseException) -> bool:
    """Whether the device itself failed, also when another error was raised from that one.

    Such a process must end: whatever it computes from now on is wrong or fails.
    """
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        if _is_failure(current):
            return True
        seen.add(id(current))
        current = current.__cause__
    return False


def _is_failure(error: BaseException) -> bool:
    if is_out_of_memory(error) or not isinstance(error, RuntimeError):
        return False
    text = str(error).lower()
    return type(error).__name__ == "AcceleratorError" or any(sign in text for sign in _SIGNS)
