"""Roles: cached list, guarded deletion."""

from __future__ import annotations

import pytest

from accounts import role_cache
from accounts.models import Role
from tests.factories import UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]

PATH = "/api/v1/roles/"


@pytest.fixture
def admin_client_(administrator, bearer):
    return bearer(administrator)


def codes(client) -> list[str]:
    return [row["code"] for row in client.get(PATH).json()["results"]]


def create(client, code="radiologist", django_capture=None):
    return client.post(PATH, {"code": code, "name": code.title()})


def test_everyone_signed_in_reads_roles_and_strangers_do_not(api, user, bearer):
    assert api.get(PATH).status_code == 401
    body = bearer(user).get(PATH).json()
    assert body["count"] == 3
    assert [row["code"] for row in body["results"]] == ["administrator", "operator", "user"]
    assert set(body["results"][0]) == {
        "id",
        "code",
        "name",
        "description",
        "device_seconds_per_day",
        "built_in",
        "created_at",
        "updated_at",
    }
    assert body["results"][0]["created_at"].endswith("Z")


def test_the_list_is_paged(user, bearer):
    client = bearer(user)
    first = client.get(PATH, {"page_size": 2}).json()
    assert (first["count"], len(first["results"])) == (3, 2)
    assert len(client.get(first["next"]).json()["results"]) == 1


def test_only_administrators_write(user, operator, bearer):
    role = Role.objects.create(code="x", name="X")
    for somebody in (user, operator):
        client = bearer(somebody)
        assert create(client).status_code == 403
        assert client.patch(f"{PATH}{role.pk}/", {"name": "Y"}).status_code == 403
        assert client.delete(f"{PATH}{role.pk}/").status_code == 403
    role.refresh_from_db()
    assert role.name == "X"


def test_a_second_reading_costs_no_role_query(user, bearer, django_assert_num_queries):
    client = bearer(user)
    codes(client)
    with django_assert_num_queries(1):  # the token's family and user
        codes(client)


@pytest.mark.django_db(transaction=True)
def test_every_write_shows_in_the_next_reading():
    from accounts.services.families import issue_pair
    from tests.accounts.conftest import with_pair

    client = with_pair(issue_pair(user=UserFactory(role=Role.ADMINISTRATOR)))
    assert "radiologist" not in codes(client)
    made = create(client).json()
    assert "radiologist" in codes(client)
    client.patch(f"{PATH}{made['id']}/", {"code": "reader", "name": "Reader"})
    assert "reader" in codes(client) and "radiologist" not in codes(client)
    client.delete(f"{PATH}{made['id']}/")
    assert "reader" not in codes(client)
    Role.objects.create(code="by-admin-page", name="x")
    assert "by-admin-page" in codes(client)


def test_a_reader_that_is_late_fills_a_key_that_nobody_reads():
    def slow_query():
        role_cache.start_generation()  # somebody writes while this reader holds the old rows
        return ["old"]

    assert role_cache.cached_rows(slow_query) == ["old"]
    assert role_cache.cached_rows(lambda: ["new"]) == ["new"]


def test_the_list_survives_the_loss_of_redis(user, bearer, dead_redis):
    assert codes(bearer(user)) == ["administrator", "operator", "user"]


def test_an_assigned_role_is_not_deleted(admin_client_, user):
    role = Role.objects.create(code="radiologist", name="R")
    user.roles.add(role)
    answer = admin_client_.delete(f"{PATH}{role.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "role_in_use")
    assert answer.json()["user_count"] == 1
    assert user.roles.filter(pk=role.pk).exists()
    user.roles.clear()
    assert admin_client_.delete(f"{PATH}{role.pk}/").status_code == 204
    assert not Role.objects.filter(pk=role.pk).exists()


@pytest.mark.parametrize("code", Role.BUILT_IN)
def test_built_in_roles_keep_their_code_and_stay(admin_client_, code):
    path = f"{PATH}{Role.objects.get(code=code).pk}/"
    for answer in (admin_client_.delete(path), admin_client_.patch(path, {"code": "other"})):
        assert (answer.status_code, answer.json()["code"]) == (409, "role_built_in")
    assert admin_client_.patch(path, {"description": "ours"}).status_code == 200
    assert Role.objects.get(code=code).description == "ours"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"code": "user", "name": "Again"}, "code"),
        ({"code": "with space", "name": "x"}, "code"),
        ({"name": "x"}, "code"),
        ({"code": "x", "name": " "}, "name"),
    ],
)
def test_bad_input_is_refused_by_field_and_makes_no_role(admin_client_, body, field):
    answer = admin_client_.post(PATH, body)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert Role.objects.count() == 3


def test_an_administrator_sets_and_lifts_the_device_time_of_a_role(administrator, bearer):
    client = bearer(administrator)
    role = client.post(
        PATH, {"code": "guest", "name": "Guest", "device_seconds_per_day": 60}
    ).json()
    assert role["device_seconds_per_day"] == 60
    path = f"{PATH}{role['id']}/"
    assert client.patch(path, {"name": "Guests"}).json()["device_seconds_per_day"] == 60
    assert client.patch(path, {"device_seconds_per_day": -1}).status_code == 400
    assert (
        client.patch(path, {"device_seconds_per_day": None}).json()["device_seconds_per_day"]
        is None
    )
