"""JWT pairs: rotation, reuse, revocation."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.errors import TokenNotValid, TokenReused
from accounts.models import TokenFamily
from accounts.services import families
from accounts.services.passwords import set_password
from accounts.services.people import change_user
from tests.accounts.conftest import with_pair
from tests.factories import UserFactory

pytestmark = [pytest.mark.services, pytest.mark.django_db]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def profile_status(client: APIClient) -> int:
    return client.get("/api/v1/users/info/").status_code


def refresh(api: APIClient, token: str):
    return api.post("/api/v1/auth/refresh/", {"refresh": token})


def test_a_refresh_gives_a_new_pair_that_works(api, user):
    first = families.issue_pair(user=user)
    answer = refresh(api, first.refresh)
    assert answer.status_code == 200
    assert answer.data["refresh"] != first.refresh
    assert (
        profile_status(APIClient(headers={"Authorization": f"Bearer {answer.data['access']}"}))
        == 200
    )
    assert TokenFamily.objects.filter(user=user).count() == 1


def test_reuse_of_a_spent_refresh_token_revokes_the_whole_family(api, user):
    first = families.issue_pair(user=user)
    second = families.refresh_pair(refresh=first.refresh)
    answer = refresh(api, first.refresh)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_reused")
    assert TokenFamily.objects.get(user=user).revoked_at is not None
    assert profile_status(with_pair(first)) == 401
    assert profile_status(with_pair(second)) == 401
    assert refresh(api, second.refresh).json()["code"] == "token_not_valid"


def test_reuse_leaves_other_sign_ins_of_the_user_alone(api, user):
    first, other = families.issue_pair(user=user), families.issue_pair(user=user)
    families.refresh_pair(refresh=first.refresh)
    with pytest.raises(TokenReused):
        families.refresh_pair(refresh=first.refresh)
    assert profile_status(with_pair(other)) == 200


def test_logout_revokes_access_and_refresh_at_once(api, user):
    pair = families.issue_pair(user=user)
    client = with_pair(pair)
    assert client.post("/api/v1/auth/logout/").status_code == 204
    assert profile_status(client) == 401
    assert refresh(api, pair.refresh).status_code == 401


def test_logout_with_only_the_refresh_token_revokes_the_family(api, user):
    pair = families.issue_pair(user=user)
    assert api.post("/api/v1/auth/logout/", {"refresh": pair.refresh}).status_code == 204
    assert profile_status(with_pair(pair)) == 401


def test_logout_without_any_token_is_a_401(api):
    assert api.post("/api/v1/auth/logout/").status_code == 401


def test_a_deactivated_users_tokens_stop_at_once(api, user):
    pair = families.issue_pair(user=user)
    change_user(user=user, is_active=False)
    assert profile_status(with_pair(pair)) == 401
    assert refresh(api, pair.refresh).json()["code"] == "token_not_valid"


def test_reactivation_does_not_revive_old_tokens(user):
    pair = families.issue_pair(user=user)
    change_user(user=user, is_active=False)
    change_user(user=user, is_active=True)
    assert profile_status(with_pair(pair)) == 401


def test_a_new_password_ends_every_family(user):
    pair = families.issue_pair(user=user)
    set_password(user=user, password="another-long-passphrase")
    assert profile_status(with_pair(pair)) == 401


def test_an_access_token_ends_after_ten_minutes(user):
    with time_machine.travel(NOON, tick=False) as clock:
        client = with_pair(families.issue_pair(user=user))
        clock.shift(timedelta(minutes=9))
        assert profile_status(client) == 200
        clock.shift(timedelta(minutes=2))
        answer = client.get("/api/v1/users/info/")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")
    assert "Bearer" in answer["WWW-Authenticate"]


def test_a_refresh_token_ends_after_fourteen_days_without_use(api, user):
    with time_machine.travel(NOON, tick=False) as clock:
        pair = families.issue_pair(user=user)
        clock.shift(timedelta(days=14, seconds=1))
        assert refresh(api, pair.refresh).json()["code"] == "token_not_valid"
        assert families.delete_expired_families() == 1


def test_a_family_in_use_is_not_deleted(user):
    with time_machine.travel(NOON, tick=False) as clock:
        pair = families.issue_pair(user=user)
        clock.shift(timedelta(days=13))
        families.refresh_pair(refresh=pair.refresh)
        clock.shift(timedelta(days=13))
        assert families.delete_expired_families() == 0


def _foreign(kind, user):
    return str(kind.for_user(user))


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "\u00e9"])
def test_a_malformed_refresh_token_is_refused(api, text):
    assert refresh(api, text).status_code in {400, 401}


def test_tokens_without_a_family_are_refused(api, user):
    assert refresh(api, _foreign(RefreshToken, user)).json()["code"] == "token_not_valid"
    bare = APIClient(headers={"Authorization": f"Bearer {_foreign(AccessToken, user)}"})
    assert profile_status(bare) == 401


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(api, user):
    pair = families.issue_pair(user=user)
    assert refresh(api, pair.access).status_code == 401
    swapped = APIClient(headers={"Authorization": f"Bearer {pair.refresh}"})
    assert profile_status(swapped) == 401


def test_the_database_holds_no_token(user):
    pair = families.issue_pair(user=user)
    row = TokenFamily.objects.values().get(user=user)
    assert pair.refresh not in str(row) and pair.access not in str(row)


@pytest.mark.django_db(transaction=True)
def test_of_two_concurrent_refreshes_exactly_one_wins_and_the_family_ends():
    user = UserFactory()
    pair = families.issue_pair(user=user)
    barrier, outcomes = threading.Barrier(2), []

    def trade() -> None:
        barrier.wait(timeout=10)
        try:
            outcomes.append(families.refresh_pair(refresh=pair.refresh))
        except (TokenReused, TokenNotValid) as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=trade) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    won = [outcome for outcome in outcomes if isinstance(outcome, families.TokenPair)]
    assert (len(won), len(outcomes)) == (1, 2)
    assert TokenFamily.objects.get(user=user).revoked_at is not None
    assert profile_status(with_pair(won[0])) == 401
