"""Sessions: the row is the truth, Redis may come and go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import sessions
from accounts.models import BrowserSession
from accounts.services.people import change_user
from accounts.services.sessions import end_sessions, list_sessions
from tests.accounts.conftest import delete_own_keys
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def sign_in(user, client: Client | None = None, agent: str = "Firefox") -> Client:
    client = client or Client(headers={"User-Agent": agent})
    answer = client.post("/accounts/sign-in/", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def is_in(client: Client) -> bool:
    return client.get("/accounts/").status_code == 200


def test_a_sign_in_survives_a_wiped_redis(user):
    client = sign_in(user)
    delete_own_keys()
    assert is_in(client)


def test_a_sign_in_survives_a_dead_redis(user, request, caplog):
    client = sign_in(user)
    request.getfixturevalue("dead_redis")
    assert is_in(client)
    assert "session cache unavailable: ConnectionError" in caplog.text


def test_sign_out_works_with_a_dead_redis(user, request):
    client = sign_in(user)
    request.getfixturevalue("dead_redis")
    assert client.post("/accounts/sign-out/").status_code == 302
    assert not is_in(client)
    assert not BrowserSession.objects.filter(user=user).exists()


def test_the_second_reading_of_a_session_comes_from_redis(user, django_assert_num_queries):
    key = sign_in(user).session.session_key
    with django_assert_num_queries(0):
        assert sessions.SessionStore(key)["_auth_user_id"] == str(user.pk)


def test_a_cached_copy_lives_five_minutes_at_most(user):
    key = sign_in(user).session.session_key
    redis = cache._cache.get_client()
    left = redis.ttl(cache.make_key(sessions.CACHE_PREFIX + key))
    assert 0 < left <= 300


def test_the_session_key_rotates_at_sign_in(user):
    client = Client()
    client.get("/accounts/sign-in/")
    store = client.session
    store["basket"] = "kept"
    store.save()
    client.cookies["sessionid"] = store.session_key
    before = store.session_key
    sign_in(user, client)
    assert client.session.session_key != before
    assert client.session["basket"] == "kept"
    assert not BrowserSession.objects.filter(session_key=before).exists()
    assert not sessions.SessionStore(before).load()


def test_another_persons_session_data_does_not_leak_into_a_new_sign_in(user, stranger):
    client = sign_in(stranger)
    store = client.session
    store["basket"] = "of the other"
    store.save()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    assert "basket" not in client.session


def test_the_row_knows_its_user_and_browser(user):
    sign_in(user, agent="Firefox 200 on Linux")
    row = BrowserSession.objects.get(user=user)
    assert row.client == "Firefox 200 on Linux"
    assert timezone.now() - row.signed_in_at < timedelta(minutes=5)
    assert row.session_key not in str(row)


def test_a_long_browser_name_is_cut(user):
    sign_in(user, agent="x" * 1000)
    assert BrowserSession.objects.get(user=user).client == "x" * 200


def test_ending_the_others_keeps_this_one(user, stranger, django_capture_on_commit_callbacks):
    here, there, theirs = sign_in(user), sign_in(user), sign_in(stranger)
    with django_capture_on_commit_callbacks(execute=True):
        here.post("/accounts/sessions/end-others/")
    assert (is_in(here), is_in(there), is_in(theirs)) == (True, False, True)


def test_one_session_can_be_ended_by_its_handle(user, django_capture_on_commit_callbacks):
    here, there = sign_in(user), sign_in(user)
    handle = BrowserSession.objects.get(session_key=there.session.session_key).handle
    with django_capture_on_commit_callbacks(execute=True):
        assert here.post(f"/accounts/sessions/{handle}/end/").status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)


def test_a_strangers_session_is_a_404(user, stranger):
    here, theirs = sign_in(user), sign_in(stranger)
    handle = BrowserSession.objects.get(user=stranger).handle
    assert here.post(f"/accounts/sessions/{handle}/end/").status_code == 404
    assert is_in(theirs)


def test_no_page_shows_a_session_key(user):
    here, there = sign_in(user), sign_in(user)
    page = here.get("/accounts/").content.decode()
    assert there.session.session_key not in page
    assert str(BrowserSession.objects.get(session_key=there.session.session_key).handle) in page


def test_a_new_password_ends_the_other_sessions(user, django_capture_on_commit_callbacks):
    here, there = sign_in(user), sign_in(user)
    with django_capture_on_commit_callbacks(execute=True):
        here.post(
            "/accounts/password/",
            {"current_password": PASSWORD, "password": "another-long-passphrase"},
        )
    assert (is_in(here), is_in(there)) == (True, False)


def test_deactivation_ends_every_session(user, django_capture_on_commit_callbacks):
    client = sign_in(user)
    with django_capture_on_commit_callbacks(execute=True):
        change_user(user=user, is_active=False)
    assert not is_in(client)
    assert not BrowserSession.objects.filter(user=user).exists()


def test_only_live_sessions_are_listed_and_expired_ones_cleared(user):
    sign_in(user)
    BrowserSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert list(list_sessions(user=user)) == []
    sessions.SessionStore.clear_expired()
    assert not BrowserSession.objects.exists()


def test_end_sessions_says_how_many(user, stranger):
    sign_in(user), sign_in(user), sign_in(stranger)
    assert end_sessions(user=user) == 2
    assert BrowserSession.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_async_callers_get_the_same_sessions():
    user = UserFactory()
    key = sign_in(user).session.session_key

    async def change() -> None:
        store = sessions.SessionStore(key)
        await store.aset("basket", "full")
        await store.asave()

    async_to_sync(change)()
    assert sessions.SessionStore(key)["basket"] == "full"

    async def leave() -> dict[str, object]:
        await sessions.SessionStore(key).adelete()
        return await sessions.SessionStore(key).aload()

    assert async_to_sync(leave)() == {}
