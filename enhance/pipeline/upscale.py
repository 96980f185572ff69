"""The enlargement of one picture: a pure function of its request; models come from the context."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from enhance.pipeline.background import RESAMPLE_STAGE, FinishTile, TileProgress, enlarge
from enhance.pipeline.canvas import new_canvas
from enhance.pipeline.inference import FLOAT32
from enhance.pipeline.preview import LivePreview
from enhance.pipeline.resample import resize, resize_alpha
from enhance.pipeline.tiling import Pixels, depth_of
from enhance.plan import Plan
from project.inference.context import Model, RunContext

GREY_ROWS = 256


@dataclass(frozen=True, kw_only=True)
class Request:
    """One picture, upright RGB (H x W x 3, uint8 or uint16), and its plan.

    The alpha plane, where there is one, has the same depth; so has the result. `icc` is the
    profile that the pixels are in, for previews.
    """

    pixels: Pixels
    plan: Plan
    alpha: Pixels | None = None
    is_grey: bool = False
    icc: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """The picture at its exact size; `timings` in seconds by stage, `warnings` as codes."""

    pixels: Pixels
    alpha: Pixels | None
    dtype: str
    model_versions: Mapping[str, str]
    warnings: list[str] = field(default_factory=list)
    timings: Mapping[str, float] = field(default_factory=dict)


def run(
    context: RunContext, request: Request, *, clock: Callable[[], float] = time.perf_counter
) -> Result:
    """Passes of the plan, then the exact size; alpha goes beside the network, or through it.

    Raises the errors of project.inference.errors; checkpoints lie between tiles.
    """
    plan = request.plan
    if not plan.redraws:
        return _resampled(context, request, clock)
    preview = LivePreview(
        width=plan.passes[0].width,
        height=plan.passes[0].height,
        scale=plan.net.scale,
        alpha=request.alpha,
        is_grey=request.is_grey,
        icc=request.icc,
    )
    progress = TileProgress(context, plan, preview)
    started = clock()
    progress.start()
    with context.model(plan.model) as model, context.device():
        loaded = clock()
        pixels, warnings = _through_passes(
            context, model, plan, request.pixels, progress, progress.finish_tile
        )
        alpha = request.alpha
        if alpha is not None and plan.enlarges_alpha and not _is_constant(alpha):
            planes = new_canvas((*alpha.shape, 3), context.scratch_dir, depth_of(alpha))
            planes[...] = alpha[..., None]
            grey, seen = _through_passes(
                context, model, plan, planes, progress, progress.count_tile
            )
            warnings |= seen
            alpha = _only_channel(_as_grey(grey))
        dtype = FLOAT32 if depth_of(pixels) is np.uint16 else model.dtype
        versions = {model.name: f"{model.version} sha256:{model.sha256}"}
    enlarged = clock()
    progress.end()
    size = {"width": plan.output_width, "height": plan.output_height}
    pixels = resize(pixels, **size, scratch_dir=context.scratch_dir)
    if request.is_grey:
        pixels = _as_grey(pixels)
    if alpha is not None:
        alpha = resize_alpha(alpha, **size, scratch_dir=context.scratch_dir)
    return Result(
        pixels=pixels,
        alpha=alpha,
        dtype=dtype,
        model_versions=versions,
        warnings=sorted(warnings),
        timings={
            "load": round(loaded - started, 3),
            "background": round(enlarged - loaded, 3),
            "resample": round(clock() - enlarged, 3),
        },
    )


def _resampled(context: RunContext, request: Request, clock: Callable[[], float]) -> Result:
    """The picture at its exact size without a network, in an array of its own."""
    plan = request.plan
    started = clock()
    context.step(RESAMPLE_STAGE, 0, 0)
    size = {"width": plan.output_width, "height": plan.output_height}
    pixels = resize(request.pixels, **size, scratch_dir=context.scratch_dir)
    alpha = request.alpha
    if alpha is not None:
        alpha = resize_alpha(alpha, **size, scratch_dir=context.scratch_dir)
    return Result(
        pixels=pixels.copy() if pixels is request.pixels else pixels,
        alpha=alpha,
        dtype="",
        model_versions={},
        timings={"resample": round(clock() - started, 3)},
    )


def _through_passes(
    context: RunContext,
    model: Model,
    plan: Plan,
    pixels: Pixels,
    progress: TileProgress,
    finish_tile: FinishTile,
) -> tuple[Pixels, set[str]]:
    warnings: set[str] = set()
    for step in plan.passes:
        pixels, seen = enlarge(
            context,
            model,
            plan.net,
            pixels,
            step,
            views=plan.views,
            finish_tile=finish_tile,
            finish_view=progress.finish_view,
        )
        warnings |= seen
    return pixels, warnings


def _is_constant(plane: Pixels) -> bool:
    return bool(plane.min() == plane.max())


def _only_channel(pixels: Pixels) -> Pixels:
    """The plane of a picture whose channels are equal."""
    plane: Pixels = pixels[..., 0]
    return plane


def _as_grey(pixels: Pixels) -> Pixels:
    """The network tints grey by a level or two; a grey picture must stay grey. In place."""
    for top in range(0, len(pixels), GREY_ROWS):
        band = pixels[top : top + GREY_ROWS]
        band[...] = np.rint(band.mean(axis=2, keepdims=True, dtype=np.float32))
    return pixels
