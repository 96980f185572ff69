"""The fast forms of the classifier give what the trained network gives."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from project.inference.model_loading import measured_bytes
from project.inference.registry import MAX_PROBABILITY_DIFFERENCE
from tests.xray.pipeline.networks import PX, SPEC, drawn_films, seeded_network
from xray.pipeline import classifier as serving
from xray.pipeline.calibration import sigmoid
from xray.pipeline.checkpoint import load_classifier, read_calibration, save_classifier
from xray.pipeline.classifier import FilmClassifier, for_serving, load, score
from xray.pipeline.folding import folded_body
from xray.pipeline.heatmap import locate
from xray.pipeline.network import TWO_CLASSES, as_input
from xray.pipeline.packed import PackedBody, can_pack
from xray.pipeline.preprocess import frame
from xray.services.shipped import shipped_classifier
from xray.training.formats import format_differences

DTYPES = ("float32", "bfloat16")
FILMS = drawn_films(12)


def served_in(dtype, network=None, spec=SPEC):
    if not can_pack(getattr(torch, dtype)):
        pytest.skip(f"this processor cannot pack {dtype}")
    return for_serving(network or seeded_network(), spec, device="cpu", dtype=dtype)


def scores_of(classifier, films):
    return [score(classifier, [film], device="cpu")[0] for film in films]


def region(scores):
    return locate(np.maximum(scores.evidence, 0))[0]


@pytest.fixture(scope="module")
def plain():
    return scores_of(FilmClassifier(seeded_network(), SPEC), FILMS)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_served_probability_lies_within_a_hundredth_of_plain_float32(dtype, plain):
    served = scores_of(served_in(dtype), FILMS)
    differences = [
        abs(sigmoid(one.pneumonia) - sigmoid(other.pneumonia))
        for one, other in zip(plain, served, strict=True)
    ]
    assert max(differences) <= MAX_PROBABILITY_DIFFERENCE
    spread = [sigmoid(one.pneumonia) for one in plain]
    assert min(spread) < 0.4
    assert max(spread) > 0.6, "films that all score alike would prove nothing"


def test_float32_is_served_to_the_last_few_bits(plain):
    served = scores_of(served_in("float32"), FILMS)
    np.testing.assert_allclose(
        [s.pneumonia for s in served], [s.pneumonia for s in plain], atol=1e-4
    )
    np.testing.assert_allclose([s.virus for s in served], [s.virus for s in plain], atol=1e-4)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_evidence_of_the_heat_map_survives(dtype, plain):
    served = scores_of(served_in(dtype), FILMS)
    if dtype == "float32":  # of random weights; the real ones are held to it in both formats
        assert [region(s) for s in served] == [region(s) for s in plain]
    for one, other in zip(plain, served, strict=True):
        assert other.evidence.dtype == np.float32
        assert np.corrcoef(one.evidence.ravel(), other.evidence.ravel())[0, 1] > 0.98


@pytest.mark.parametrize("dtype", DTYPES)
def test_films_in_one_batch_score_as_they_do_alone(dtype):
    classifier = served_in(dtype)
    together = score(classifier, FILMS[:5], device="cpu")
    alone = scores_of(classifier, FILMS[:5])
    np.testing.assert_allclose(
        [s.pneumonia for s in together], [s.pneumonia for s in alone], atol=1e-3
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_same_film_twice_gives_the_same_numbers(dtype):
    classifier = served_in(dtype)
    first, second = scores_of(classifier, [FILMS[0], FILMS[0]])
    assert first.pneumonia == second.pneumonia
    assert np.array_equal(first.evidence, second.evidence)


def test_folding_leaves_no_normalisation_and_the_network_as_it_was():
    network = seeded_network()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    body = folded_body(network)
    assert not [layer for layer in body.modules() if isinstance(layer, nn.BatchNorm2d)]
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())


def test_the_packed_body_is_what_a_processor_runs_and_survives_the_host():
    classifier = served_in("float32")
    assert isinstance(classifier.body, PackedBody)
    before = scores_of(classifier, FILMS[:1])[0].pneumonia
    # The model host asks for its layout after loading, and weighs the network.
    classifier = classifier.to(memory_format=torch.channels_last)
    assert scores_of(classifier, FILMS[:1])[0].pneumonia == before
    in_float32 = sum(tensor.numel() for tensor in seeded_network().parameters()) * 4
    assert measured_bytes(classifier) == pytest.approx(in_float32, rel=0.01)


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


# At 64 px oneDNN wants one order for all; at the size of the shipped network it does not.
@pytest.mark.parametrize(("packed_for", "run_with"), [(1, 2), (2, 1)])
def test_another_number_of_threads_does_not_reorder_the_weights_for_each_film(
    packed_for, run_with, threads, capfd
):
    network = seeded_network()
    inputs = as_input(torch.rand(1, 224, 224), mean=SPEC.mean, std=SPEC.std)
    threads(packed_for)
    body = for_serving(network, replace(SPEC, px=224), device="cpu", dtype="float32").body
    if not isinstance(body, PackedBody):
        pytest.skip("this build of torch cannot pack")
    with torch.inference_mode():
        before = body(inputs)
        threads(run_with)
        body(inputs)
        capfd.readouterr()
        with torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):
            after = body(inputs)
    told = capfd.readouterr().out
    assert "exec,cpu,convolution" in told
    assert "exec,cpu,reorder" not in told
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)


def test_without_packing_the_folded_network_serves(monkeypatch, caplog, plain):
    monkeypatch.setattr(serving, "can_pack", lambda dtype: False)
    classifier = for_serving(seeded_network(), SPEC, device="cpu", dtype="float32")
    assert not isinstance(classifier.body, PackedBody)
    assert "runs eagerly" in caplog.text
    np.testing.assert_allclose(
        [s.pneumonia for s in scores_of(classifier, FILMS)],
        [s.pneumonia for s in plain],
        atol=1e-4,
    )


def test_the_loader_of_the_host_reads_a_stored_file(tmp_path):
    path = tmp_path / "model.safetensors"
    save_classifier(seeded_network(), SPEC, path)
    network, spec = load_classifier(path)
    expected = scores_of(FilmClassifier(network, spec), FILMS[:2])
    loaded = scores_of(load(None, path, "cpu", "float32"), FILMS[:2])
    np.testing.assert_allclose(
        [s.pneumonia for s in loaded], [s.pneumonia for s in expected], atol=1e-4
    )


def test_a_classifier_of_two_classes_says_nothing_of_the_kind_of_pneumonia():
    spec = replace(SPEC, classes=TWO_CLASSES)
    (scores,) = scores_of(served_in("float32", seeded_network(2), spec), FILMS[:1])
    assert scores.virus is None
    plain = FilmClassifier(seeded_network(2), spec)
    assert scores.pneumonia == pytest.approx(scores_of(plain, FILMS[:1])[0].pneumonia, abs=1e-4)


def test_formats_are_told_with_their_largest_difference():
    from xray.pipeline.calibration import Calibration

    calibration = Calibration(1.0, 0.9, 1.1, {"screening": 0.5})
    films = torch.stack([torch.from_numpy(film) for film in FILMS[:6]])
    told = format_differences(seeded_network(), SPEC, films, calibration)
    assert set(told) == {d for d in DTYPES if can_pack(getattr(torch, d))}
    for found in told.values():
        assert found["films"] == 6
        assert found["verified"] is True
        assert 0 <= found["probability_difference"] <= MAX_PROBABILITY_DIFFERENCE
    assert told["float32"]["regions_equal"] == 1.0


@pytest.mark.skipif(
    not os.environ.get("OMNILENS_XRAY_DATA") or not shipped_classifier().is_file(),
    reason="needs OMNILENS_XRAY_DATA (a pack of real films) and the shipped classifier",
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_on_real_films_the_shipped_weights_keep_their_probability_and_region(dtype):
    from xray.training.packs import open_pack

    pack = open_pack(Path(os.environ["OMNILENS_XRAY_DATA"]))
    rows = pack.rows[:: max(1, len(pack.rows) // 24)][:24]
    network, spec = load_classifier(shipped_classifier())
    calibration = read_calibration(shipped_classifier())
    films = [frame(pack.film(row), spec.px).pixels for row in rows]
    reference = scores_of(FilmClassifier(network, spec), films)
    served = scores_of(served_in(dtype, network, spec), films)
    for one, other in zip(reference, served, strict=True):
        difference = calibration.probability(one.pneumonia) - calibration.probability(
            other.pneumonia
        )
        assert abs(difference) <= MAX_PROBABILITY_DIFFERENCE
        assert region(one) == region(other)


def test_the_size_of_the_packing_is_that_of_the_input():
    body = served_in("float32").body
    with torch.inference_mode():
        features = body(torch.zeros(1, 3, PX, PX).contiguous(memory_format=torch.channels_last))
    assert features.shape == (1, 2048, 2, 2)
