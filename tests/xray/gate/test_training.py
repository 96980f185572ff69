"""Training the gate: sources stay apart, the threshold comes from validation, it learns."""

import hashlib
import io

import numpy as np
import pytest
import torch
from PIL import Image

from tests.xray.gate.pictures import frontal
from xray.pipeline.gate_network import OTHER, ROTATED
from xray.pipeline.preprocess import frame
from xray.training import drawn, film_parts, found, phantoms
from xray.training.film_looks import another_look
from xray.training.gate_data import looks_for, parts_of
from xray.training.gate_figures import choose_threshold, figures, scores
from xray.training.negatives import PARTS, draw_negatives, found_sources, framed
from xray.training.packs import FilmRow, Pack, PackError
from xray.training.train_gate import GateRecipe, train_gate, turned
from xray.training.wilson import wilson_interval


def pack_of(groups, *, split=""):
    rows = [
        FilmRow(f"{g}/{n}.png", split, "NORMAL" if g % 2 else "PNEUMONIA", "", f"patient {g}")
        for g in groups
        for n in range(3)
    ]
    return Pack("pack", tuple(rows), lambda name: b"")


def test_no_patient_of_a_pack_is_in_two_parts_and_a_new_film_moves_no_other():
    parts = parts_of(pack_of(range(60)), seed=0)
    groups = {part: {row.group for row in parts.rows[part]} for part in PARTS}
    assert sum(map(len, groups.values())) == 60
    assert set.union(*groups.values()) == {f"patient {number}" for number in range(60)}
    more = parts_of(pack_of(range(61)), seed=0)
    for part in PARTS:
        assert groups[part] <= {row.group for row in more.rows[part]}


def test_a_pack_with_an_official_split_is_parted_as_the_classifier_s():
    from xray.training.split import split_by_group

    pack = pack_of(range(80), split="train")
    parts, split = parts_of(pack, seed=3), split_by_group(pack.rows, seed=3)
    assert parts.rows["heldout"] == split.holdout
    assert parts.rows["validation"] == split.calibration


def test_a_pack_of_one_patient_cannot_be_parted():
    with pytest.raises(PackError, match="too few patients"):
        parts_of(pack_of([1]), seed=0)


def a_folder(tmp_path):
    random = np.random.default_rng(0)
    for name in ("one.png", "two.png", "three.jpg", "scene/a.png", "scene/b.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        noise = random.integers(0, 256, (64, 80), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n")
    np.save(tmp_path / "scan.npy", random.random((50, 60, 70)))
    return tmp_path


def test_a_file_is_a_source_and_a_folder_is_one_source(tmp_path):
    sources = found.folder_sources(a_folder(tmp_path))
    assert {(one.name, one.kind, len(one.pictures)) for one in sources} == {
        ("added/one.png", "photo", 1),
        ("added/two.png", "photo", 1),
        ("added/three.jpg", "photo", 1),
        ("added/scene", "photo", 2),
        ("added/scan.npy", "scan", 1),
    }


