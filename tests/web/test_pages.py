"""The shell shows a person their own jobs, in words, and lets them act without JavaScript."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape
from rest_framework import serializers

from project.jobs import kinds
from project.jobs.models import Job
from project.web import registry
from tests.factories import JobFactory, UserFactory


class NoParams(serializers.Serializer):
    pass


@pytest.fixture(autouse=True)
def paint(monkeypatch):
    """A kind with words of its own."""
    kind = kinds.Kind(
        key="test.paint", label="Paint", params_serializer=NoParams, handler="none:none",
        stages={"brush": "Brushing"}, unit="strokes", errors={"dry": "The paint is dry."},
        result_url=lambda job: f"/paint/{job.pk}/",
    )  # fmt: skip
    monkeypatch.setitem(kinds._kinds, kind.key, kind)


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    return client


def listed(client, path):
    return [str(card.job.pk) for card in client.get(path).context["cards"]]


def test_a_stranger_reads_what_this_is_and_where_to_sign_in(client, db):
    page = client.get("/").content.decode()
    assert "/accounts/sign-in/" in page
    assert "<nav" not in page


def test_a_stranger_sees_what_each_service_does_and_a_real_example(client, db):
    page = client.get("/").content.decode()
    for service in registry.pages():
        assert str(service.label) in page
        assert service.summary and escape(str(service.summary)) in page
    assert "examples/astronaut-before" in page
    assert "examples/astronaut-after" in page


def test_a_stranger_is_not_invited_to_a_closed_registration(client, db, settings):
    settings.REGISTRATION_OPEN = False
    assert "/accounts/register/" not in client.get("/").content.decode()


def test_home_lists_the_newest_own_jobs_only(signed_in, user):
    own = [str(JobFactory(owner=user).pk) for _ in range(14)]
    JobFactory()
    assert listed(signed_in, "/") == own[:1:-1]


def test_home_without_jobs_shows_the_example_and_the_first_action(signed_in, user):
    page = signed_in.get("/").content.decode()
    assert "examples/astronaut-after" in page
    assert "made by Omnilens" in page
    assert 'href="/enhance/"' in page
    JobFactory(owner=user)
    assert "examples/astronaut-after" not in signed_in.get("/").content.decode()


def test_every_service_has_a_sentence_and_a_button_at_home(signed_in):
    page = signed_in.get("/").content.decode()
    for service in registry.pages():
        assert escape(str(service.summary)) in page
        assert str(service.action) in page


def test_home_asks_as_many_questions_for_one_job_as_for_twelve(signed_in, user):
    JobFactory(owner=user, kind="enhance.photo", finished=True)
    with CaptureQueriesContext(connection) as few:
        signed_in.get("/")
    JobFactory.create_batch(11, owner=user, kind="enhance.photo", finished=True)
    with CaptureQueriesContext(connection) as many:
        signed_in.get("/")
    assert len(many) == len(few)


def test_a_live_job_has_its_progress_element_and_an_ended_one_has_none(signed_in, user):
    live = JobFactory(owner=user, kind="test.paint")
    page = signed_in.get(f"/jobs/{live.pk}/").content.decode()
    assert f'<job-progress job="{live.pk}"' in page
    Job.objects.filter(pk=live.pk).update(state="cancelled", finished_at=timezone.now())
    page = signed_in.get(f"/jobs/{live.pk}/").content.decode()
    assert "<job-progress" not in page
    assert "Cancelled" in page


def test_stage_codes_become_words_for_the_script(signed_in, user):
    job = JobFactory(owner=user, kind="test.paint")
    page = signed_in.get(f"/jobs/{job.pk}/").content.decode()
    words = json.loads(page.split('<script id="words" type="application/json">')[1].split("<")[0])
    assert words["stage.test.paint.brush"] == "Brushing"


def test_a_failed_job_says_why_in_words_and_in_its_code(signed_in, user):
    job = JobFactory(owner=user, kind="test.paint", state="failed", finished_at=timezone.now(), error_code="dry")  # fmt: skip
    page = signed_in.get(f"/jobs/{job.pk}/").content.decode()
    assert "The paint is dry." in page
    assert "<code>dry</code>" in page


def test_a_result_is_linked_once_there_is_one(signed_in, user):
    done = JobFactory(owner=user, kind="test.paint", finished=True)
    waiting = JobFactory(owner=user, kind="test.paint")
    assert f'href="/paint/{done.pk}/"' in signed_in.get(f"/jobs/{done.pk}/").content.decode()
    assert "/paint/" not in signed_in.get(f"/jobs/{waiting.pk}/").content.decode()


def test_a_failed_job_can_be_run_again_from_its_error(signed_in, user):
    job = JobFactory(owner=user, kind="test.paint", state="failed", finished_at=timezone.now(), error_code="dry")  # fmt: skip
    page = signed_in.get(f"/jobs/{job.pk}/").content.decode()
    assert page.count(f'action="/jobs/{job.pk}/retry/"') == 1
    assert page.index("The paint is dry.") < page.index(f'action="/jobs/{job.pk}/retry/"')


def test_the_detail_for_operators_is_not_shown_to_the_owner(signed_in, user):
    job = JobFactory(owner=user, state="failed", finished_at=timezone.now(), error_code="internal_error", error_detail="/srv/private/path")  # fmt: skip
    assert "/srv/private/path" not in signed_in.get(f"/jobs/{job.pk}/").content.decode()


def test_a_job_of_an_app_that_is_gone_is_still_listed(signed_in, user):
    job = JobFactory(owner=user, kind="gone.kind")
    assert listed(signed_in, "/history/") == [str(job.pk)]
    assert "gone.kind" in signed_in.get(f"/jobs/{job.pk}/").content.decode()


def test_cancelling_needs_no_javascript(signed_in, user):
    job = JobFactory(owner=user)
    answer = signed_in.post(f"/jobs/{job.pk}/cancel/", follow=True)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert answer.redirect_chain == [(f"/jobs/{job.pk}/", 302)]


def test_an_action_goes_back_to_the_page_of_its_button_and_nowhere_else(signed_in, user):
    def leads_to(back):
        job = JobFactory(owner=user)
        return signed_in.post(f"/jobs/{job.pk}/cancel/", {"next": back})["Location"], job

    assert leads_to("/history/?state=queued")[0] == "/history/?state=queued"
    away, job = leads_to("https://evil.example/")
    assert away == f"/jobs/{job.pk}/"


def test_running_again_makes_a_new_job_and_shows_it(signed_in, world_job):
    answer = signed_in.post(f"/jobs/{world_job.pk}/retry/")
    again = Job.objects.get(retry_of=world_job)
    assert answer["Location"] == f"/jobs/{again.pk}/"
    assert again.state == "queued"


@pytest.fixture
def world_job(user):
    """A cancelled enlargement with its picture."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from enhance.services.submit import submit_enhancement
    from project.jobs.cancel import cancel_job
    from tests.images.samples import gradient, save

    upload = SimpleUploadedFile("a.png", save(gradient()), "image/png")
    job = submit_enhancement(owner=user, upload=upload, options={}).enhancement.job
    return cancel_job(job=job)


