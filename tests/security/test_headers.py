"""The protective headers are on every answer, whatever its status."""

from django.urls import reverse

from tests.security.routes import all_routes
from tests.security.test_matrix import admin_path
from tests.security.world import ROLES

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
STRICT = {
    "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:",
    "connect-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'",
    "form-action 'self'",
}  # fmt: skip
SANDBOX = {"default-src 'none'", "sandbox"}
FILE_ENDS = (
    "/preview", "/report.json", "/report.pdf", "/report.fhir.json", "/report.sr.dcm",
    "/report.sc.dcm", "/heatmap/pneumonia.png",
)  # fmt: skip


def policy(answer):
    return {part.strip() for part in answer["Content-Security-Policy"].split(";")}


def test_every_route_answers_with_the_headers(world):
    seen = 0
    for role in ("anonymous", "owner"):
        client = world.client(role)
        for route in all_routes():
            admin = route.key.startswith("admin")
            path = admin_path(route.pattern) if admin else route.path(world.values)
            answer = client.get(path)
            seen += 1
            for name, value in EXPECTED.items():
                if path == reverse("docs") and name == "Cross-Origin-Opener-Policy":
                    continue  # drf-spectacular opens it for OAuth windows
                assert answer[name] == value, (path, name)
            assert "camera=(self)" in answer["Permissions-Policy"], path
            assert answer["X-Request-Id"], path
            is_file = path.startswith("/media/") or path.rstrip("/").endswith(FILE_ENDS)
            if is_file and answer.status_code in (200, 204):
                assert policy(answer) == SANDBOX, path
            elif path != "/redoc":
                assert policy(answer) == STRICT, path
    assert seen > 200


def test_a_page_of_a_signed_in_person_is_kept_nowhere(world):
    for path in (
        "/",
        "/history/",
        "/enhance/",
        f"/enhance/{world.values['enhance:task_id']}/card/",
    ):
        answer = world.client("owner").get(path)
        assert (path, answer["Cache-Control"]) == (path, "private, no-store")
    assert not world.client("anonymous").get("/").has_header("Cache-Control")


def test_redoc_may_style_itself_and_nothing_more(world):
    found = policy(world.client("anonymous").get("/redoc"))
    assert "script-src 'self'" in found
    assert "style-src 'self' 'unsafe-inline'" in found
    assert "default-src 'none'" in found
    assert not any("unsafe-eval" in part for part in found)


def test_a_served_picture_is_a_sandbox(world):
    answer = world.client("owner").get(f"/media/{world.values['media:signed']}/")
    assert answer.status_code == 200
    assert policy(answer) == SANDBOX


def test_production_asks_for_https_for_a_year():
    from pathlib import Path

    text = Path("project/settings/production.py").read_text(encoding="utf-8")
    assert "SECURE_HSTS_SECONDS = 31536000" in text
    assert "SECURE_SSL_REDIRECT = True" in text
    assert "SESSION_COOKIE_SECURE = True" in text
    assert "CSRF_COOKIE_SECURE = True" in text
    assert "LANGUAGE_COOKIE_SECURE = True" in text


def test_the_cookies_of_taste_are_for_our_own_requests_alone(world):
    """Neither script nor a foreign page needs the language or the theme."""
    client = world.client("anonymous")
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    client.post("/theme/", {"theme": "dark", "next": "/"})
    for name in ("django_language", "omnilens_theme"):
        assert client.cookies[name]["httponly"]
        assert client.cookies[name]["samesite"] == "Lax"


def test_hsts_is_sent_over_https_when_it_is_set(world, settings):
    settings.SECURE_HSTS_SECONDS = 31536000
    answer = world.client("anonymous").get("/healthz", secure=True)
    assert answer["Strict-Transport-Security"].startswith("max-age=31536000")


def test_no_answer_of_a_signed_in_person_is_kept_by_a_shared_cache(world):
    for role in ROLES[1:]:
        answer = world.client(role).get("/")
        assert "public" not in answer.get("Cache-Control", "")
        assert "Cookie" in answer["Vary"]
