"""An API token reaches what its scopes name, and nothing else."""

from types import SimpleNamespace

import pytest
from rest_framework.test import APIClient

from tests.factories import UserFactory

PATHS = ("scoped", "unscoped", "operators", "administrators")


def reach(user, token=None, method="get"):
    client = APIClient()
    client.force_authenticate(user, token)
    return {name: getattr(client, method)(f"/api/probe/{name}/").status_code for name in PATHS}


def token(*scopes):
    return SimpleNamespace(scopes=list(scopes))


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (None, [200, 200, 403, 403]),
        ("operator", [200, 200, 200, 403]),
        ("administrator", [200, 200, 200, 200]),
    ],
)
def test_a_session_reaches_what_its_roles_allow(db, probes, role, expected):
    assert list(reach(UserFactory(role=role)).values()) == expected


def test_an_anonymous_caller_is_asked_to_sign_in(api):
    assert {api.get(f"/api/probe/{name}/").status_code for name in PATHS} == {401}


def test_a_token_needs_the_scope_of_the_method(db, probes):
    user = UserFactory()
    assert reach(user, token("jobs:read"))["scoped"] == 200
    assert reach(user, token("jobs:read"), "post")["scoped"] == 403
    assert reach(user, token("jobs:write"), "post")["scoped"] == 200


def test_a_view_without_a_scope_is_closed_to_tokens(db, probes):
    assert reach(UserFactory(), token("jobs:read", "users:admin"))["unscoped"] == 403


def test_the_token_of_an_administrator_is_no_more_than_its_scopes(db, probes):
    boss = UserFactory(role="administrator")
    assert reach(boss, token("jobs:read"))["administrators"] == 403
    assert reach(boss, token("users:admin"))["administrators"] == 200


def test_a_missing_scope_is_named(db, probes):
    client = APIClient()
    client.force_authenticate(UserFactory(), token("images:read"))
    body = client.get("/api/probe/scoped/").json()
    assert (body["code"], body["required_scope"]) == ("scope_missing", "jobs:read")
