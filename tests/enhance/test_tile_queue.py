"""What a GPU does, on a processor: the next tiles are at work before the last are written."""

import numpy as np
import pytest

from enhance.options import EnhanceOptions
from enhance.pipeline import tile_queue, upscale
from enhance.plan import Limits, make_plan
from project.inference.run import LocalRun
from tests.enhance.pictures import pixels
from tests.enhance.test_upscale import NO_LIMITS, faulty_run


@pytest.fixture
def ahead(monkeypatch):
    """Every queue runs one batch ahead, whatever the device."""
    plain = tile_queue.TileQueue.__init__

    def eager(queue, **given):
        plain(queue, **given)
        queue._ahead = 1

    monkeypatch.setattr(tile_queue.TileQueue, "__init__", eager)


def request(picture, device, **options):
    height, width = picture.shape[:2]
    plan = make_plan(
        width=width,
        height=height,
        bit_depth=8 * picture.dtype.itemsize,
        source_format="PNG",
        options=EnhanceOptions(**{"tile_size": 64, **options}),
        limits=Limits(**vars(NO_LIMITS)),
        device=device,
    )
    return upscale.Request(pixels=picture, plan=plan)


PICTURES = {
    "wide": pixels(260, 90),
    "one column": pixels(50, 260),
    "deep": pixels(200, 90).astype(np.uint16) * 257,
}


@pytest.mark.parametrize("quality", ["fast", "high"])
@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_batches_that_run_ahead_give_the_picture_of_tiles_one_by_one(
    local_run, ahead, monkeypatch, quality, picture
):
    asked = request(picture, "cuda", quality_level=quality)
    assert max(step.batch for step in asked.plan.passes) > 1 or picture.shape[1] < 64
    found = upscale.run(local_run, asked).pixels.astype(int)
    tiles = [step for step in local_run.steps if step[0] == "background" and step[3]]
    assert len([box for *_, box in tiles]) >= asked.plan.tiles
    monkeypatch.undo()
    wanted = upscale.run(local_run, request(picture, "cpu", quality_level=quality)).pixels
    assert np.abs(found - wanted).max() <= 1


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_broken_batch_is_computed_again_with_all_that_was_blended_with_it(ahead, call):
    import torch

    def fault(number, batch):
        if batch.dtype == torch.bfloat16 and number == call:
            shape = (batch.shape[0], 3, batch.shape[2] * 4, batch.shape[3] * 4)
            return torch.full(shape, float("nan"), dtype=batch.dtype)
        return None

    results = []
    for broken in (fault, lambda number, batch: None):
        _, run = faulty_run(broken, quality="high", dtype="bfloat16")
        with run:
            results.append(upscale.run(run, request(pixels(260, 90), "cuda", quality_level="high")))
    first, second = (result.pixels.astype(int) for result in results)
    assert np.abs(first - second).mean() < 0.5
    assert np.abs(first - second).max() <= 8, "the same picture but for the number format"
    assert isinstance(run, LocalRun)
