"""The closed form of Grad-CAM against autograd, and the words for where its mass lies."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.xray.pipeline.networks import SPEC, drawn_films, seeded_network
from xray.labels import Region, Side
from xray.pipeline.classifier import FilmClassifier
from xray.pipeline.folding import body_of
from xray.pipeline.heatmap import heat_map, locate
from xray.pipeline.network import as_input, pneumonia_logit
from xray.pipeline.preprocess import Box


@pytest.mark.parametrize("classes", [2, 3])
def test_the_closed_form_is_the_gradient_that_autograd_finds(classes):
    network = seeded_network(classes)
    films = torch.stack([torch.from_numpy(film) for film in drawn_films(3)])
    inputs = as_input(films, mean=SPEC.mean, std=SPEC.std)
    with torch.inference_mode():
        logits, evidence = FilmClassifier(network, SPEC)(inputs)
    features = body_of(network)(inputs).detach().requires_grad_()
    ours = network.fc(features.mean((2, 3)))
    pneumonia_logit(ours).sum().backward()
    # Selvaraju et al. 2017: weights are the mean gradient of each channel; the closed form has
    # the gradient of the mean, which is larger by the number of places.
    weights = features.grad.mean((2, 3)) * features.shape[2] * features.shape[3]
    expected = torch.einsum("nchw,nc->nhw", features.detach(), weights)
    torch.testing.assert_close(logits, ours.detach(), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(evidence, expected, atol=1e-3, rtol=1e-3)


def evidence_at(row, column):
    cells = np.full((7, 7), -0.2, np.float32)
    cells[row, column] = 1.0
    return cells


@pytest.mark.parametrize(
    ("row", "column", "region"),
    [
        (1, 2, Region.RIGHT_UPPER),
        (3, 2, Region.RIGHT_MIDDLE),
        (5, 2, Region.RIGHT_LOWER),
        (1, 4, Region.LEFT_UPPER),
        (3, 4, Region.LEFT_MIDDLE),
        (5, 4, Region.LEFT_LOWER),
    ],
)
def test_right_is_left_of_the_picture(row, column, region):
    found = heat_map(evidence_at(row, column), box=Box(0, 0, 70, 70), shape=(70, 70))
    assert found.region == region
    assert found.side == (Side.RIGHT if column < 3 else Side.LEFT)


@pytest.mark.parametrize("row", [1, 3, 5])
def test_a_flipped_picture_flips_the_side(row):
    evidence = evidence_at(row, 1)
    box, shape = Box(0, 0, 140, 140), (140, 140)
    here = heat_map(evidence, box=box, shape=shape)
    there = heat_map(np.ascontiguousarray(evidence[:, ::-1]), box=box, shape=shape)
    assert (here.side, there.side) == (Side.RIGHT, Side.LEFT)
    assert str(here.region).replace("right", "left") == str(there.region)
    np.testing.assert_allclose(here.map, there.map[:, ::-1], atol=1e-6)


def test_mass_in_the_corners_is_no_region():
    corners = np.zeros((7, 7), np.float32)
    corners[[0, 0, 6, 6], [0, 6, 0, 6]] = 1.0
    region, inside = locate(corners)
    assert region == Region.UNSPECIFIED
    assert 0 < inside < 0.5


def test_without_evidence_the_map_is_empty_and_says_so():
    found = heat_map(np.full((7, 7), -1.0, np.float32), box=Box(0, 0, 50, 50), shape=(50, 50))
    assert (found.region, found.side, found.inside_share) == (
        Region.UNSPECIFIED, Side.UNSPECIFIED, 0.0,
    )  # fmt: skip
    assert not found.map.any()


def test_the_map_lies_on_the_framed_part_of_the_film_and_ends_at_one():
    box = Box(left=10, top=20, right=110, bottom=220)
    found = heat_map(evidence_at(3, 3), box=box, shape=(240, 130))
    assert found.map.shape == (240, 130)
    assert found.map.max() == pytest.approx(1.0)
    assert found.map.min() == 0.0
    outside = found.map.copy()
    outside[20:220, 10:110] = 0
    assert not outside.any()
    assert abs(int(found.map.argmax()) // 130 - 120) <= 2
