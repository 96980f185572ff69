"""The admin: operators look, administrators edit, nobody sees a secret."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.backends import OPERATOR_PERMISSIONS
from accounts.models import ApiToken, Role, User
from accounts.services.families import issue_pair
from accounts.services.tokens import create_token
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def user_form(user: User, **changes):
    form = {
        "username": user.username,
        "email": user.email,
        "language": "",
        "is_active": "on",
        "roles": [role.pk for role in user.roles.all()],
    }
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


def test_roles_alone_give_permissions(user, operator, administrator):
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.all())
    assert user.get_all_permissions() == set()
    assert not user.has_perm("accounts.change_user")
    assert not user.has_module_perms("accounts")
    assert operator.get_all_permissions() == OPERATOR_PERMISSIONS
    assert operator.has_perm("jobs.change_job") and operator.has_module_perms("jobs")
    assert not operator.has_perm("accounts.change_user")
    assert administrator.has_perm("accounts.change_user")
    assert administrator.has_module_perms("anything")


def test_an_inactive_administrator_may_nothing(administrator):
    administrator.is_active = False
    assert not administrator.has_perm("accounts.view_user")
    assert administrator.get_all_permissions() == set()


def test_operators_look_at_users_and_roles_and_change_neither(operator, user):
    client = browser(operator)
    role = Role.objects.first()
    for path in (
        "accounts/user/",
        "accounts/role/",
        f"accounts/user/{user.pk}/change/",
        f"accounts/role/{role.pk}/change/",
    ):
        assert client.get(f"/admin/{path}").status_code == 200, path
    changed = client.post(f"/admin/accounts/user/{user.pk}/change/", user_form(user, username="x"))
    assert changed.status_code == 403
    for path in (
        "accounts/user/add/",
        "accounts/role/add/",
        "accounts/apitoken/",
        f"accounts/user/{user.pk}/password/",
    ):
        assert client.get(f"/admin/{path}").status_code == 403, path


def test_an_operator_cannot_make_themselves_administrator(operator):
    role = Role.objects.get(code=Role.ADMINISTRATOR)
    path = f"/admin/accounts/user/{operator.pk}/change/"
    answer = browser(operator).post(path, user_form(operator, roles=[role.pk]))
    assert answer.status_code == 403
    assert not User.objects.get(pk=operator.pk).is_administrator


def test_an_administrator_edits_users_but_not_superuser_rights(administrator, user):
    path = f"/admin/accounts/user/{user.pk}/change/"
    form = user_form(user, username="renamed", is_superuser="on")
    assert browser(administrator).post(path, form).status_code == 302
    user.refresh_from_db()
    assert (user.username, user.is_superuser) == ("renamed", False)


def test_deactivating_in_the_admin_ends_every_sign_in(administrator, user):
    pair = issue_pair(user=user)
    path = f"/admin/accounts/user/{user.pk}/change/"
    assert browser(administrator).post(path, user_form(user, is_active=None)).status_code == 302
    user.refresh_from_db()
    assert not user.is_active
    assert user.token_families.get().revoked_at is not None
    assert pair.access


def test_the_last_administrator_stays_in_the_admin_too(administrator):
    path = f"/admin/accounts/user/{administrator.pk}/change/"
    client = browser(administrator)
    for form in (user_form(administrator, roles=[]), user_form(administrator, is_active=None)):
        assert client.post(path, form).status_code == 200
    assert User.objects.get(pk=administrator.pk).is_administrator


def test_an_account_made_in_the_admin_has_the_default_role(administrator):
    form = {
        "username": "lin",
        "email": "lin@example.org",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    answer = browser(administrator).post("/admin/accounts/user/add/", form)
    assert answer.status_code == 302
    made = User.objects.get(username="lin")
    assert [role.code for role in made.roles.all()] == ["user"]
    assert made.check_password(PASSWORD)


def test_a_password_set_in_the_admin_ends_every_sign_in(administrator, user):
    issue_pair(user=user)
    new = "another-long-passphrase"
    answer = browser(administrator).post(
        f"/admin/accounts/user/{user.pk}/password/", {"password1": new, "password2": new}
    )
    assert answer.status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)
    assert user.token_families.get().revoked_at is not None


def test_nobody_deletes_accounts_in_the_admin(administrator, user):
    client = browser(administrator)
    assert (
        client.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    )
    assert User.objects.filter(pk=user.pk).exists()


def test_built_in_and_assigned_roles_are_not_deleted_in_the_admin(administrator, user):
    client = browser(administrator)
    held, free = (
        Role.objects.create(code="held", name="H"),
        Role.objects.create(code="free", name="F"),
    )
    user.roles.add(held)
    for role in (held, Role.objects.get(code=Role.OPERATOR)):
        path = f"/admin/accounts/role/{role.pk}/delete/"
        assert client.post(path, {"post": "yes"}).status_code == 403
    assert (
        client.post(f"/admin/accounts/role/{free.pk}/delete/", {"post": "yes"}).status_code == 302
    )
    assert set(Role.objects.values_list("code", flat=True)) == {*Role.BUILT_IN, "held"}


def test_the_admin_never_shows_a_digest_and_edits_no_token(administrator, user):
    made = create_token(owner=user, name="laptop", scopes=["jobs:read"])
    client, path = browser(administrator), f"/admin/accounts/apitoken/{made.token.pk}/change/"
    page = client.get(path).content.decode()
    assert "laptop" in page and made.token.digest not in page and made.secret not in page
    client.post(path, {"name": "x", "scopes": '["users:admin"]', "digest": "0" * 64})
    token = ApiToken.objects.get()
    assert (token.name, token.scopes, token.digest) == ("laptop", ["jobs:read"], made.token.digest)
    assert client.get("/admin/accounts/apitoken/add/").status_code == 403


def test_an_administrator_revokes_tokens_in_the_admin(administrator, user):
    made = create_token(owner=user, name="laptop", scopes=["jobs:read"])
    form = {"action": "revoke_selected", "_selected_action": [made.token.pk]}
    assert browser(administrator).post("/admin/accounts/apitoken/", form).status_code == 302
    assert ApiToken.objects.get().revoked_at is not None


@pytest.mark.parametrize("path", ["", "accounts/user/", "accounts/role/"])
def test_to_a_plain_user_the_admin_does_not_exist(path):
    assert browser(UserFactory(is_staff=True)).get(f"/admin/{path}").status_code == 404
