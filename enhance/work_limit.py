"""How much work a machine without a GPU may be asked for. Pure, for the plan."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils.translation import gettext as _

from enhance.nets.catalogue import CHEAPEST, EMBEDDED, LEVELS, NETWORKS, REFERENCE, Level
from enhance.nets.network import Network
from project.errors import ServiceError


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large things may get; in pixels, `high_quality_cpu_pixels` in those that the network of
    quality `high` may take in on a CPU. `memory_bytes` is what the device has, None where no
    worker has said so."""

    output_pixels: int
    high_quality_cpu_pixels: int
    memory_bytes: int | None = None


def most_pixels(network: Network, views: int, limits: Limits, device: str) -> int | float:
    """Pixels that may enter the network over all passes, each in `views` views.

    On a CPU that is the same work for each network; the cheapest is free, because a refusal
    must leave a way.
    """
    if device != "cpu" or (network.name == CHEAPEST.name and views == 1):
        return math.inf
    dearer = REFERENCE.megaflop_per_pixel / max(network.megaflop_per_pixel * views, 1e-6)
    return int(limits.high_quality_cpu_pixels * dearer)


def check_work(
    pixels: int, network: Network, level: Level, limits: Limits, device: str, *, times: float = 1.0
) -> None:
    """`times` is how often the options make the network see each pixel, compared with the usual.

    Raises ServiceError 422 `too_large_for_device` with what would take the picture.
    """
    most = most_pixels(network, level.views, limits, device) / times
    if pixels <= most:
        return
    levels = [
        name
        for name, other in LEVELS.items()
        if pixels * times <= most_pixels(other.default, other.views, limits, device)
    ]
    models = [
        other.name
        for other in NETWORKS.values()
        if other.name in EMBEDDED
        and pixels * times <= most_pixels(other, level.views, limits, device)
    ]
    raise ServiceError(
        _("The network %(network)s is limited to %(megapixels)s megapixels on this machine, which has no GPU. Choose quality fast or a smaller picture.")
        % {"network": network.name, "megapixels": f"{most / 1e6:.4g}"},
        code="too_large_for_device",
        status=422,
        extra={
            "largest_pixels": int(most),
            "allowed_quality_levels": levels,
            "allowed_models": models,
        },
    )  # fmt: skip
