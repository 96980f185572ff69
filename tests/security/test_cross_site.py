"""Other sites cannot act for a signed-in person, nor read the API without being listed."""

import pytest
from django.test import Client

LISTED = "https://partner.example.org"


@pytest.fixture
def browser(world):
    """The owner's browser, with CSRF checks as in production."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(world.people["owner"])
    return client


@pytest.mark.parametrize(
    "path",
    ["jobs/{job}/cancel/", "enhance/{job}/delete/", "accounts/erase/", "i18n/setlang/", "theme/"],
)
def test_a_cross_site_form_is_refused(world, browser, path):
    answer = browser.post(
        "/" + path.format(job=world.job.pk), headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert "csrf_failed" in answer.content.decode()
    world.job.refresh_from_db()
    assert world.job.state == "queued"


def test_the_api_refuses_a_session_without_the_csrf_token(world, browser):
    answer = browser.post(f"/api/v1/jobs/{world.job.pk}/cancel/")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    world.job.refresh_from_db()
    assert world.job.state == "queued"


def test_the_api_takes_a_session_with_the_csrf_token(world, browser):
    browser.get("/")
    token = browser.cookies["csrftoken"].value
    answer = browser.post(
        f"/api/v1/jobs/{world.job.pk}/cancel/",
        content_type="application/json",
        headers={"x-csrftoken": token},
    )
    assert answer.status_code == 200
    world.job.refresh_from_db()
    assert world.job.state == "cancelled"


def preflight(client, origin):
    return client.options(
        "/api/v1/jobs/",
        headers={
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,idempotency-key",
        },
    )


def test_by_default_no_foreign_origin_may_read_the_api(client, db, settings):
    assert settings.CORS_ALLOWED_ORIGINS == []
    assert not getattr(settings, "CORS_ALLOW_ALL_ORIGINS", False)
    assert "Access-Control-Allow-Origin" not in preflight(client, LISTED)


def test_a_listed_origin_passes_and_another_does_not(client, db, settings):
    settings.CORS_ALLOWED_ORIGINS = [LISTED]
    passed = preflight(client, LISTED)
    assert passed["Access-Control-Allow-Origin"] == LISTED
    assert {"authorization", "idempotency-key"} <= {
        name.strip() for name in passed["Access-Control-Allow-Headers"].split(",")
    }
    assert "Access-Control-Allow-Credentials" not in passed
    assert "Access-Control-Allow-Origin" not in preflight(client, "https://evil.example")


def test_pages_and_media_are_shared_with_no_origin_at_all(world, browser, settings):
    settings.CORS_ALLOWED_ORIGINS = [LISTED]
    for path in ("/", f"/media/{world.values['media:signed']}/", "/health"):
        answer = browser.get(path, headers={"origin": LISTED})
        assert "Access-Control-Allow-Origin" not in answer


def test_a_foreign_host_name_is_refused(client, db):
    answer = client.get("/api/v1/jobs/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


def test_a_redirect_after_the_language_switch_stays_here(client, db):
    answer = client.post("/i18n/setlang/", {"language": "zh-hans", "next": "https://evil.example/"})
    assert answer["Location"] == "/"
