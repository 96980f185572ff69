"""Results on their way from the device to the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def to_host(tensor: torch.Tensor) -> torch.Tensor:
    """The same numbers in host memory, contiguous; returns when they have arrived.

    A GPU writes into page-locked memory several times as fast as into ordinary memory, through
    which the driver has to go page by page; torch keeps such blocks for the next copy. The device
    packs strided results first: copied as they are, the host would do it.
    """
    return start_copy(tensor)()


def start_copy(tensor: torch.Tensor) -> Callable[[], torch.Tensor]:
    """Begin to bring `tensor` to host memory; call the answer for the numbers, which waits for
    them and for nothing that was given to the device later."""
    import torch

    packed = tensor.contiguous()
    if not packed.is_cuda:
        return lambda: packed
    arrived = torch.empty(packed.shape, dtype=packed.dtype, pin_memory=True)
    arrived.copy_(packed, non_blocking=True)
    event = torch.cuda.Event()  # type: ignore[no-untyped-call]  # torch has no annotations here
    event.record(torch.cuda.current_stream(packed.device))

    def wait() -> torch.Tensor:
        event.synchronize()
        return arrived

    return wait
