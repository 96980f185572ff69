"""Opening an account."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from accounts.errors import Invalid
from accounts.models import Role, User
from accounts.services import people
from accounts.services.people import create_user
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def register(api, **changes):
    body = {"username": "lin", "email": "lin@example.org", "password": PASSWORD, **changes}
    return api.post("/api/v1/auth/register/", body)


def test_a_new_account_has_the_default_role_and_no_rights(api):
    answer = register(api)
    assert answer.status_code == 201
    made = User.objects.get()
    assert (made.is_active, made.is_staff, made.is_superuser) == (True, False, False)
    assert [role.code for role in made.roles.all()] == ["user"]
    assert answer.data["roles"] == ["user"]
    assert "password" not in answer.data
    assert made.check_password(PASSWORD)


def test_the_default_role_is_a_setting(api, settings):
    settings.DEFAULT_ROLE = "operator"
    assert register(api).data["roles"] == ["operator"]


def test_a_default_role_that_nobody_made_leaves_no_account(settings):
    settings.DEFAULT_ROLE = "missing"
    with pytest.raises(ImproperlyConfigured, match="OMNILENS_DEFAULT_ROLE"):
        create_user(username="lin", email="lin@example.org", password=PASSWORD)
    assert not User.objects.exists()


def test_the_built_in_roles_exist_in_a_fresh_database():
    assert set(Role.objects.values_list("code", flat=True)) >= set(Role.BUILT_IN)


def test_a_closed_site_takes_no_account(api, settings, client):
    settings.REGISTRATION_OPEN = False
    answer = register(api)
    assert (answer.status_code, answer.json()["code"]) == (403, "registration_closed")
    assert client.get("/accounts/register/").status_code == 403
    assert b"/accounts/register/" not in client.get("/accounts/sign-in/").content
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"password": "short"}, "password", "password_too_short"),
        ({"password": "password123"}, "password", "password_too_common"),
        ({"password": "83917265019"}, "password", "password_entirely_numeric"),
        ({"password": "lin@example.org"}, "password", "password_too_similar"),
        ({"username": "lin@example.org"}, "username", "invalid"),
        ({"username": "l in"}, "username", "invalid"),
        ({"username": ""}, "username", "blank"),
        ({"username": "x" * 151}, "username", "max_length"),
        ({"email": "nowhere"}, "email", "invalid"),
        ({"language": "tlh"}, "language", "invalid_choice"),
    ],
)
def test_bad_input_is_refused_by_field_and_makes_no_account(api, changes, field, code):
    answer = register(api, **changes)
    assert answer.status_code == 400
    assert code in {item["code"] for item in answer.json()["fields"][field]}
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"username": "LIN"}, "username", "username_taken"),
        ({"email": "LIN@example.org", "username": "other"}, "email", "email_taken"),
    ],
)
def test_names_are_unique_in_any_case(api, changes, field, code):
    UserFactory(username="lin", email="lin@example.org")
    answer = register(api, **changes)
    assert answer.status_code == 400
    assert {item["code"] for item in answer.json()["fields"][field]} == {code}
    assert User.objects.count() == 1


def test_the_database_itself_refuses_a_second_spelling():
    UserFactory(username="lin")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(username="LIN")


def test_a_name_taken_between_check_and_save_is_a_field_error(monkeypatch):
    checks = people._profile_errors

    def lose_the_race(user: User):
        found = checks(user)
        if not User.objects.exists():
            UserFactory(username="lin", email="other@example.org")
        return found

    monkeypatch.setattr(people, "_profile_errors", lose_the_race)
    with pytest.raises(Invalid) as refused:
        create_user(username="lin", email="lin@example.org", password=PASSWORD)
    assert set(refused.value.fields) == {"username"}
    assert User.objects.count() == 1
