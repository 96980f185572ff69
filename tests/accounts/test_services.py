"""What services promise to callers that have no form in front of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import IntegrityError

from accounts.errors import Invalid
from accounts.models import ApiToken, BrowserSession, PrivacyReceipt, Role, User
from accounts.privacy import registry
from accounts.services import notices, reset
from accounts.services.people import change_user
from accounts.services.roles import create_role
from accounts.services.tokens import create_token
from tests.factories import UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("model", [User, Role, ApiToken, BrowserSession, PrivacyReceipt])
def test_a_stranger_sees_nothing(model, user):
    create_token(owner=user, name="x", scopes=["jobs:read"])
    assert not model.objects.visible_to(AnonymousUser()).exists()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": "  "}, "name", "invalid"),
        ({"scopes": ["jobs:all"]}, "scopes", "unknown_scope"),
        ({"scopes": []}, "scopes", "required"),
        ({"expires_at": NOON}, "expires_at", "expiry_past"),
    ],
)
def test_a_token_is_checked_without_a_serializer_too(user, changes, field, code):
    given = {"name": "x", "scopes": ["jobs:read"], "expires_at": NOON + timedelta(days=1)}
    with pytest.raises(Invalid) as refused:
        create_token(owner=user, now=NOON, **{**given, **changes})
    assert {name: items[0]["code"] for name, items in refused.value.fields.items()} == {field: code}
    assert not ApiToken.objects.exists()


def test_permissions_come_from_roles_in_every_spelling(user, administrator):
    user.user_permissions.set(Permission.objects.all())
    assert user.get_user_permissions() == user.get_group_permissions() == set()
    assert len(administrator.get_all_permissions()) == Permission.objects.count()
    assert not AnonymousUser().has_perm("accounts.view_user")
    assert not AnonymousUser().has_module_perms("accounts")
    assert not administrator.has_perm("accounts.view_user", user)


def _no_server(*args: object, **kwargs: object) -> None:
    raise SMTPServerDisconnected("the mail server is down")


def test_a_dead_mail_server_does_not_undo_a_change_of_address(
    user, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(notices, "send_mail", _no_server)
    with django_capture_on_commit_callbacks(execute=True):
        change_user(user=user, email="new@example.org")
    user.refresh_from_db()
    assert user.email == "new@example.org"
    assert f"user {user.pk}" in caplog.text
    assert "@" not in "".join(record.getMessage() for record in caplog.records)


def test_a_dead_mail_server_does_not_tell_which_address_is_known(client, user, monkeypatch, caplog):
    monkeypatch.setattr(reset, "send_mail", _no_server)
    answer = client.post("/accounts/password/reset/", {"email": user.email})
    assert answer["Location"] == "/accounts/password/reset/sent/"
    assert f"reset link of user {user.pk}" in caplog.text


def test_a_role_made_at_the_same_moment_is_a_field_error(monkeypatch):
    def lose_the_race(self, *args, **kwargs):
        raise IntegrityError("UNIQUE constraint failed: accounts_role.code")

    monkeypatch.setattr(Role, "save", lose_the_race)
    with pytest.raises(Invalid) as refused:
        create_role(code="radiologist", name="R")
    assert refused.value.fields["code"][0]["code"] == "unique"


@pytest.mark.parametrize("register", ["register_exporter", "register_eraser"])
def test_a_room_registers_once(register):
    with pytest.raises(ValueError, match="twice"):
        getattr(registry, register)("account", lambda user: {})


def test_names_that_are_signed_into_follow_unicode_normal_form():
    # The sign for angstrom, not the letter.
    user = UserFactory(username="\u212bngstr\u00f6m", email="a@example.org")
    assert change_user(user=user, username=user.username).username == "\u00c5ngstr\u00f6m"
