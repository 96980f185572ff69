"""The first accounts where `up` is not used."""

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import ApiToken, User

SECRET = "0123456789abcdef0123456789abcdef"


def bootstrap():
    out = StringIO()
    call_command("bootstrap", stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def production(settings, tmp_path, db):
    settings.PROFILE, settings.VAR_DIR = "production", tmp_path


def test_the_administrator_and_the_token_are_made_and_told_once(settings):
    settings.BOOTSTRAP_TOKEN = SECRET
    told = bootstrap()
    administrator = User.objects.get()
    password = told.partition(f"{administrator.username} / ")[2].split()[0]
    assert administrator.is_administrator and administrator.check_password(password)
    assert ApiToken.objects.get().owner == administrator
    assert SECRET not in told

    assert bootstrap() == "Nothing to do: there is an administrator.\n"
    assert (User.objects.count(), ApiToken.objects.count()) == (1, 1)


def test_a_production_site_gets_no_demo_account():
    bootstrap()
    assert not User.objects.filter(username="demo").exists()
