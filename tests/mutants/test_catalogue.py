"""Guarantees about the list of faults."""

import pytest

from tests.mutants.catalogue import ROOT, load

MUTANTS = load()


def test_at_least_fifteen_faults_are_listed():
    assert len(MUTANTS) >= 15
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_listed_fault_still_fits_its_file_and_names_real_tests(mutant):
    assert mutant.mutated(ROOT) != (ROOT / mutant.file).read_text(encoding="utf-8")
    assert all((ROOT / test.split("::")[0]).exists() for test in mutant.tests)
