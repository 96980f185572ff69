"""Patients stay together, classes stay balanced, and the official test stays out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.xray.training.pack import row
from xray.training.packs import PackError, open_pack
from xray.training.split import split_by_group


def rows_of(patients=600):
    return [
        row(f"p{patient}", "PNEUMONIA" if patient % 4 else "NORMAL", path=f"{patient}-{number}.png")
        for patient in range(patients)
        for number in range(1 + patient % 3)
    ]


def groups(rows):
    return {one.group for one in rows}


def parts(split):
    return (split.train, split.calibration, split.holdout)


def test_validation_groups_never_meet_training_groups():
    split = split_by_group(rows_of(), seed=0)
    train, calibration, holdout = map(groups, parts(split))
    assert not train & calibration
    assert not train & holdout
    assert not calibration & holdout
    assert sum(map(len, parts(split))) == len(rows_of())


def test_class_shares_of_the_split():
    shares = [
        sum(one.sick for one in part) / len(part)
        for part in parts(split_by_group(rows_of(), seed=0))
    ]
    assert max(shares) - min(shares) < 0.03
    sizes = [len(part) / len(rows_of()) for part in parts(split_by_group(rows_of(), seed=0))]
    assert sizes[1:] == pytest.approx([0.08, 0.08], abs=0.01)


def test_the_same_seed_parts_the_same_way_whatever_the_order():
    assert set(split_by_group(rows_of(), seed=3).holdout) == set(
        split_by_group(rows_of()[::-1], seed=3).holdout
    )
    assert groups(split_by_group(rows_of(), seed=3).holdout) != groups(
        split_by_group(rows_of(), seed=4).holdout
    )


def test_test_rows_and_duplicates_are_in_no_part():
    more = [row("t", "PNEUMONIA", split="test"), row("d", "PNEUMONIA", duplicate=True)]
    split = split_by_group(rows_of() + more, seed=0)
    assert not {"t", "d"} & set().union(*map(groups, parts(split)))


def test_a_pack_without_both_classes_in_each_part_is_refused():
    with pytest.raises(PackError, match="too small"):
        split_by_group([row("a"), row("b", "PNEUMONIA")], seed=0)


@pytest.mark.skipif(
    not os.environ.get("OMNILENS_XRAY_DATA"),
    reason="needs OMNILENS_XRAY_DATA: a pack of real films",
)
def test_the_real_pack_parts_by_patient_with_equal_shares():
    rows = open_pack(Path(os.environ["OMNILENS_XRAY_DATA"])).rows
    split = split_by_group(rows, seed=0)
    assert not groups(split.train) & (groups(split.calibration) | groups(split.holdout))
    assert not groups(split.calibration) & groups(split.holdout)
    shares = [sum(one.sick for one in part) / len(part) for part in parts(split)]
    assert max(shares) - min(shares) <= 0.03
