"""The registry by the API: everybody reads, administrators switch, figures decide."""

import pytest
from rest_framework.test import APIClient

from accounts.models import Role
from tests.factories import UserFactory
from tests.xray.factories import make_version
from xray.models import AuditEvent, ModelVersion
from xray.services import activate

pytestmark = pytest.mark.django_db

MODELS = "/api/v1/xray/models/"


@pytest.fixture
def boss(db):
    client = APIClient()
    client.force_authenticate(UserFactory(role=Role.ADMINISTRATOR))
    return client


def test_everybody_may_know_what_scores_their_films(api, version):
    [row] = api.get(MODELS).json()
    assert (row["version"], row["status"], row["sha256"]) == ("1.0.0", "active", version.sha256)
    assert row["file_present"] is False


def test_only_administrators_switch(api, version):
    answer = api.post(f"{MODELS}{version.pk}/activate/")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_activation_needs_passing_metrics(boss, version):
    other = make_version(version="2.0.0", metrics={"auc": 0.5})
    answer = boss.post(f"{MODELS}{other.pk}/activate/")
    assert (answer.status_code, answer.json()["code"]) == (409, "version_below_goals")
    assert answer.json()["missed"]
    assert ModelVersion.objects.get(status="active") == version
    assert not AuditEvent.objects.filter(action="model.activated").exists()


def test_a_version_that_passes_serves_and_the_switch_is_in_the_trail(boss, version, monkeypatch):
    other = make_version(version="2.0.0")
    monkeypatch.setattr(activate, "missed_goals", lambda version: [])
    monkeypatch.setattr(activate, "is_file_present", lambda version: True)
    answer = boss.post(f"{MODELS}{other.pk}/activate/")
    assert (answer.status_code, answer.json()["status"]) == (200, "active")
    version.refresh_from_db()
    assert version.status == "retired"
    event = AuditEvent.objects.get(action="model.activated")
    assert (event.address, len(event.origin), event.actor_id is not None) == (None, 16, True)