def test_a_folder_without_a_picture_is_an_error(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(PackError, match="no picture"):
        found.folder_sources(tmp_path)


def test_no_source_is_in_two_parts(tmp_path):
    dealt = found_sources(a_folder(tmp_path), seed=0)
    names = [one.name for part in PARTS for one in dealt[part]]
    assert len(names) == len(set(names)) > 20
    assert all(any(one.kind == "photo" for one in dealt[part]) for part in PARTS)
    for module in (drawn, phantoms):
        families = [*module.LEARNED, *module.VALIDATED, *module.HELD_OUT]
        assert len(families) == len(set(families))


def test_what_is_transparent_lies_on_black_as_when_it_is_sent(tmp_path):
    picture = Image.new("RGBA", (64, 64), (255, 255, 255, 0))
    picture.save(tmp_path / "clear.png")
    (source,) = found.folder_sources(tmp_path)
    assert source.pictures[0].max() == 0


@pytest.mark.parametrize(
    "draw",
    [*drawn.LEARNED, *drawn.VALIDATED, *drawn.HELD_OUT, *phantoms.LEARNED, *phantoms.VALIDATED,
     *phantoms.HELD_OUT],
    ids=lambda draw: draw.__name__,
)  # fmt: skip
def test_every_family_draws_films_that_differ_and_repeat_by_seed(draw):
    first, again, other = (draw(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.float32 and first.ndim == 2
    assert first.min() >= 0 and first.max() <= 1
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)


@pytest.mark.parametrize("make", film_parts.KINDS, ids=lambda make: make.__name__)
def test_every_part_of_films_is_no_whole_film(make):
    films = [frontal(np.random.default_rng(seed)) for seed in range(4)]
    whole = [framed(film, 48).astype(float).ravel() for film in films]
    for seed in range(8):
        part = framed(make(films, np.random.default_rng(seed)), 48).astype(float).ravel()
        assert max(np.corrcoef(part, film)[0, 1] for film in whole) < 0.97


def test_another_look_is_the_same_film():
    random = np.random.default_rng(0)
    film = frontal(random)
    kept = frame(film, 32).pixels.ravel()
    alike = [
        np.corrcoef(kept, frame(another_look(film, random), 32).pixels.ravel())[0, 1]
        for _ in range(40)
    ]
    assert np.median(alike) > 0.8 and len(set(alike)) == 40


def test_a_small_pack_is_shown_in_more_looks():
    assert looks_for(100_000) == 1
    assert looks_for(300) > 4
    assert looks_for(1) == looks_for(50)


def test_pictures_are_turned_each_by_its_own_quarters():
    pictures = torch.rand(4, 8, 8, generator=torch.Generator().manual_seed(0))
    result = turned(pictures, torch.tensor([0, 1, 2, 3]))
    for quarter in range(4):
        assert torch.equal(result[quarter], torch.rot90(pictures[quarter], quarter))


def test_the_threshold_parts_what_can_be_parted_in_the_middle_of_the_log_odds():
    films, other = np.array([0.9, 0.99]), np.array([0.1, 0.01])
    assert choose_threshold([films], other) == pytest.approx(0.5)


def test_the_threshold_favours_no_population_by_its_size():
    """One bad film of ten weighs more than nine of a thousand: the worst share decides."""
    large = np.concatenate([np.full(991, 0.99), np.full(9, 0.3)])
    small = np.concatenate([np.full(9, 0.99), [0.2]])
    negatives = np.concatenate([np.full(96, 0.01), np.full(4, 0.25)])
    threshold = choose_threshold([large, small], negatives)
    assert threshold < 0.2


def test_the_worst_share_decides_not_the_sum():
    """3 % of all three is better than nothing refused and 5 % of the negatives let in."""
    films = np.concatenate([np.full(77, 0.99), np.full(20, 0.55), np.full(3, 0.2)])
    negatives = np.concatenate([np.full(95, 0.01), np.full(2, 0.25), np.full(3, 0.6)])
    assert 0.25 < choose_threshold([films, films], negatives) < 0.55


def test_a_threshold_needs_every_population():
    with pytest.raises(ValueError, match="each population"):
        choose_threshold([np.array([0.9]), np.array([])], np.array([0.1]))


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (1, 100, 0.0018, 0.0545),
    ],
)
def test_the_interval_is_wilson_s(hits, total, low, high):
    assert wilson_interval(hits, total) == pytest.approx((low, high), abs=1e-4)


def test_no_share_without_trials():
    for hits, total in ((0, 0), (3, 2), (-1, 5)):
        with pytest.raises(ValueError, match="no share"):
            wilson_interval(hits, total)


@pytest.fixture(scope="module")
def learned():
    """A gate that saw drawn films for some seconds, and films and negatives it did not see."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    films = [np.stack([framed(frontal(random), 32) for _ in range(60)]) for _ in range(2)]
    shown = [frontal(random) for _ in range(12)]
    others = draw_negatives(300, "train", [], shown, px=32, random=random)
    recipe = GateRecipe(px=32, steps=110, batch=48, precision="fp32")
    lines = []
    network = train_gate(films, others, recipe, say=lines.append)
    torch.set_num_threads(threads)
    unseen = np.stack([framed(frontal(random), 32) for _ in range(60)])
    heldout = draw_negatives(150, "heldout", [], [], px=32, random=random)
    return network, unseen, heldout, lines


def test_training_on_a_tiny_synthetic_set_learns(learned):
    network, films, negatives, lines = learned
    threshold = choose_threshold([scores(network, films)], scores(network, negatives.pictures))
    told = figures(network, threshold, {"drawn films": films}, {"held out": negatives})
    assert told["films"]["drawn films"]["share"] <= 0.05
    assert told["negatives"]["held out"]["share"] >= 0.95
    assert told["turned"]["drawn films"]["share"] >= 0.9
    assert told["inverted"]["drawn films"]["share"] >= 0.9
    assert len(lines) == 1


def test_negatives_carry_kind_source_and_class():
    films = [frontal(np.random.default_rng(0))]
    pool = draw_negatives(120, "train", [], films, px=24, random=np.random.default_rng(0))
    assert pool.pictures.shape == (120, 24, 24)
    assert set(pool.kinds) == {"drawn", "phantom", "film_part", "tilted"}
    for kind, label in zip(pool.kinds, pool.classes.tolist(), strict=True):
        assert label == (ROTATED if kind == "tilted" else OTHER)


def test_the_same_seed_draws_the_same_negatives():
    def digest(seed):
        pool = draw_negatives(40, "heldout", [], [], px=24, random=np.random.default_rng(seed))
        return hashlib.sha256(io.BytesIO(pool.pictures.tobytes()).read()).hexdigest()

    assert digest(1) == digest(1) != digest(2)
