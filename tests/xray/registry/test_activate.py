"""Which classifier serves: only a good one, exactly one, and always a way back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from project.errors import ServiceError
from project.images import storage
from tests.xray.registry.versions import figures, stored_version
from xray.models import AuditEvent, ModelVersion
from xray.services.activate import activate_version, retire_version, roll_back_version
from xray.services.goals import GOALS, missed_goals
from xray.services.versions import NAME, active_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]


def statuses():
    return dict(ModelVersion.objects.values_list("version", "status"))


def activate(version, actor=None):
    return activate_version(version=version, actor=actor, address="192.0.2.7")


@pytest.fixture
def refused():
    def check(code, act, **given):
        before = statuses()
        with pytest.raises(ServiceError) as caught:
            act(**given)
        assert caught.value.code == code
        assert statuses() == before
        return caught.value

    return check


def test_the_switch_retires_the_old_version_and_is_audited(user):
    first, second = stored_version("1"), stored_version("2")
    activate(first, user)
    assert active_version() == first
    switched = activate(second, user)
    assert statuses() == {"1": "retired", "2": "active"}
    assert (switched.activated_by, active_version()) == (user, second)
    event = AuditEvent.objects.last()
    assert (event.action, event.actor_id) == ("model.activated", user.pk)
    assert event.origin and event.address is None
    assert (event.before, event.after) == (first.sha256, second.sha256)


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.figure)
def test_activation_needs_passing_metrics(goal, refused):
    just = stored_version("just", metrics=figures(**{goal.figure: goal.bound}))
    assert missed_goals(just) == []
    beyond = goal.bound - 0.001 if goal.at_least else goal.bound + 0.001
    below = stored_version("below", metrics=figures(**{goal.figure: beyond}))
    error = refused("version_below_goals", activate, version=below)
    assert error.extra["missed"] == [f"{goal.told()} (is {beyond:g})"]
    assert goal.figure in str(error.detail)
    without = stored_version("without", metrics=figures(**{goal.figure: None}))
    assert refused("version_below_goals", activate, version=without)
    just.metrics = figures(**{goal.figure: float("nan")})
    assert len(missed_goals(just)) == 1


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"metrics": {}}, "held-out"),
        ({"metrics": figures(split="train")}, "held-out"),
        ({"metrics": figures(split="calibration")}, "held-out"),
        ({"metrics": figures(n=99)}, "n >= 100"),
        ({"metrics": figures(operating_point={"probability": 0.5})}, "operating point"),
        ({"metrics": figures(operating_point={})}, "operating point"),
        ({"point_name": "balanced"}, "operating point"),
        ({"point_name": "rule_in"}, "calibration"),
        ({"calibration": {}}, "calibration"),
    ],
)
def test_figures_count_only_for_what_would_serve(changes, lacks, refused):
    version = stored_version("1", **changes)
    error = refused("version_below_goals", activate, version=version)
    assert any(lacks in one for one in error.extra["missed"])


def test_a_version_whose_file_is_gone_is_not_activated(refused):
    version = stored_version("1")
    storage.delete(version.file)
    refused("model_file_missing", activate, version=version)


def test_an_active_version_is_not_activated_again(refused):
    version = stored_version("1")
    activate(version)
    refused("already_active", activate, version=version)
    assert AuditEvent.objects.count() == 1


def test_a_rollback_goes_back_one_version_after_the_other(user, refused):
    versions = [stored_version(name) for name in ("1", "2", "3")]
    for version in versions:
        activate(version)
    assert roll_back_version(name=NAME, actor=user) == versions[1]
    assert roll_back_version(name=NAME, actor=user) == versions[0]
    assert statuses() == {"1": "active", "2": "retired", "3": "retired"}
    refused("no_previous_version", roll_back_version, name=NAME, actor=user)
    assert [event.action for event in AuditEvent.objects.all()][-2:] == ["model.rolled_back"] * 2
    activate(versions[2], user)
    assert active_version() == versions[2], "what was rolled back can serve again"


def test_a_rollback_asks_for_no_goals_but_for_the_file(refused):
    old, new = stored_version("1"), stored_version("2")
    activate(old)
    activate(new)
    ModelVersion.objects.filter(pk=old.pk).update(metrics=figures(auc=0.5))
    assert roll_back_version(name=NAME, actor=None) == old
    ModelVersion.objects.filter(pk=old.pk).update(activated_at=timezone.now() + timedelta(1))
    storage.delete(new.file)
    refused("model_file_missing", roll_back_version, name=NAME, actor=None)


def test_only_a_draft_is_retired_and_never_the_one_that_serves(refused):
    serving, draft = stored_version("1"), stored_version("2")
    activate(serving)
    assert retire_version(version=draft, actor=None).status == "retired"
    assert AuditEvent.objects.last().action == "model.retired"
    refused("version_is_active", retire_version, version=serving, actor=None)
    again = AuditEvent.objects.count()
    retire_version(version=draft, actor=None)
    assert AuditEvent.objects.count() == again


def test_a_retired_draft_never_served_so_no_rollback_finds_it(refused):
    retire_version(version=stored_version("1"), actor=None)
    activate(stored_version("2"))
    refused("no_previous_version", roll_back_version, name=NAME, actor=None)


def test_the_database_holds_one_active_version_whoever_writes():
    activate(stored_version("1"))
    with pytest.raises(IntegrityError):
        ModelVersion.objects.filter(pk=stored_version("2").pk).update(status="active")


def test_a_failed_switch_leaves_the_old_version_serving(monkeypatch):
    old, new = stored_version("1"), stored_version("2")
    activate(old)

    def fail(**given):
        raise RuntimeError("the trail could not be extended")

    monkeypatch.setattr("xray.services.activate.audit.record", fail)
    with pytest.raises(RuntimeError):
        activate(new)
    assert statuses() == {"1": "active", "2": "draft"}
