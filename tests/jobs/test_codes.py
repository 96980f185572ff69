"""Every code a job can end with is explained."""

from __future__ import annotations

import pytest
from django.utils.functional import Promise

from project.inference import errors
from project.jobs import codes, groups, kinds, recover
from project.jobs.files import StorageFailed
from tests.factories import JobFactory


def all_codes():
    yield from (error.code for error in vars(errors).values() if hasattr(error, "code"))
    yield from (StorageFailed.code, recover.WORKER_LOST, groups.SOME_FAILED)
    yield from (codes.INTERNAL_ERROR, codes.OWNER_DEACTIVATED, codes.UNKNOWN_KIND)


@pytest.mark.parametrize("code", sorted(set(all_codes())))
def test_every_code_of_the_platform_has_a_translatable_text(code):
    text = codes.describe_error(JobFactory.build(error_code=code))
    assert text
    assert code not in text.split()
    assert isinstance(codes.ERRORS[code], Promise)


def test_the_words_of_the_kind_come_first():
    assert codes.describe_error(JobFactory.build(kind="test.fail", error_code="crash")) == "Crashed"


def test_an_unknown_code_is_shown_rather_than_hidden():
    assert "strange" in codes.describe_error(JobFactory.build(error_code="strange"))
    assert "strange" in codes.describe_error(JobFactory.build(kind="gone", error_code="strange"))


def test_a_job_without_an_error_has_nothing_to_explain():
    assert codes.describe_error(JobFactory.build()) == ""


def test_stages_are_shown_in_words():
    shown = codes.describe_stage(JobFactory.build(kind="test.steps", stage="stepping"))
    assert shown == "Stepping"
    assert codes.describe_stage(JobFactory.build(stage="loading_model")) == "Loading the model"
    assert codes.describe_stage(JobFactory.build()) == ""


def test_every_stage_of_every_kind_has_words():
    for kind in kinds.all_kinds():
        assert all(str(text) for text in kind.stages.values()), kind.key
