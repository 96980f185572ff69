"""Users: administrators manage, people see themselves."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts.models import Role, User
from tests.accounts.conftest import with_token
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]

FIELDS = {
    "id",
    "username",
    "email",
    "language",
    "is_active",
    "is_staff",
    "roles",
    "created_at",
    "updated_at",
    "last_login",
}


def new_user(**changes):
    return {"username": "lin", "email": "lin@example.org", "password": PASSWORD, **changes}


def test_only_administrators_list_users(user, operator, administrator, api, bearer):
    assert api.get("/api/v1/users/").status_code == 401
    assert bearer(user).get("/api/v1/users/").status_code == 403
    assert bearer(operator).get("/api/v1/users/").status_code == 403
    body = bearer(administrator).get("/api/v1/users/").json()
    assert {row["username"] for row in body["results"]} == {
        user.username,
        operator.username,
        administrator.username,
    }
    assert set(body["results"][0]) == FIELDS


def test_the_list_is_paged_with_a_count(administrator, bearer):
    UserFactory.create_batch(4)
    client = bearer(administrator)
    page = client.get("/api/v1/users/", {"page_size": 2}).json()
    assert (page["count"], len(page["results"]), page["previous"]) == (5, 2, None)
    seen = [row["id"] for row in page["results"]]
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += [row["id"] for row in page["results"]]
    assert seen == [str(pk) for pk in User.objects.order_by("pk").values_list("pk", flat=True)]


def test_the_list_costs_the_same_queries_for_more_users(
    administrator, bearer, django_assert_max_num_queries
):
    client = bearer(administrator)
    for _ in range(10):
        UserFactory(role=Role.OPERATOR)
    with django_assert_max_num_queries(6):
        assert len(client.get("/api/v1/users/").json()["results"]) == 11


def test_times_are_utc_and_ids_are_strings(user, bearer):
    body = bearer(user).get("/api/v1/users/info/").json()
    assert body["id"] == str(user.pk)
    assert body["created_at"].endswith("Z")
    assert body["last_login"] is None


def test_an_administrator_creates_an_account_with_roles(administrator, bearer):
    client = bearer(administrator)
    answer = client.post("/api/v1/users/", new_user(roles=["operator"], is_staff=True))
    assert answer.status_code == 201
    made = User.objects.get(username="lin")
    assert made.check_password(PASSWORD)
    assert (made.is_staff, [role.code for role in made.roles.all()]) == (True, ["operator"])


def test_an_unknown_role_creates_no_account(administrator, bearer):
    answer = bearer(administrator).post("/api/v1/users/", new_user(roles=["emperor"]))
    assert answer.status_code == 400
    assert answer.json()["fields"]["roles"][0]["code"] == "unknown_role"
    assert not User.objects.filter(username="lin").exists()


def test_only_administrators_create_accounts(user, bearer):
    assert bearer(user).post("/api/v1/users/", new_user()).status_code == 403
    assert not User.objects.filter(username="lin").exists()


def test_people_reach_themselves_and_strangers_are_a_404(user, stranger, bearer):
    client = bearer(user)
    assert client.get(f"/api/v1/users/{user.pk}/").status_code == 200
    for method in (client.get, client.patch, client.delete):
        assert method(f"/api/v1/users/{stranger.pk}/").status_code == 404
        assert method("/api/v1/users/99999999999999999999/").status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/users/info/", "/api/v1/users/{pk}/"])
def test_nobody_raises_their_own_rights(user, bearer, path):
    changes = {
        "is_staff": True,
        "is_superuser": True,
        "is_active": False,
        "roles": ["administrator"],
        "username": "root",
        "language": "zh-hans",
    }
    answer = bearer(user).patch(path.format(pk=user.pk), changes)
    assert answer.status_code == 200
    before = user.username
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)
    assert (user.username, user.roles.count(), user.language) == (before, 0, "zh-hans")


def test_people_cannot_deactivate_or_assign_roles(user, bearer):
    client = bearer(user)
    assert client.delete(f"/api/v1/users/{user.pk}/").status_code == 403
    roles = client.put(f"/api/v1/users/{user.pk}/roles/", {"roles": ["administrator"]})
    assert roles.status_code == 403
    user.refresh_from_db()
    assert user.is_active and not user.roles.exists()


def test_an_administrator_changes_and_deactivates_an_account(user, administrator, bearer):
    client, path = bearer(administrator), f"/api/v1/users/{user.pk}/"
    assert client.patch(path, {"username": "renamed", "is_staff": True}).status_code == 200
    assert client.delete(path).status_code == 204
    user.refresh_from_db()
    assert (user.username, user.is_staff, user.is_active) == ("renamed", True, False)


def test_an_administrator_assigns_exactly_these_roles(user, administrator, bearer):
    client, path = bearer(administrator), f"/api/v1/users/{user.pk}/roles/"
    assert client.put(path, {"roles": ["operator", "user"]}).json() == {
        "roles": ["operator", "user"]
    }
    assert client.put(path, {"roles": ["user"]}).json() == {"roles": ["user"]}
    assert client.get(path).json() == {"roles": ["user"]}
    assert client.put(path, {"roles": ["emperor"]}).status_code == 400
    assert {role.code for role in user.roles.all()} == {"user"}


def test_the_last_administrator_stays(administrator, bearer):
    client, path = bearer(administrator), f"/api/v1/users/{administrator.pk}/"
    for answer in (
        client.delete(path),
        client.patch(path, {"is_active": False}),
        client.put(f"{path}roles/", {"roles": ["user"]}),
        client.post("/api/v1/privacy/erase/", {"password": PASSWORD}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")
    administrator.refresh_from_db()
    assert administrator.is_administrator


def test_one_of_two_administrators_may_go(administrator, bearer):
    UserFactory(role=Role.ADMINISTRATOR)
    path = f"/api/v1/users/{administrator.pk}/"
    assert bearer(administrator).delete(path).status_code == 204


def test_a_token_for_the_own_account_reaches_no_other_account(administrator, user):
    client = with_token(administrator, "account:read", "account:write")
    assert client.get(f"/api/v1/users/{administrator.pk}/").status_code == 200
    assert client.get(f"/api/v1/users/{user.pk}/").status_code == 403
    assert client.patch(f"/api/v1/users/{user.pk}/", {"is_active": False}).status_code == 403
    own = client.patch(f"/api/v1/users/{administrator.pk}/", {"is_staff": True})
    assert own.status_code == 200
    administrator.refresh_from_db()
    assert not administrator.is_staff


def test_a_new_address_is_told_to_the_old_one(user, bearer, django_capture_on_commit_callbacks):
    old = user.email
    with django_capture_on_commit_callbacks(execute=True):
        body = {"email": "new@example.org", "password": PASSWORD}
        answer = bearer(user).patch("/api/v1/users/info/", body)
    assert answer.json()["email"] == "new@example.org"
    assert [message.to for message in mail.outbox] == [[old]]
    assert user.username in mail.outbox[0].body


@pytest.mark.parametrize("given", [{}, {"password": "wrong"}])
@pytest.mark.parametrize("path", ["info", "own id"])
def test_a_new_address_needs_the_password(user, administrator, bearer, given, path):
    for person in (user, administrator):
        own = f"/api/v1/users/{'info' if path == 'info' else person.pk}/"
        answer = bearer(person).patch(own, {"email": "thief@example.org", **given})
        assert (answer.status_code, answer.json()["code"]) == (403, "password_wrong")
        person.refresh_from_db()
        assert person.email != "thief@example.org"


def test_an_administrator_changes_the_address_of_another_without_their_password(
    user, administrator, bearer
):
    answer = bearer(administrator).patch(f"/api/v1/users/{user.pk}/", {"email": "n@example.org"})
    assert answer.json()["email"] == "n@example.org"


def test_saving_the_same_address_sends_nothing(user, bearer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        bearer(user).patch("/api/v1/users/info/", {"email": user.email})
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"email": "no address"}, "email", "invalid"),
        ({"language": "tlh"}, "language", "invalid_choice"),
    ],
)
def test_a_wrong_profile_field_changes_nothing(user, bearer, changes, field, code):
    answer = bearer(user).patch("/api/v1/users/info/", changes)
    assert answer.status_code == 400
    assert answer.json()["fields"][field][0]["code"] == code


def test_an_address_in_use_is_refused_in_any_case(user, stranger, bearer):
    body = {"email": stranger.email.upper(), "password": PASSWORD}
    answer = bearer(user).patch("/api/v1/users/info/", body)
    assert answer.json()["fields"]["email"][0]["code"] == "email_taken"
    user.refresh_from_db()
    assert user.email != stranger.email.upper()
