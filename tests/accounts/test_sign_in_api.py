"""Signing in through the API."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import check_password
from django.test import override_settings
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def sign_in(api: APIClient, name: str, password: str = PASSWORD):
    return api.post("/api/v1/auth/login/", {"username": name, "password": password})


@pytest.mark.parametrize("spelling", ["username", "email"])
def test_username_and_email_both_open_the_account_in_any_case(api, user, spelling):
    answer = sign_in(api, getattr(user, spelling).upper())
    assert answer.status_code == 200
    assert set(answer.data) == {"access", "refresh", "token_type", "expires_in", "user"}
    assert answer.data["user"]["id"] == str(user.pk)
    assert answer.data["token_type"] == "Bearer" and answer.data["expires_in"] == 600
    user.refresh_from_db()
    assert user.last_login is not None


def test_the_email_field_may_be_used_instead_of_username(api, user):
    answer = api.post("/api/v1/auth/login/", {"email": user.email, "password": PASSWORD})
    assert answer.status_code == 200


def test_the_access_token_opens_the_own_profile(api, user):
    access = sign_in(api, user.username).data["access"]
    answer = APIClient(headers={"Authorization": f"Bearer {access}"}).get("/api/v1/users/info/")
    assert answer.status_code == 200
    assert answer.data["username"] == user.username


@pytest.mark.parametrize("prefix", ["/api/", "/api/v1/"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_spelling_of_the_login_path_takes_the_post(api, user, prefix, slash):
    answer = api.post(
        f"{prefix}auth/login{slash}", {"username": user.username, "password": PASSWORD}
    )
    assert answer.status_code == 200


def _answer(response) -> dict[str, object]:
    body = response.json()
    body.pop("request_id")
    return body


def test_unknown_wrong_and_inactive_get_the_same_answer(api, user):
    inactive = UserFactory(is_active=False)
    answers = [
        sign_in(api, "nobody-at-all"),
        sign_in(api, "nobody@example.org"),
        sign_in(api, user.username, "wrong-password"),
        sign_in(api, inactive.username),
    ]
    assert {answer.status_code for answer in answers} == {401}
    bodies = [_answer(answer) for answer in answers]
    assert bodies == [bodies[0]] * 4
    assert bodies[0]["code"] == "invalid_credentials"


def test_an_unknown_name_costs_one_password_hash_like_a_known_one(api, user, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed = []
    encode = MD5PasswordHasher.encode

    def counting(self, password, salt):
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    sign_in(api, user.username, "wrong-password")
    known = len(hashed)
    sign_in(api, "nobody-at-all", "wrong-password")
    assert known == 1
    assert len(hashed) == 2


@override_settings(AXES_FAILURE_LIMIT=3)
def test_too_many_failures_lock_the_account_under_both_its_names(api, user):
    for name in (user.username, user.email):
        assert sign_in(api, name, "wrong").status_code == 401
    assert sign_in(api, user.username, "wrong").status_code == 429
    locked = sign_in(api, user.email)
    assert locked.status_code == 429
    assert locked.json()["code"] == "locked_out"
    assert locked["Content-Type"] == "application/problem+json"
    assert int(locked["Retry-After"]) == 900


@override_settings(AXES_FAILURE_LIMIT=3)
def test_an_unknown_name_is_locked_out_like_a_known_one(api):
    statuses = [sign_in(api, "nobody-at-all", "wrong").status_code for _ in range(4)]
    assert statuses == [401, 401, 429, 429]


@override_settings(AXES_FAILURE_LIMIT=3)
def test_a_success_forgets_earlier_failures(api, user):
    for _ in range(2):
        sign_in(api, user.username, "wrong")
    assert sign_in(api, user.username).status_code == 200
    assert sign_in(api, user.username, "wrong").status_code == 401


def test_sign_in_is_refused_while_failures_cannot_be_counted(api, user, dead_redis):
    answer = sign_in(api, user.username)
    assert answer.status_code == 503
    assert answer.json()["code"] == "unavailable"
    assert "Retry-After" in answer


def test_a_missing_name_or_password_is_a_field_error(api):
    answer = api.post("/api/v1/auth/login/", {})
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"password"}
    answer = api.post("/api/v1/auth/login/", {"password": "x"})
    assert set(answer.json()["fields"]) == {"username"}


def test_login_answers_in_the_users_language(api, user):
    answer = sign_in(APIClient(headers={"Accept-Language": "zh-hans"}), "nobody")
    assert answer["Content-Language"] == "zh-hans"


def test_passwords_are_stored_with_argon2_outside_the_tests():
    from project.settings import base

    assert base.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    user = User(username="x")
    with override_settings(PASSWORD_HASHERS=base.PASSWORD_HASHERS):
        user.set_password(PASSWORD)
        assert user.password.startswith("argon2$")
        assert check_password(PASSWORD, user.password)
