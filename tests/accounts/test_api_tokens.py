"""Named API tokens: shown once, hashed, scoped, expiring, revocable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import ApiToken, Role, Scope
from accounts.services.people import change_user
from accounts.services.tokens import create_token, revoke_token
from tests.accounts.conftest import with_token
from tests.factories import UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def create(client: APIClient, **changes):
    body = {"name": "laptop", "scopes": ["jobs:read"], **changes}
    return client.post("/api/v1/tokens/", body)


def with_secret(secret: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Token {secret}"})


def test_the_secret_is_shown_once_and_only_its_digest_is_stored(user, bearer):
    client = bearer(user)
    answer = create(client)
    assert answer.status_code == 201
    secret = answer.data["secret"]
    assert secret.startswith("omni_") and len(secret) >= 48
    assert answer["Cache-Control"] == "no-store"
    row = ApiToken.objects.get(owner=user)
    assert row.digest == sha256(secret.encode()).hexdigest()
    assert secret not in str(ApiToken.objects.values().get())
    listed = client.get("/api/v1/tokens/").json()
    assert listed["count"] == 1
    assert set(listed["results"][0]) == {
        "id",
        "name",
        "prefix",
        "scopes",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    }
    assert listed["results"][0]["id"] == str(row.pk)
    assert "secret" not in client.get(f"/api/v1/tokens/{row.pk}/").json()


SCOPE_MATRIX = [
    ("get", "/api/v1/users/info/", Scope.ACCOUNT_READ),
    ("patch", "/api/v1/users/info/", Scope.ACCOUNT_WRITE),
    ("get", "/api/v1/tokens/", Scope.ACCOUNT_READ),
    ("post", "/api/v1/tokens/", Scope.ACCOUNT_WRITE),
    ("get", "/api/v1/roles/", Scope.ACCOUNT_READ),
    ("post", "/api/v1/roles/", Scope.USERS_ADMIN),
    ("get", "/api/v1/users/", Scope.USERS_ADMIN),
    ("post", "/api/v1/users/", Scope.USERS_ADMIN),
    ("post", "/api/v1/privacy/erase/", Scope.ACCOUNT_WRITE),
]


@pytest.mark.parametrize(("method", "path", "needed"), SCOPE_MATRIX)
def test_each_operation_needs_exactly_its_scope(administrator, method, path, needed):
    for scope in Scope:
        answer = getattr(with_token(administrator, scope), method)(path, {})
        refused = answer.status_code == 403 and answer.json()["code"] == "scope_missing"
        assert refused == (scope != needed), (scope, answer.status_code)


def test_an_export_needs_all_three_read_scopes(user):
    assert with_token(user, Scope.ACCOUNT_READ).post("/api/v1/privacy/export/").status_code == 403
    three = with_token(user, Scope.ACCOUNT_READ, Scope.IMAGES_READ, Scope.JOBS_READ)
    assert three.post("/api/v1/privacy/export/").status_code == 200


def test_a_token_cannot_make_a_stronger_token(user):
    answer = create(with_token(user, Scope.ACCOUNT_WRITE), scopes=["account:write", "jobs:write"])
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_not_allowed")
    assert answer.json()["allowed_scopes"] == ["account:write"]
    assert ApiToken.objects.filter(owner=user).count() == 1


def test_only_administrators_get_the_scope_to_manage_users(user, administrator, bearer):
    assert create(bearer(user), scopes=["users:admin"]).status_code == 403
    assert create(bearer(administrator), scopes=["users:admin"]).status_code == 201


def test_a_demoted_administrators_token_manages_nobody(administrator):
    UserFactory(role=Role.ADMINISTRATOR)
    client = with_token(administrator, Scope.USERS_ADMIN)
    assert client.get("/api/v1/users/").status_code == 200
    administrator.roles.clear()
    assert client.get("/api/v1/users/").status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["jobs:everything"]}, "scopes.0"),
        ({"scopes": "jobs:read"}, "scopes"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
    ],
)
def test_bad_input_is_refused_by_field_and_makes_no_token(user, bearer, changes, field):
    answer = create(bearer(user), **changes)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert not ApiToken.objects.exists()


def test_an_expired_token_is_refused(user):
    made = create_token(
        owner=user, name="t", scopes=["account:read"], expires_at=NOON + timedelta(days=1), now=NOON
    )
    client = with_secret(made.secret)
    with time_machine.travel(NOON, tick=False) as clock:
        assert client.get("/api/v1/users/info/").status_code == 200
        clock.shift(timedelta(days=1))
        answer = client.get("/api/v1/users/info/")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")
    assert "Token" in answer["WWW-Authenticate"]


def test_a_revoked_token_is_refused_at_once(user, bearer):
    made = create_token(owner=user, name="t", scopes=["account:read"])
    assert bearer(user).delete(f"/api/v1/tokens/{made.token.pk}/").status_code == 204
    assert with_secret(made.secret).get("/api/v1/users/info/").status_code == 401


def test_revoking_twice_keeps_the_first_time(user):
    token = create_token(owner=user, name="t", scopes=["jobs:read"]).token
    revoke_token(token=token, now=NOON)
    revoke_token(token=token, now=NOON + timedelta(hours=1))
    assert ApiToken.objects.get().revoked_at == NOON


def test_the_token_of_a_deactivated_user_is_refused(user):
    client = with_token(user, Scope.ACCOUNT_READ)
    change_user(user=user, is_active=False)
    assert client.get("/api/v1/users/info/").status_code == 401


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token omni_wrong", "token \u00e9"])
def test_a_malformed_header_is_a_401(api, header):
    answer = api.get("/api/v1/users/info/", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_strangers_token_is_a_404(user, stranger, bearer):
    token = create_token(owner=stranger, name="t", scopes=["jobs:read"]).token
    client = bearer(user)
    assert client.get(f"/api/v1/tokens/{token.pk}/").status_code == 404
    assert client.delete(f"/api/v1/tokens/{token.pk}/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_each_person_lists_exactly_their_own_tokens(user, administrator, bearer):
    own = create_token(owner=user, name="own", scopes=["jobs:read"]).token
    create_token(owner=administrator, name="other", scopes=["jobs:read"])
    results = bearer(user).get("/api/v1/tokens/").json()["results"]
    assert [row["id"] for row in results] == [str(own.pk)]
    assert set(ApiToken.objects.visible_to(administrator)) == set(administrator.tokens.all())


def test_last_used_is_written_at_most_once_a_minute(user, django_assert_num_queries):
    made = create_token(owner=user, name="t", scopes=["account:read"], now=NOON)
    client = with_secret(made.secret)
    with time_machine.travel(NOON, tick=False) as clock:
        client.get("/api/v1/users/info/")
        clock.shift(timedelta(seconds=59))
        client.get("/api/v1/users/info/")
        assert ApiToken.objects.get().last_used_at == NOON
        clock.shift(timedelta(seconds=1))
        client.get("/api/v1/users/info/")
    assert ApiToken.objects.get().last_used_at == NOON + timedelta(minutes=1)


def test_a_token_speaks_its_owners_language(user):
    change_user(user=user, language="zh-hans")
    client = with_token(user, Scope.ACCOUNT_READ)
    answer = client.get("/api/v1/users/info/", headers={"Accept-Language": "en"})
    assert answer["Content-Language"] == "zh-hans"
