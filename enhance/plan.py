"""What one enlargement will do, before it does it: pure, no torch.

The web process plans to refuse early and to show the cost; the worker follows the same plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from enhance.grid import Grid, make_grid
from enhance.nets.catalogue import LEVELS, Level, choose_network
from enhance.nets.network import AUTO_TILE, FEATHERED_PAD, Network
from enhance.options import EnhanceOptions
from enhance.output_format import FileFormat, check_output, output_format_of
from enhance.output_size import output_size
from enhance.work_limit import Limits, check_work, most_pixels

__all__ = ["Limits", "Pass", "Plan", "make_plan"]

Resample = Literal["none", "area", "lanczos"]

NO_NETWORK = "none"
_DEEP_FORMATS = ("PNG", "TIFF")
# Small windows share a batch on a GPU up to this many pixels; a processor gains nothing.
_BATCH_PIXELS, _MAX_BATCH = 512 * 512, 8
# What the network sees of each pixel where nobody chose the tiles: once, and the border again.
USUAL_WINDOW = (AUTO_TILE + 2 * FEATHERED_PAD) ** 2 / AUTO_TILE**2


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One run of the network over a picture of `width` x `height`, `batch` windows at once."""

    width: int
    height: int
    tile: int
    pad: int
    grid: Grid
    batch: int = 1

    def as_json(self) -> dict[str, Any]:
        """Without the spans, which follow from the rest."""
        return {
            "width": self.width, "height": self.height, "tile": self.tile, "pad": self.pad,
            "feather": self.grid.feather, "columns": len(self.grid.columns),
            "rows": len(self.grid.rows), "window": list(reversed(self.grid.window)),
            "batch": self.batch,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Passes, size of the result, cost. `seconds` is None until a rate has been measured.

    `bit_depth` is that of the run and of the result: 16 where source and format have it. Each
    tile goes through the network in `views` turned and mirrored views, whose mean is the result.
    Without `redraws` no network runs over the picture: it is only resampled, its passes are idle.
    With `enlarges_alpha` the transparency takes the same passes as the colours. `scale` is how
    many times larger than the source the result is.
    """

    net: Network
    denoise: float | None
    device: str
    scale: float
    output_width: int
    output_height: int
    output_format: FileFormat
    jpeg_quality: int
    bit_depth: int
    passes: tuple[Pass, ...]
    views: int
    enlarges_alpha: bool
    resample: Resample
    memory_bytes: int
    rate_bucket: str
    redraws: bool = True
    seconds: float | None = None

    @property
    def network(self) -> str:
        """The name of the network; `none` where the picture passes through none."""
        return self.net.name if self.redraws else NO_NETWORK

    @property
    def model(self) -> str:
        """Its name in the model host."""
        return self.net.model_name(self.denoise)

    @property
    def tiles(self) -> int:
        """Tiles of all passes over the colours."""
        return sum(step.grid.tiles for step in self.passes) if self.redraws else 0

    @property
    def units(self) -> int:
        """Units of progress: how often a tile goes through the network."""
        return self.tiles * self.views * (2 if self.enlarges_alpha else 1)

    def as_json(self) -> dict[str, Any]:
        """For storage, the API and the page."""
        return {
            "network": self.network, "denoise": self.denoise, "device": self.device,
            "scale": round(self.scale, 4),
            "output_width": self.output_width, "output_height": self.output_height,
            "output_format": self.output_format, "jpeg_quality": self.jpeg_quality,
            "bit_depth": self.bit_depth,
            "passes": [step.as_json() for step in self.passes if self.redraws], "tiles": self.tiles,
            "views": self.views, "enlarges_alpha": self.enlarges_alpha, "units": self.units,
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
    has_alpha: bool = False,
    network: Network | None = None,
    max_passes: int = 2,
    seconds_per_unit: Callable[[str], float | None] = lambda bucket: None,
) -> Plan:
    """The plan for a picture of `width` x `height` with `bit_depth` bits per channel.

    `network` is the one that was chosen, by default that of the catalogue for these options.
    `seconds_per_unit` knows a rate by bucket. Raises ServiceError 422: `target_out_of_range`,
    `output_too_large`, `jpeg_side_limit`, `webp_side_limit`, `too_large_for_device`.
    """
    level = LEVELS[options.quality_level]
    network = network or choose_network(options)
    output_format = output_format_of(source_format, options)
    size = output_size(width, height, options)
    check_output(width, height, (size.width, size.height), output_format, limits.output_pixels)
    enlarges_alpha = has_alpha and options.alpha == "model"
    first = _one_pass(width, height, options, network, level, limits, device)
    times = _times_the_usual_work(first, options) * (2 if enlarges_alpha else 1)
    if options.background:
        check_work(width * height, network, level, limits, device, times=times)
    passes = _passes(first, size.scale, options, network, level, limits, device, times=times)
    passes = passes[:max_passes]
    largest = max(step.grid.window[0] * step.grid.window[1] * step.batch for step in passes)
    depth = bit_depth if output_format in _DEEP_FORMATS else 8
    bucket = f"{network.name}:{device}:{largest.bit_length()}"
    if depth > 8:  # always in float32, so its rate is another
        bucket += f":{depth}"
    plan = Plan(
        net=network,
        denoise=options.denoise,
        device=device,
        scale=size.scale,
        output_width=size.width,
        output_height=size.height,
        output_format=output_format,
        jpeg_quality=options.jpeg_quality,
        bit_depth=depth,
        passes=passes,
        views=level.views,
        enlarges_alpha=enlarges_alpha,
        resample=_resample(
            _canvas(passes[-1], network, redraws=options.background), (size.width, size.height)
        ),
        memory_bytes=_memory_bytes(
            network,
            passes if options.background else (),
            (size.width, size.height),
            largest if options.background else 0,
            depth // 8,
        ),
        rate_bucket=bucket if options.background else f"{NO_NETWORK}:{device}",
        redraws=options.background,
    )
    rate = seconds_per_unit(plan.rate_bucket)
    return (
        plan
        if rate is None or not plan.units
        else replace(plan, seconds=round(rate * plan.units, 1))
    )


def _times_the_usual_work(step: Pass, options: EnhanceOptions) -> float:
    """How much more the network computes because somebody chose small tiles or wide borders."""
    if options.tile_size == "auto" and options.tile_pad is None:
        return 1.0
    seen = step.grid.tiles * step.grid.window[0] * step.grid.window[1]
    return max(1.0, seen / (step.width * step.height * USUAL_WINDOW))


def _passes(
    first: Pass,
    scale: float,
    options: EnhanceOptions,
    network: Network,
    level: Level,
    limits: Limits,
    device: str,
    *,
    times: float,
) -> tuple[Pass, ...]:
    """One pass, and a second above the network's own scale when its work and canvas fit."""
    width, height = first.width, first.height
    if scale <= network.scale or network.scale == 1:
        return (first,)
    wide, high = width * network.scale, height * network.scale
    canvas_fits = wide * high * network.scale**2 <= limits.output_pixels
    most = most_pixels(network, level.views, limits, device)
    if not canvas_fits or (width * height + wide * high) * times > most:
        return (first,)
    return (first, _one_pass(wide, high, options, network, level, limits, device))


def _one_pass(
    width: int,
    height: int,
    options: EnhanceOptions,
    network: Network,
    level: Level,
    limits: Limits,
    device: str,
) -> Pass:
    pad = network.pad(level.pad) if options.tile_pad is None else options.tile_pad
    tile = options.tile_size
    if tile == "auto":
        tile = network.auto_tile(pad, device=device, memory_bytes=limits.memory_bytes)
    grid = make_grid(width=width, height=height, tile=tile, pad=pad, exact=network.is_exact(pad))
    batch = min(grid.tiles, _batch(grid, device))
    return Pass(width=width, height=height, tile=tile, pad=pad, grid=grid, batch=batch)


def _batch(grid: Grid, device: str) -> int:
    if device == "cpu":
        return 1
    return max(1, min(_MAX_BATCH, _BATCH_PIXELS // (grid.window[0] * grid.window[1])))


def _canvas(last: Pass, network: Network, *, redraws: bool) -> tuple[int, int]:
    """What is brought to the exact size: what the last pass gives, or the picture itself."""
    scale = network.scale if redraws else 1
    return last.width * scale, last.height * scale


def _resample(canvas: tuple[int, int], size: tuple[int, int]) -> Resample:
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