def test_a_job_that_has_not_ended_cannot_be_repeated_and_the_page_says_so(signed_in, user):
    job = JobFactory(owner=user)
    answer = signed_in.post(f"/jobs/{job.pk}/retry/", follow=True)
    assert "has not ended" in answer.content.decode()
    assert Job.objects.count() == 1


def test_acting_on_a_job_takes_a_post(signed_in, user):
    job = JobFactory(owner=user)
    assert signed_in.get(f"/jobs/{job.pk}/cancel/").status_code == 405
    job.refresh_from_db()
    assert job.state == "queued"


def test_the_menu_marks_where_one_is(signed_in):
    def current(path):
        return [
            str(entry.label)
            for entry in signed_in.get(path).context["nav_pages"]
            if entry.is_current
        ]

    assert current("/") == ["Home"]
    assert current("/history/") == ["History"]
    assert current("/enhance/") == ["Enhance"]


def test_only_operators_see_the_way_to_their_site(client, db):
    for role, shown in ((None, False), ("operator", True), ("administrator", True)):
        client.force_login(UserFactory(role=role))
        assert ('href="/operator/"' in client.get("/").content.decode()) is shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        (None, "text/html"),
    ],
)
def test_the_start_answers_a_browser_with_a_page_and_a_program_with_the_service(
    client, accept, kind
):
    answer = client.get("/", headers={"Accept": accept} if accept else {})
    assert answer["Content-Type"].partition(";")[0] == kind
    assert "Accept" in answer["Vary"].split(", ")
    if kind == "application/json":
        assert answer.json()["service"] == "Omnilens"
        assert client.get(answer.json()["ready"]).status_code in (200, 503)
