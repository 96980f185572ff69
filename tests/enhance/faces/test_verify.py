"""`make verify-faces` refuses what it cannot compare and fails on what differs."""

import sys

import numpy as np
import pytest

from enhance.pipeline.faces.align import align_face
from enhance.pipeline.faces.restore import RestoredFace
from tests.enhance.faces import verify
from tests.enhance.faces.given import ASTRONAUT, astronaut
from tests.enhance.faces.parts import ellipse_mask


@pytest.fixture
def compared(tmp_path):
    """Our crop and a grey face against what upstream would have made of them."""
    picture = np.ascontiguousarray(astronaut()[:256, :320])
    crop = align_face(picture, ASTRONAUT)
    face = np.full((512, 512, 3), 120, np.uint8)
    mask = ellipse_mask()
    restored = [RestoredFace(status="restored", pixels=face, mask=mask)]
    whole = verify.blended(verify.enlarged(picture), [crop], restored, [mask])

    def compare(crop_change=0, face_change=0, change=0):
        upstream = ([crop.pixels + np.uint8(crop_change)], [face + np.uint8(face_change)])
        changed = whole.copy()
        changed[300, 300] += np.uint8(change)
        out = tmp_path / "sheet" / "compared.png"
        status = verify.compare(picture, [crop], restored, (*upstream, changed), out)
        assert out.stat().st_size > 0
        return status

    return compare


def test_equal_results_are_equal_and_a_picture_is_written(compared, capsys):
    assert compared(face_change=1, change=1) == 0
    assert "equal within the allowed level" in capsys.readouterr().out


@pytest.mark.parametrize("change", ["crop_change", "face_change", "change"])
def test_any_larger_difference_fails(compared, capsys, change):
    assert compared(**{change: 2}) == 1
    assert "NOT EQUAL" in capsys.readouterr().out


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, monkeypatch, capsys):
    weights = tmp_path / "GFPGANv1.4.pth"
    weights.write_text("<html>not found</html>")
    monkeypatch.setattr(sys, "argv", ["verify", "--weights", str(weights)])
    assert verify.main() == 2
    assert "data only" in capsys.readouterr().err


def test_without_a_file_the_command_says_how_to_name_one(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["verify", "--weights", ""])
    assert verify.main() == 2
    assert "WEIGHTS=GFPGANv1.4.pth" in capsys.readouterr().err
