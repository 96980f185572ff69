"""The gate that comes with the product: what it refuses, what it lets in, and its papers."""

import hashlib
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import skimage
from PIL import Image

from tests.xray.gate.pictures import DATA, needs
from xray import gate_share
from xray.pipeline.gate import judge, load_gate
from xray.training import drawn, phantoms
from xray.training.packs import open_pack
from xray.training.phantoms import HELD_OUT as PHANTOMS

WEIGHTS = Path(__file__).resolve().parents[3] / "xray" / "weights"
FILE, PAPERS, CARD = (
    WEIGHTS / name for name in ("cxr-gate.safetensors", "gate.json", "GATE_CARD.md")
)


@cache
def shipped():
    return load_gate(FILE)


@cache
def papers():
    return json.loads(PAPERS.read_text())


def photos_held_out():
    names = papers()["sources"]["heldout"]
    return [name.removeprefix("skimage/") for name in names if name.startswith("skimage/")]


def grey(file):
    return np.asarray(Image.open(file).convert("L"), dtype=np.float32) / 255


def test_the_shipped_gate_has_its_hash_figures_card_and_command():
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    card = CARD.read_text()
    assert FILE.stat().st_size < 2_000_000
    assert papers()["sha256"] == digest and digest in card
    assert papers()["threshold"] == shipped().spec.threshold
    assert papers()["command"] in card
    for told in (papers()["heldout"]["films"] | papers()["heldout"]["negatives"]).values():
        assert f"{told['refused']} of {told['of']}" in card


def test_the_figures_reach_the_goals_on_what_was_held_out():
    heldout = papers()["heldout"]
    assert heldout["films"]["kermany224.tar"]["share"] <= 0.02
    assert heldout["films"]["nih256.tar"]["share"] <= 0.02
    assert heldout["negatives"]["drawn"]["share"] >= 0.98
    assert heldout["negatives"]["whole"]["share"] >= 0.98


def test_photographs_that_taught_nothing_are_no_chest_films():
    folder = Path(skimage.__file__).parent / "data"
    names = photos_held_out()
    assert len(names) >= 5
    for name in names:
        verdict = judge(grey(folder / name), shipped())
        assert (name, verdict.code) == (name, "not_chest_xray")


@pytest.mark.parametrize("draw", [*drawn.HELD_OUT, *PHANTOMS], ids=lambda draw: draw.__name__)
def test_families_that_taught_nothing_are_refused(draw):
    random = np.random.default_rng(11)
    codes = [judge(draw(random), shipped()).code for _ in range(20)]
    assert codes.count("") == 0


@pytest.mark.parametrize(
    "draw",
    [drawn.text_page, drawn.white_noise, drawn.blank, drawn.gradient, phantoms.hand, phantoms.skull,
     phantoms.lateral_chest, phantoms.limb],
    ids=lambda draw: draw.__name__,
)  # fmt: skip
def test_a_page_noise_a_blank_a_hand_and_a_side_view_are_refused(draw):
    random = np.random.default_rng(12)
    codes = [judge(draw(random), shipped()).code for _ in range(20)]
    assert codes.count("") == 0


PACKS = ("kermany224.tar", "nih256.tar")


@cache
def films(name):
    """Held-out films of a pack, at most 120, evenly spaced."""
    from xray.training.gate_data import parts_of

    return parts_of(open_pack(DATA / name), seed=papers()["seed"]).films("heldout", 120)


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in PACKS])
def test_held_out_films_of_both_populations_are_let_in(name):
    refused = sum(bool(judge(film, shipped()).code) for film in films(name))
    assert refused <= 0.03 * len(films(name))


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in PACKS])
def test_turned_and_inverted_films_are_refused_with_the_right_repair(name):
    """The repair that is offered is the one that undoes what was done."""
    wrong = {
        "rotate_270": lambda film: np.rot90(film, -1),
        "rotate_180": lambda film: np.rot90(film, 2),
        "rotate_90": lambda film: np.rot90(film, 1),
        "invert": lambda film: 1 - film,
    }
    some = films(name)[::3]
    for repair, harm in wrong.items():
        verdicts = [judge(np.ascontiguousarray(harm(film)), shipped()) for film in some]
        right = sum(
            verdict.code == "inverted_or_rotated" and verdict.repair == repair
            for verdict in verdicts
        )
        assert right >= 0.9 * len(some), (repair, right, len(some))


@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in PACKS])
def test_the_figures_in_the_papers_come_out_again(name):
    told = papers()["heldout"]["films"][name]
    from xray.training.gate_data import parts_of

    held = parts_of(open_pack(DATA / name), seed=papers()["seed"]).films("heldout")
    refused = sum(bool(judge(film, shipped()).code) for film in held)
    assert len(held) == told["of"]
    assert abs(refused - told["refused"]) <= 2


@needs("dicom")
def test_a_wrong_monochrome1_tag_is_refused_as_inverted(settings):
    """The same pixels under both tags: the true one is let in, the wrong one offers inversion."""
    settings.XRAY_ADULTS = True
    names = ("rsna_mono2_jpeg.dcm", "rsna_mono1_jpeg.dcm")
    pictures = [(name, (DATA / "dicom" / name).read_bytes()) for name in names]
    true, wrong = gate_share.judged(pictures, shipped())
    assert (true.code, true.stage) == ("", "")
    assert (wrong.code, wrong.stage, wrong.repair) == ("inverted_or_rotated", "learned", "invert")
