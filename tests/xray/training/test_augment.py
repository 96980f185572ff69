"""Another day's film: changed, in range, and never mirrored."""

from __future__ import annotations

import torch

from xray.training.augment import Strength, augment

STILL = Strength(
    degrees=0, scale=0, aspect=0, shift=0, gamma=0, contrast=0, brightness=0, noise=0,
    blur_share=0, cover_share=0,
)  # fmt: skip


def films(count=32, px=32):
    ramp = torch.linspace(0.2, 0.8, px).repeat(px, 1)  # brighter to the right
    return ramp.repeat(count, 1, 1)


def changed(strength=None, seed=0):
    return augment(films(), random=torch.Generator().manual_seed(seed), strength=strength)


def test_films_keep_shape_and_range_and_each_changes_on_its_own():
    found = changed()
    assert found.shape == films().shape
    assert 0 <= float(found.min()) <= float(found.max()) <= 1
    assert len({tuple(film.flatten().tolist()) for film in found}) == len(found)


def test_the_same_seed_changes_in_the_same_way():
    assert torch.equal(changed(), changed())
    assert not torch.equal(changed(), changed(seed=1))


def test_no_film_is_mirrored():
    plain = Strength(noise=0, blur_share=0, cover_share=0)
    middle = changed(plain)[:, 12:20]
    assert bool((middle[:, :, 20:24].mean((1, 2)) > middle[:, :, 8:12].mean((1, 2))).all())


def test_without_strength_nothing_changes():
    torch.testing.assert_close(changed(STILL), films(), atol=1e-4, rtol=0)
