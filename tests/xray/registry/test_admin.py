"""Operators in the admin: they switch versions, and see neither films nor findings."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.xray.factories import make_facts, make_study
from tests.xray.registry.versions import figures, stored_version
from xray.admin.reliability import diagram
from xray.models import AuditEvent, ModelVersion, Report, Study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]


def page(client, row, name="change"):
    return client.get(reverse(f"admin:xray_{row._meta.model_name}_{name}", args=[row.pk]))


def choose(client, action, *rows):
    return client.post(
        reverse("admin:xray_modelversion_changelist"),
        {"action": action, "_selected_action": [row.pk for row in rows]},
        follow=True,
    )


def test_a_version_is_activated_and_rolled_back_by_its_operator(admin_client, admin_user):
    first, second = stored_version("1"), stored_version("2")
    assert choose(admin_client, "activate", first).status_code == 200
    choose(admin_client, "activate", second)
    assert ModelVersion.objects.get(status="active") == second
    choose(admin_client, "roll_back", second)
    assert ModelVersion.objects.get(status="active") == first
    assert list(AuditEvent.objects.values_list("action", "actor")) == [
        ("model.rolled_back", admin_user.pk),
        ("model.activated", admin_user.pk),
        ("model.activated", admin_user.pk),
    ] or [e.action for e in AuditEvent.objects.order_by("id")] == [
        "model.activated", "model.activated", "model.rolled_back",
    ]  # fmt: skip


def test_a_refusal_names_what_is_missed(admin_client):
    weak = stored_version("weak", metrics=figures(auc=0.9))
    answer = choose(admin_client, "activate", weak)
    assert "auc &gt;= 0.96" in answer.content.decode()
    weak.refresh_from_db()
    assert weak.status == "draft"


def test_two_versions_cannot_serve_at_once(admin_client):
    answer = choose(admin_client, "activate", stored_version("1"), stored_version("2"))
    assert "Choose one version." in answer.content.decode()
    assert not ModelVersion.objects.filter(status="active").exists()


def test_somebody_who_may_only_look_cannot_switch(client, user):
    from django.contrib.auth.models import Permission

    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_modelversion"))
    client.force_login(user)
    version = stored_version("1")
    choose(client, "activate", version)
    version.refresh_from_db()
    assert version.status == "draft"


def test_the_page_of_a_version_shows_figures_command_and_diagram(admin_client):
    text = page(admin_client, stored_version("1")).content.decode()
    for shown in ("0.975 (0.500-0.990)", "auc &gt;= 0.96", "manage.py xray_train", "ab" * 32):
        assert shown in text
    assert "<svg" in text
    assert 'name="_save"' not in text


def test_the_diagram_needs_no_style_and_no_script_and_draws_each_bin_in_its_place():
    drawn = diagram(
        [
            {"probability": 0.0, "share": 0.0, "count": 10},
            {"probability": 1.0, "share": 1.0, "count": 40},
        ]
    )
    assert "style" not in drawn
    assert "<script" not in drawn
    assert drawn.count("<circle") == 2
    assert 'cx="34.0" cy="274.0"' in drawn
    assert 'cx="274.0" cy="34.0"' in drawn


@pytest.mark.parametrize("model", [ModelVersion, Study, Report, AuditEvent])
def test_nothing_is_added_changed_or_deleted_here(rf, admin_user, model):
    request = rf.get("/")
    request.user = admin_user
    shown = admin.site._registry[model]
    assert not shown.has_add_permission(request)
    assert not shown.has_change_permission(request)
    assert not shown.has_delete_permission(request)
    assert shown.has_view_permission(request)


def test_an_operator_reads_states_and_nothing_of_the_patient(admin_client, user):
    study = make_study(user, facts=make_facts(indication="Cough since Tuesday"))
    report = study.reports.get()
    assert page(admin_client, study).status_code == 200
    for row in (study, report):
        text = page(admin_client, row).content.decode()
        text += admin_client.get(
            reverse(f"admin:xray_{row._meta.model_name}_changelist")
        ).content.decode()
        for secret in ("Cough", study.patient_key, str(study.film.pk), "0.912", "pneumonia"):
            assert secret not in text
