"""Pages: they work without JavaScript and tell what is wrong, beside the field."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.models import ApiToken, PrivacyReceipt, User
from accounts.services.people import change_user
from accounts.services.tokens import create_token
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture
def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def post_sign_in(client: Client, user: User, **changes):
    return client.post(
        "/accounts/sign-in/", {"username": user.username, "password": PASSWORD, **changes}
    )


@pytest.mark.parametrize("name", ["username", "email"])
def test_username_and_email_both_sign_in(client, user, name):
    assert post_sign_in(client, user, username=getattr(user, name)).status_code == 302
    assert client.get("/accounts/").status_code == 200


def test_unknown_and_wrong_look_the_same(client, user):
    pages = [
        post_sign_in(client, user, username="nobody", password="wrong"),
        post_sign_in(client, user, password="wrong"),
    ]
    assert {page.status_code for page in pages} == {400}
    texts = [re.sub(r'value="[^"]*"', "", page.content.decode()) for page in pages]
    assert texts[0] == texts[1]


def test_a_locked_out_page_is_a_429_with_retry_after(client, user, settings):
    settings.AXES_FAILURE_LIMIT = 2
    post_sign_in(client, user, password="wrong")
    post_sign_in(client, user, password="wrong")
    answer = post_sign_in(client, user)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert answer["Content-Type"].startswith("text/html")


def test_signing_in_is_refused_while_redis_is_dead(client, user, dead_redis):
    assert post_sign_in(client, user).status_code == 503


def test_the_sign_in_page_has_the_request_rate_of_the_api(client, user, settings):
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": {"anon": None, "user": None, "login": "2/day"},
    }
    statuses = [post_sign_in(client, user, password="wrong").status_code for _ in range(3)]
    assert statuses == [400, 400, 429]
    assert client.get("/accounts/sign-in/").status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "/\\evil.example",
    ],
)
def test_no_next_leads_away_from_the_site(client, user, target):
    page = client.get("/accounts/sign-in/", {"next": target})
    assert '<input type="hidden" name="next" value="/">' in page.content.decode()
    assert post_sign_in(client, user, next=target)["Location"] == "/"
    assert client.get("/accounts/sign-in/", {"next": target})["Location"] == "/"
    client.post("/accounts/sign-out/")
    switched = client.post("/i18n/setlang/", {"language": "en", "next": target})
    assert switched["Location"] == "/"


def test_next_leads_to_a_page_of_the_site(client, user):
    assert client.get("/accounts/")["Location"] == "/accounts/sign-in/?next=/accounts/"
    answer = post_sign_in(client, user, next="/accounts/password/")
    assert answer["Location"] == "/accounts/password/"


def test_sign_out_needs_a_post_with_a_csrf_token(user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="accounts.backends.RoleBackend")
    assert client.get("/accounts/sign-out/").status_code == 405
    assert client.post("/accounts/sign-out/").status_code == 403
    assert client.get("/accounts/").status_code == 200


def test_registering_signs_in(client):
    body = {"username": "lin", "email": "lin@example.org", "password": PASSWORD}
    assert client.post("/accounts/register/", body)["Location"] == "/"
    assert client.get("/accounts/").status_code == 200
    assert [role.code for role in User.objects.get().roles.all()] == ["user"]


def test_errors_are_linked_to_their_fields(client):
    page = client.post(
        "/accounts/register/", {"username": "l in", "email": "x@example.org", "password": "short"}
    )
    assert page.status_code == 400
    text = page.content.decode()
    for name in ("username", "password"):
        tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', text)
        assert tag is not None
        assert 'aria-invalid="true"' in tag[0]
        described = re.search(r'aria-describedby="([^"]+)"', tag[0])
        assert described is not None
        for identifier in described[1].split():
            assert f'id="{identifier}"' in text
        assert f"id_{name}_error" in described[1]
    assert not User.objects.exists()


def test_a_refused_password_is_not_sent_back(client):
    page = client.post(
        "/accounts/register/", {"username": "lin", "email": "x", "password": "secret-canary-77"}
    )
    assert "secret-canary-77" not in page.content.decode()


def test_changing_the_password_needs_the_old_one(signed_in, user):
    new = "another-long-passphrase"
    wrong = signed_in.post("/accounts/password/", {"current_password": "x", "password": new})
    assert wrong.status_code == 400
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    right = signed_in.post("/accounts/password/", {"current_password": PASSWORD, "password": new})
    assert right.status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)
    assert signed_in.get("/accounts/").status_code == 200


def ask_for_link(client, email):
    return client.post("/accounts/password/reset/", {"email": email})


def test_a_reset_link_works_once(client, user):
    ask_for_link(client, user.email.upper())
    assert [message.to for message in mail.outbox] == [[user.email]]
    path = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
    assert client.get(path).status_code == 200
    assert client.post(path, {"password": "short"}).status_code == 400
    assert client.post(path, {"password": "another-long-passphrase"}).status_code == 302
    user.refresh_from_db()
    assert user.check_password("another-long-passphrase")
    assert client.get(path).status_code == 404
    assert client.post(path, {"password": "a-third-long-passphrase"}).status_code == 404


def test_a_reset_for_an_unknown_address_gets_the_same_answer(client, user):
    inactive = UserFactory(is_active=False)
    answers = [
        ask_for_link(client, address)
        for address in (user.email, "nobody@example.org", inactive.email)
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/accounts/password/reset/sent/")
    }
    assert len(mail.outbox) == 1
    assert client.get("/accounts/password/reset/sent/").status_code == 200


@pytest.mark.parametrize("uid", ["MQ", "x", "////", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk"])
def test_a_forged_reset_link_is_a_404(client, user, uid):
    assert client.get(f"/accounts/password/reset/{uid}/abc-def/").status_code == 404


def test_the_reset_mail_speaks_the_users_language(client, user, settings):
    change_user(user=user, language="zh-hans")
    from django.utils import translation

    seen = []
    original = translation.override.__enter__

    def noting(self):
        seen.append(self.language)
        return original(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translation.override, "__enter__", noting)
        ask_for_link(client, user.email)
    assert "zh-hans" in seen


def test_a_new_token_is_shown_once(signed_in, user):
    page = signed_in.post(
        "/accounts/tokens/", {"name": "laptop", "scopes": ["jobs:read"], "days": "30"}
    )
    token = ApiToken.objects.get(owner=user)
    secret = re.search(r'value="(omni_[^"]+)"', page.content.decode())[1]
    assert token.prefix == secret[:12]
    assert "no-store" in page["Cache-Control"]
    assert token.expires_at is not None
    assert secret not in signed_in.get("/accounts/").content.decode()


def test_a_token_page_refuses_bad_input(signed_in):
    assert signed_in.post("/accounts/tokens/", {"name": "x", "days": "30"}).status_code == 400
    manage = {"name": "x", "days": "30", "scopes": ["users:admin"]}
    assert signed_in.post("/accounts/tokens/", manage).status_code == 400
    assert not ApiToken.objects.exists()


def test_only_ones_own_token_can_be_revoked(signed_in, user, stranger):
    own = create_token(owner=user, name="own", scopes=["jobs:read"]).token
    other = create_token(owner=stranger, name="other", scopes=["jobs:read"]).token
    assert signed_in.post(f"/accounts/tokens/{own.pk}/revoke/").status_code == 302
    assert signed_in.post(f"/accounts/tokens/{other.pk}/revoke/").status_code == 404
    own.refresh_from_db(), other.refresh_from_db()
    assert own.revoked_at is not None and other.revoked_at is None


def test_the_profile_is_saved_and_refused_values_are_not(signed_in, user, stranger):
    body = {"email": "new@example.org", "language": "zh-hans"}
    unconfirmed = signed_in.post("/accounts/", body)
    assert "profile_password_error" in unconfirmed.content.decode()
    user.refresh_from_db()
    assert user.email != "new@example.org"
    saved = signed_in.post("/accounts/", {**body, "password": PASSWORD})
    assert saved.status_code == 302
    taken = signed_in.post(
        "/accounts/", {"email": stranger.email, "language": "", "password": PASSWORD}
    )
    assert taken.status_code == 400
    assert "profile_email_error" in taken.content.decode()
    user.refresh_from_db()
    assert (user.email, user.language) == ("new@example.org", "zh-hans")


def test_the_own_choice_of_language_beats_cookie_and_browser(signed_in, user, settings):
    page = signed_in.get("/accounts/", headers={"Accept-Language": "zh-hans"})
    assert page["Content-Language"] == "zh-hans"
    signed_in.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = signed_in.get("/accounts/", headers={"Accept-Language": "zh-hans"})
    assert page["Content-Language"] == "en"
    change_user(user=user, language="zh-hans")
    assert signed_in.get("/accounts/")["Content-Language"] == "zh-hans"


def test_the_language_switch_stores_the_choice_of_a_signed_in_user(signed_in, user, client):
    signed_in.post("/i18n/setlang/", {"language": "zh-hans", "next": "/accounts/"})
    user.refresh_from_db()
    assert user.language == "zh-hans"
    assert signed_in.get("/accounts/")["Content-Language"] == "zh-hans"
    signed_in.post("/i18n/setlang/", {"language": "tlh"})
    user.refresh_from_db()
    assert user.language == "zh-hans"
    client.post("/i18n/setlang/", {"language": "zh-hans"})
    assert client.get("/accounts/sign-in/")["Content-Language"] == "zh-hans"


def test_erasing_needs_the_password_and_ends_at_the_receipt(signed_in, user):
    assert signed_in.post("/accounts/erase/", {"password": "wrong"}).status_code == 400
    assert User.objects.filter(pk=user.pk).exists()
    answer = signed_in.post("/accounts/erase/", {"password": PASSWORD})
    receipt = PrivacyReceipt.objects.get(kind="erasure")
    assert answer["Location"] == f"/accounts/receipts/{receipt.pk}/"
    page = signed_in.get(answer["Location"])
    assert page.status_code == 200
    assert str(receipt.pk) in page.content.decode()
    assert not User.objects.filter(pk=user.pk).exists()
    assert signed_in.get("/accounts/").status_code == 302


def test_an_exports_receipt_is_no_public_page(signed_in, user):
    answer = signed_in.post("/accounts/export/")
    assert answer["Content-Type"] == "application/zip"
    b"".join(answer.streaming_content)
    receipt = PrivacyReceipt.objects.get(owner=user)
    assert signed_in.get(f"/accounts/receipts/{receipt.pk}/").status_code == 404


# Data for scripts is no code.
INLINE = r"<script(?![^>]*(\bsrc=|type=\"application/json\"))|<style|\sstyle=|\son\w+="
PAGES = [
    "/accounts/sign-in/",
    "/accounts/register/",
    "/accounts/password/reset/",
    "/accounts/password/reset/sent/",
    "/accounts/password/",
    "/accounts/",
]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_inline_script_or_style(client, signed_in, user, path):
    create_token(owner=user, name="x", scopes=["jobs:read"])
    browser = signed_in if path in ("/accounts/", "/accounts/password/") else client
    page = browser.get(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert not re.search(INLINE, text)
    identifiers = re.findall(r'\bid="([^"]+)"', text)
    assert len(identifiers) == len(set(identifiers))
    for label in re.findall(r'<label[^>]*for="([^"]+)"', text):
        assert label in identifiers
