"""An error page tells what happened, what to do, and what to quote, whatever has failed."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from project.api.problem import Problem
from project.web import error_pages
from project.web.error_words import error_words
from tests.factories import JobFactory

STATUSES = {
    400: "bad_request",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "throttled",
    500: "server_error",
    503: "unavailable",
}


def page_of(status, **headers):
    request = RequestFactory().get("/somewhere/", **headers)  # no session, no user, no messages
    return error_pages.show(request, Problem(status=status, code=STATUSES[status], detail="Why."))


@pytest.mark.parametrize("status", STATUSES)
def test_every_error_says_what_happened_what_to_do_and_what_to_quote(status):
    answer = page_of(status)
    page = answer.content.decode()
    words = error_words(code=STATUSES[status], status=status)
    assert answer.status_code == status
    for text in (str(words.title), "Why.", str(words.advice), f"{status} {STATUSES[status]}"):
        assert text in page
    assert page.count("<h1") == 1
    assert '<html lang="en">' in page


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_words_of_its_own(status):
    others = [error_words(code="", status=other).title for other in STATUSES if other != status]
    assert error_words(code="", status=status).title not in others


def test_an_error_without_words_of_its_own_gets_those_of_its_class():
    assert error_words(code="odd", status=418) == error_words(code="", status=400)
    assert error_words(code="odd", status=507) == error_words(code="", status=500)


def test_an_error_page_asks_neither_database_nor_session(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        page_of(500)


def test_an_error_page_wears_the_chosen_theme():
    assert 'data-theme="dark"' in page_of(404, HTTP_COOKIE="omnilens_theme=dark").content.decode()
    assert "data-theme" not in page_of(404, HTTP_COOKIE="omnilens_theme=odd").content.decode()


def test_a_request_can_be_quoted(client, db):
    answer = client.get("/nothing/")
    assert f"<code>{answer['X-Request-ID']}</code>" in answer.content.decode()


def test_an_address_that_takes_forms_only_has_a_page_for_visitors(client, user):
    client.force_login(user)
    job = JobFactory(owner=user)
    answer = client.get(f"/jobs/{job.pk}/cancel/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "method_not_allowed" in answer.content.decode()


def test_a_program_still_gets_a_problem_document(client, db):
    answer = client.get("/api/v1/nothing/")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_form_that_is_out_of_date_says_what_to_do(rf):
    page = error_pages.csrf_failure(rf.post("/accounts/sign-in/")).content.decode()
    assert "This form is out of date" in page
    assert "reload the page" in page


def test_what_is_forbidden_is_told_without_the_inner_reason(rf):
    page = error_pages.permission_denied(rf.get("/x/"), PermissionDenied("inner")).content.decode()
    assert "inner" not in page.split("</head>")[1]
