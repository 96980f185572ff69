"""The account page speaks in words, and a refused form says where to go on."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, PrivacyReceipt
from accounts.privacy import erase_user
from accounts.services.tokens import create_token, revoke_token
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36"  # fmt: skip


def browser(user, agent) -> Client:
    client = Client(headers={"User-Agent": agent})
    client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})
    return client


def focused(page) -> list[str]:
    """Names of the fields that take the cursor."""
    tags = re.findall(r"<(?:input|select)[^>]* autofocus[^>]*>", page.content.decode())
    return [re.search(r'name="([^"]+)"', tag)[1] for tag in tags]


def test_browsers_are_named_and_this_one_comes_first(user):
    here = browser(user, FIREFOX)
    browser(user, PHONE)
    page = here.get("/accounts/")
    rows = page.context["sessions"]
    assert [(row.browser, row.is_this) for row in rows] == [
        ("Firefox on Linux", True),
        ("Chrome on Android", False),
    ]
    assert "Mozilla/5.0" not in page.content.decode()


def test_a_lone_session_offers_no_others_to_end(user):
    page = browser(user, FIREFOX).get("/accounts/").content.decode()
    assert "/accounts/sessions/end-others/" not in page


def test_tokens_say_in_words_what_they_may_and_whether_they_still_work(user):
    now = timezone.now()
    dead = create_token(owner=user, name="dead", scopes=["jobs:read"]).token
    revoke_token(token=dead)
    old = create_token(owner=user, name="old", scopes=["jobs:read"]).token
    ApiToken.objects.filter(pk=old.pk).update(expires_at=now - timedelta(days=1))
    create_token(owner=user, name="live", scopes=["jobs:read", "images:read"])
    page = browser(user, FIREFOX).get("/accounts/")
    rows = page.context["tokens"]
    assert rows[0].token.name == "live"
    assert rows[0].scopes == ["See jobs", "See pictures"]
    assert {row.token.name for row in rows if row.is_expired} == {"old"}
    text = page.content.decode()
    assert "Revoked" in text and "Expired" in text
    assert text.count("/revoke/") == 1


def test_an_action_returns_to_its_section(user):
    here = browser(user, FIREFOX)
    token = create_token(owner=user, name="x", scopes=["jobs:read"]).token
    assert here.post(f"/accounts/tokens/{token.pk}/revoke/")["Location"] == "/accounts/#tokens"
    assert here.post("/accounts/sessions/end-others/")["Location"] == "/accounts/#sessions"


def test_the_cursor_stands_in_the_first_wrong_field(client):
    body = {"username": "lin", "email": "no address", "password": "short"}
    page = client.post("/accounts/register/", body)
    assert focused(page) == ["email"]


def test_after_wrong_credentials_the_cursor_stands_in_the_password(client, user):
    body = {"username": user.username, "password": "wrong"}
    assert focused(client.post("/accounts/sign-in/", body)) == ["password"]
    assert focused(client.get("/accounts/sign-in/")) == ["username"]


def test_only_the_refused_form_of_a_page_takes_the_cursor(user):
    here = browser(user, FIREFOX)
    assert focused(here.get("/accounts/")) == []
    page = here.post("/accounts/erase/", {"password": "wrong"}).content.decode()
    assert page.count("autofocus") == 1
    (tag,) = re.findall(r"<input[^>]* autofocus[^>]*>", page)
    assert 'id="erase_password"' in tag


@pytest.mark.parametrize("path", ["/accounts/sign-in/", "/accounts/register/"])
def test_every_password_can_be_shown_and_is_known_to_password_managers(client, path):
    page = client.get(path).content.decode()
    fields = re.findall(r'<input type="password"[^>]*>', page)
    assert fields
    assert page.count("<show-password>") == len(fields)
    assert all("autocomplete=" in field for field in fields)


def test_where_one_wanted_to_go_survives_the_way_through_registering(client):
    page = client.get("/accounts/sign-in/?next=/enhance/").content.decode()
    assert "/accounts/register/?next=/enhance/" in page
    page = client.get("/accounts/register/?next=/enhance/").content.decode()
    assert '<input type="hidden" name="next" value="/enhance/">' in page


def test_a_receipt_has_words_for_everything_that_every_room_counts(client):
    user = UserFactory()
    create_token(owner=user, name="x", scopes=["jobs:read"])
    receipt = erase_user(user)
    lines = client.get(f"/accounts/receipts/{receipt.pk}/").context["lines"]
    assert len(lines) == len(receipt.counts)
    assert {line.words for line in lines} & set(receipt.counts) == set()
    assert ("API tokens", 1) in [(line.words, line.number) for line in lines]


def test_a_receipt_of_a_room_that_is_gone_still_counts(client):
    receipt = PrivacyReceipt.objects.create(
        kind="erasure", counts={"holograms": 3}, created_at=timezone.now()
    )
    lines = client.get(f"/accounts/receipts/{receipt.pk}/").context["lines"]
    assert [(line.words, line.number) for line in lines] == [("holograms", 3)]
