"""Training learns, repeats, and goes on where it stopped."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.xray.training.pack import write_pack
from xray.pipeline.checkpoint import InputSpec
from xray.pipeline.classifier import FilmClassifier
from xray.pipeline.preprocess import frame
from xray.training import train as training
from xray.training.evaluate import film_logits
from xray.training.figures import auc
from xray.training.packs import open_pack
from xray.training.train import Recipe, classification_loss, load_films, train

RECIPE = Recipe(sizes=(16, 32), epochs=(1, 1), batch=8, precision="fp32", peak_rate=1e-3)


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return open_pack(write_pack(tmp_path_factory.mktemp("data") / "films", patients=12))


def run(pack, tmp_path, recipe=RECIPE, **more):
    said = []
    made = train(pack, pack.rows, recipe, save_to=tmp_path / "state.pt", say=said.append, **more)
    return made, said


def test_training_on_a_tiny_synthetic_set_learns(pack, tmp_path):
    recipe = Recipe(sizes=(32,), epochs=(8,), batch=8, precision="fp32", peak_rate=2e-3)
    made, _ = run(pack, tmp_path, recipe)
    assert made.steps == 8 * (len(pack.rows) // 8)
    classifier = FilmClassifier(made.network, InputSpec(made.px, made.mean, made.std))
    films = load_films(pack, pack.rows, made.px)
    sick = np.array([one.sick for one in pack.rows])
    assert auc(film_logits(classifier, films), sick) > 0.95


def test_the_same_seed_gives_the_same_weights(pack, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, _ = run(pack, tmp_path / "a")
    other, _ = run(pack, tmp_path / "b")
    for name, tensor in one.network.state_dict().items():
        assert torch.equal(tensor, other.network.state_dict()[name]), name


def test_resume_continues_the_schedule(pack, tmp_path, monkeypatch):
    """Stopped after two steps and gone on: the weights of a run that never stopped."""
    monkeypatch.setattr(training, "STEPS_BETWEEN_SAVES", 2)
    (tmp_path / "whole").mkdir()
    whole, _ = run(pack, tmp_path / "whole")

    class Stopped(Exception):
        pass

    def stop(line):
        if line.startswith("step 4"):
            raise Stopped

    with pytest.raises(Stopped):
        train(pack, pack.rows, RECIPE, save_to=tmp_path / "state.pt", say=stop)
    resumed, said = run(pack, tmp_path, resume=True)
    assert said[0].startswith("resumed at step 2")
    assert resumed.steps == whole.steps
    for name, tensor in whole.network.state_dict().items():
        torch.testing.assert_close(tensor, resumed.network.state_dict()[name], msg=name)


@pytest.mark.parametrize("change", [{"seed": 1}, {"epochs": (1, 2)}, {"peak_rate": 1e-4}])
def test_a_state_of_another_recipe_is_refused(pack, tmp_path, change):
    from dataclasses import replace

    small = replace(RECIPE, sizes=(16, 16))
    run(pack, tmp_path, small)
    with pytest.raises(ValueError, match="another recipe"):
        run(pack, tmp_path, replace(small, **change), resume=True)


def test_a_state_over_other_films_is_refused(pack, tmp_path):
    small = Recipe(sizes=(16,), epochs=(1,), batch=8, precision="fp32")
    run(pack, tmp_path, small)
    with pytest.raises(ValueError, match="over 24 films"):
        train(pack, pack.rows[:16], small, save_to=tmp_path / "state.pt", say=print, resume=True)


def test_a_recipe_for_too_few_films_or_one_class_is_refused(pack, tmp_path):
    with pytest.raises(ValueError, match="fewer than one batch"):
        train(pack, pack.rows[:6], RECIPE, save_to=tmp_path / "s", say=print)
    well = [one for one in pack.rows if not one.sick]
    with pytest.raises(ValueError, match="all of one class"):
        train(pack, well, RECIPE, save_to=tmp_path / "s", say=print)


def test_training_and_serving_share_one_preprocess(pack):
    films = load_films(pack, pack.rows[:3], 32)
    for film, row in zip(films, pack.rows, strict=False):
        assert np.array_equal(film.numpy(), frame(pack.film(row), 32).pixels)


def test_the_loss_asks_for_the_kind_only_where_it_is_known():
    logits = torch.tensor([[0.0, 1.0, 2.0]])
    unknown = classification_loss(logits, torch.tensor([[1.0, -1.0, 1.0]]))
    viral = classification_loss(logits, torch.tensor([[1.0, 1.0, 1.0]]))
    bacterial = classification_loss(logits, torch.tensor([[1.0, 0.0, 1.0]]))
    assert unknown < viral < bacterial, "the logits say viral"
    # log(e + e^2) = 2.3133; smoothed target 0.975: log(1 + e^x) - 0.975 x
    x = float(np.log(np.exp(1) + np.exp(2)))
    assert float(unknown) == pytest.approx(np.log1p(np.exp(x)) - 0.975 * x, abs=1e-5)
