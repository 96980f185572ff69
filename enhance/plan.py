"""What one enlargement will do, before it does it: pure, no torch.

The web process plans to refuse early and to show the cost; the worker follows the same plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from enhance.grid import Grid, make_grid
from enhance.nets.catalogue import (
    CHEAPEST,
    FOR_QUALITY,
    NETWORKS,
    REFERENCE,
    Network,
    choose_network,
)
from enhance.options import EnhanceOptions
from enhance.output_format import FileFormat, check_output, output_format_of, scaled
from project.errors import ServiceError

Resample = Literal["none", "area", "lanczos"]

_DEEP_FORMATS = ("PNG", "TIFF")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large things may get; all in pixels, `high_quality_cpu_pixels` in those that the
    network of quality `high` may take in on a CPU."""

    output_pixels: int
    high_quality_cpu_pixels: int


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One run of the network over a picture of `width` x `height`."""

    width: int
    height: int
    tile: int
    pad: int
    grid: Grid

    def as_json(self) -> dict[str, Any]:
        """Without the spans, which follow from the rest."""
        return {
            "width": self.width, "height": self.height, "tile": self.tile, "pad": self.pad,
            "feather": self.grid.feather, "columns": len(self.grid.columns),
            "rows": len(self.grid.rows), "window": list(reversed(self.grid.window)),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Passes, size of the result, cost. `seconds` is None until a rate has been measured.

    `bit_depth` is that of the run and of the result: 16 where source and format have it.
    """

    network: str
    device: str
    output_width: int
    output_height: int
    output_format: FileFormat
    jpeg_quality: int
    bit_depth: int
    passes: tuple[Pass, ...]
    resample: Resample
    memory_bytes: int
    rate_bucket: str
    seconds: float | None = None

    @property
    def tiles(self) -> int:
        """Units of progress: tiles of all passes."""
        return sum(step.grid.tiles for step in self.passes)

    def as_json(self) -> dict[str, Any]:
        """For storage, the API and the page."""
        return {
            "network": self.network, "device": self.device,
            "output_width": self.output_width, "output_height": self.output_height,
            "output_format": self.output_format, "jpeg_quality": self.jpeg_quality,
            "bit_depth": self.bit_depth,
            "passes": [step.as_json() for step in self.passes], "tiles": self.tiles,
            "resample": self.resample, "memory_bytes": self.memory_bytes, "seconds": self.seconds,
        }  # fmt: skip


def make_plan(
    *,
    width: int,
    height: int,
    source_format: str,
    options: EnhanceOptions,
    limits: Limits,
    device: str = "cpu",
    bit_depth: int = 8,
    max_passes: int = 2,
    seconds_per_tile: Callable[[str], float | None] = lambda bucket: None,
) -> Plan:
    """The plan for a picture of `width` x `height` with `bit_depth` bits per channel.

    `seconds_per_tile` knows a rate by bucket. Raises ServiceError 422: `output_too_large`,
    `jpeg_side_limit`, `webp_side_limit`, `too_large_for_device`.
    """
    output_format = output_format_of(source_format, options)
    size = scaled(width, options.scale), scaled(height, options.scale)
    check_output(width, height, size, output_format, limits.output_pixels)
    network = choose_network(options)
    budget = _network_budget(network, limits, device)
    if width * height > budget:
        raise _too_large_for_device(network, width * height, limits, device)
    passes = _passes(width, height, options, network, limits, device, budget)[:max_passes]
    largest = max(step.grid.window[0] * step.grid.window[1] for step in passes)
    depth = bit_depth if output_format in _DEEP_FORMATS else 8
    bucket = f"{network.name}:{device}:{largest.bit_length()}"
    if depth > 8:  # always in float32, so its rate is another
        bucket += f":{depth}"
    rate = seconds_per_tile(bucket)
    return Plan(
        network=network.name,
        device=device,
        output_width=size[0],
        output_height=size[1],
        output_format=output_format,
        jpeg_quality=options.jpeg_quality,
        bit_depth=depth,
        passes=passes,
        resample=_resample(passes[-1], network, size),
        memory_bytes=_memory_bytes(network, passes, size, largest, depth // 8),
        rate_bucket=bucket,
        seconds=None if rate is None else round(rate * sum(p.grid.tiles for p in passes), 1),
    )


def _network_budget(network: Network, limits: Limits, device: str) -> int | float:
    """Pixels that may enter the network over all passes.

    On a CPU that is the same work for each network; the cheapest is free, because a refusal
    must leave a way.
    """
    if device != "cpu" or network is CHEAPEST:
        return math.inf
    dearer = REFERENCE.megaflop_per_pixel / network.megaflop_per_pixel
    return int(limits.high_quality_cpu_pixels * dearer)


def _too_large_for_device(
    network: Network, pixels: int, limits: Limits, device: str
) -> ServiceError:
    budget = _network_budget(network, limits, device)
    fitting = [
        other for other in NETWORKS.values() if pixels <= _network_budget(other, limits, device)
    ]
    return ServiceError(
        _("The network %(network)s is limited to %(megapixels)s megapixels on this machine, which has no GPU. Choose quality fast or a smaller picture.")
        % {"network": network.name, "megapixels": f"{budget / 1e6:.4g}"},
        code="too_large_for_device",
        status=422,
        extra={
            "largest_pixels": int(budget),
            "allowed_quality_levels": [level for level, other in FOR_QUALITY.items() if other in fitting],
            "allowed_models": [other.name for other in fitting],
        },
    )  # fmt: skip


def _passes(
    width: int,
    height: int,
    options: EnhanceOptions,
    network: Network,
    limits: Limits,
    device: str,
    budget: int | float,
) -> tuple[Pass, ...]:
    """One pass, and a second above the network's own scale when its work and canvas fit."""
    first = _one_pass(width, height, options, network, device)
    if options.scale <= network.scale:
        return (first,)
    wide, high = width * network.scale, height * network.scale
    canvas_fits = wide * high * network.scale**2 <= limits.output_pixels
    if not canvas_fits or width * height + wide * high > budget:
        return (first,)
    return (first, _one_pass(wide, high, options, network, device))


def _one_pass(
    width: int, height: int, options: EnhanceOptions, network: Network, device: str
) -> Pass:
    tile = network.auto_tile(device) if options.tile_size == "auto" else options.tile_size
    pad = network.pad if options.tile_pad is None else options.tile_pad
    grid = make_grid(width=width, height=height, tile=tile, pad=pad, exact=network.is_exact(pad))
    return Pass(width=width, height=height, tile=tile, pad=pad, grid=grid)


def _resample(last: Pass, network: Network, size: tuple[int, int]) -> Resample:
    canvas = last.width * network.scale, last.height * network.scale
    if canvas == size:
        return "none"
    whole = canvas[0] % size[0] == 0 and canvas[1] % size[1] == 0
    return "area" if whole else "lanczos"


def _memory_bytes(
    network: Network,
    passes: tuple[Pass, ...],
    size: tuple[int, int],
    window_pixels: int,
    channel_bytes: int,
) -> int:
    """Peak of one run: feature maps of a tile, RGB canvases, the result and its encoder's copy."""
    canvases = sum(step.width * step.height * network.scale**2 for step in passes)
    pictures = canvases + 2 * size[0] * size[1]
    return network.activation_bytes(window_pixels) + pictures * 3 * channel_bytes
