"""The first accounts of a fresh installation."""

from __future__ import annotations

import logging

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework.test import APIClient

from accounts.bootstrap import (
    Credentials,
    ensure_administrator,
    ensure_bootstrap_token,
    ensure_demo_account,
)
from accounts.models import ApiToken, Scope, User
from accounts.services.tokens import revoke_token
from tests.factories import UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]

SECRET = "0123456789abcdef0123456789abcdef"


def test_the_administrator_is_made_once():
    made = ensure_administrator()
    assert made is not None
    administrator = User.objects.get(username=made.username)
    assert administrator.is_administrator and administrator.is_staff
    assert administrator.check_password(made.password)
    assert ensure_administrator() is None
    assert User.objects.count() == 1


def test_an_existing_administrator_is_enough(administrator):
    assert ensure_administrator() is None
    assert list(User.objects.all()) == [administrator]


def test_a_stranger_called_admin_is_not_promoted():
    squatter = UserFactory(username="admin")
    made = ensure_administrator()
    assert made is not None and made.username == "admin2"
    assert not User.objects.get(pk=squatter.pk).is_administrator


def test_the_demo_account_is_a_plain_user_and_made_once():
    made = ensure_demo_account()
    assert made is not None
    demo = User.objects.get(username=made.username)
    assert (demo.is_operator, demo.is_staff) == (False, False)
    assert demo.check_password(made.password)
    assert ensure_demo_account() is None


def test_credentials_do_not_print_their_password():
    assert "hunter2" not in repr(Credentials(username="admin", password="hunter2"))


def test_the_bootstrap_token_is_an_administrators_with_every_scope(settings, administrator, caplog):
    caplog.set_level(logging.DEBUG)
    settings.BOOTSTRAP_TOKEN = SECRET
    token = ensure_bootstrap_token()
    assert token is not None
    assert (token.owner, set(token.scopes)) == (administrator, set(Scope.values))
    assert SECRET not in str(ApiToken.objects.values().get())
    client = APIClient(headers={"Authorization": f"Token {SECRET}"})
    assert client.get("/api/v1/users/").status_code == 200
    assert SECRET not in caplog.text
    assert token.prefix == SECRET[:4]


def test_applying_the_bootstrap_token_again_changes_nothing(settings, administrator):
    settings.BOOTSTRAP_TOKEN = SECRET
    first = ensure_bootstrap_token()
    assert ensure_bootstrap_token() == first
    assert ApiToken.objects.count() == 1


def test_a_new_value_replaces_the_old_one(settings, administrator):
    settings.BOOTSTRAP_TOKEN = SECRET
    ensure_bootstrap_token()
    settings.BOOTSTRAP_TOKEN = SECRET[::-1]
    ensure_bootstrap_token()
    usable = ApiToken.objects.filter(revoked_at__isnull=True)
    assert [token.prefix for token in usable] == [SECRET[::-1][:4]]


def test_a_revoked_bootstrap_token_is_not_revived(settings, administrator):
    settings.BOOTSTRAP_TOKEN = SECRET
    revoke_token(token=ensure_bootstrap_token())
    ensure_bootstrap_token()
    assert ApiToken.objects.get().revoked_at is not None


def test_other_tokens_of_the_administrator_stay(settings, administrator, bearer):
    from accounts.services.tokens import create_token

    own = create_token(owner=administrator, name="bootstrap", scopes=["jobs:read"]).token
    settings.BOOTSTRAP_TOKEN = SECRET
    ensure_bootstrap_token()
    own.refresh_from_db()
    assert own.revoked_at is None


@pytest.mark.parametrize("secret", ["short", "x" * 31, "x " * 32, "\u00e9" * 40])
def test_an_unsafe_bootstrap_token_is_refused_without_showing_it(settings, administrator, secret):
    settings.BOOTSTRAP_TOKEN = secret
    with pytest.raises(ImproperlyConfigured) as refused:
        ensure_bootstrap_token()
    assert secret not in str(refused.value)
    assert not ApiToken.objects.exists()


def test_without_a_value_nothing_happens(settings, administrator):
    settings.BOOTSTRAP_TOKEN = ""
    assert ensure_bootstrap_token() is None


def test_without_an_administrator_the_order_of_calls_is_named(settings):
    settings.BOOTSTRAP_TOKEN = SECRET
    with pytest.raises(ImproperlyConfigured, match="ensure_administrator"):
        ensure_bootstrap_token()
