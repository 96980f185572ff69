"""The pages of the X-ray room: each state says what it is, and nothing that it is not."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from project.jobs.models import Job
from tests.xray.factories import (
    draw_film,
    grey_png,
    make_facts,
    make_finding,
    make_report,
    make_study,
    make_version,
)
from xray.choices import ReportState
from xray.labels import Region
from xray.models import AuditEvent, Prediction, Report, Study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]

PROBABILITY = re.compile(r"\b[01]\.\d{3}\b")


@pytest.fixture
def page(client, user):
    """A signed-in browser."""
    client.force_login(user)
    return client


@pytest.fixture
def active(db):
    """A classifier that serves."""
    version = make_version()
    version.status = "active"
    version.save()
    return version


def main_of(response) -> str:
    """What stands between the bars; the frame has figures of its own."""
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def film(content: bytes | None = None, name: str = "Doe, Jane 1980.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or grey_png(draw_film(512, 448)), "image/png")


# the list


def test_a_film_is_sent_without_javascript_and_its_name_is_not_kept(page, user, active):
    answer = page.post(
        "/xray/",
        {"file": film(), "language": "zh-hans", "indication": "cough", "patient_key": "K7"},
    )
    study = Study.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/xray/{study.pk}/")
    assert (study.job.owner, study.language, study.indication) == (user, "zh-hans", "cough")
    assert study.patient_key not in ("", "K7")
    assert "Doe" not in page.get(f"/xray/{study.pk}/").content.decode()


def test_the_same_film_again_leads_to_the_study_that_is_there(page, active):
    for _ in range(2):
        page.post("/xray/", {"file": film(), "language": "en"})
    assert Study.objects.count() == 1


def test_a_bad_file_explains_itself_and_the_others_go_on(page, active):
    answer = page.post(
        "/xray/", {"file": [film(b"no picture"), film()], "language": "en"}, follow=True
    )
    study = Study.objects.get()
    assert answer.redirect_chain[-1][0] == f"/xray/{study.pk}/"
    assert "File 1:" in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "status", "text"),
    [
        ({"language": "en"}, 400, "Choose a film first."),
        ({"language": "fr", "file": True}, 400, "fr"),
        ({"language": "en", "file": b"<html>"}, 415, "neither a picture nor a DICOM"),
        ({"language": "en", "file": True, "indication": "x" * 501}, 400, "500"),
    ],
)
def test_a_refusal_is_shown_in_the_form_and_nothing_is_kept(page, active, data, status, text):
    if "file" in data:
        data = {**data, "file": film(data["file"] if isinstance(data["file"], bytes) else None)}
    answer = page.post("/xray/", data)
    assert answer.status_code == status
    assert text in answer.content.decode()
    assert (Study.objects.count(), Job.objects.count()) == (0, 0)


def test_without_a_classifier_the_page_says_so_and_offers_no_button(page):
    text = main_of(page.get("/xray/"))
    assert "No classifier is active" in text
    assert re.search(r"<button[^>]*data-go disabled", text)


def test_without_a_language_model_the_form_says_that_the_structured_report_is_always_made(page):
    text = main_of(page.get("/xray/"))
    assert "No language model server is set up here. The structured report is always made." in text
    assert re.search(r'name="use_ollama"[^>]* disabled', text)


def test_the_population_and_the_intended_use_stand_on_every_page(page, user):
    study = make_study(user)
    for path in ("/xray/", f"/xray/{study.pk}/"):
        assert "children of 1 to 5 years from one hospital" in main_of(page.get(path)), path


def test_the_worklist_shows_the_probability_with_its_operating_point_and_own_studies_only(
    page, user, stranger
):
    own, foreign = make_study(user), make_study(stranger)
    text = main_of(page.get("/xray/"))
    assert str(own.pk) in text
    assert str(foreign.pk) not in text
    assert re.search(r"0\.912</span> <span class=\"hint\">point 0\.437", text)


def test_the_worklist_narrows_and_orders(page, user):
    high = make_study(user)
    low = make_study(
        user,
        facts=make_facts(
            pseudonym="p-other", findings=(make_finding(probability=0.1, interval=(0.05, 0.2)),)
        ),
    )
    refused = make_study(user, status="refused", refusal_code="not_chest_xray")

    def order(query):
        text = main_of(page.get(f"/xray/?{query}"))
        return re.findall(r'<tr id="study-([^"]+)"', text)

    assert order("ordering=-probability") == [str(high.pk), str(low.pk), str(refused.pk)]
    assert order("min_prob=0.5") == [str(high.pk)]
    assert order("status=refused") == [str(refused.pk)]
    assert order("q=other") == [str(low.pk)]
    assert order(f"q={str(low.pk)[-6:]}") == [str(low.pk)]
    assert page.get("/xray/?min_prob=2").status_code == 400
    assert "No film matches" in page.get("/xray/?q=nothing").content.decode()


def test_a_long_worklist_has_pages_and_keeps_its_filters(page, user):
    for _ in range(26):
        make_study(user, status="refused", refusal_code="low_quality", with_report=False)
    first = main_of(page.get("/xray/?status=refused"))
    assert "Page 1 of 2" in first
    assert "status=refused&amp;page=2" in first
    assert main_of(page.get("/xray/?status=refused&page=2")).count("<tr id=") == 1


class RowsOfATable(HTMLParser):
    """Names each `tr` with the elements around it: a browser drops a row that is in no table."""

    def __init__(self) -> None:
        super().__init__()
        self.around: list[str] = []
        self.rows: list[tuple[str, ...]] = []

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append(tuple(self.around))
        self.around.append(tag)

    def handle_endtag(self, tag):
        while self.around and self.around.pop() != tag:
            pass


def test_the_row_for_the_script_comes_inside_a_table(page, user):
    study = make_study(user, status="refused", refusal_code="not_chest_xray")
    parser = RowsOfATable()
    parser.feed(page.get(f"/xray/{study.pk}/row/").content.decode())
    assert parser.rows == [("table", "tbody")]


# the states of a study


def test_a_refused_film_says_why_and_what_to_do_and_shows_no_probability(page, user):
    study = make_study(user, status="refused", refusal_code="not_chest_xray")
    # Even if a row were there, the page of a refused film must not tell it.
    Prediction.objects.create(
        study=study, model_version=study.model_version, label="pneumonia", logit=2.0,
        probability=0.912, interval_low=0.861, interval_high=0.948, operating_point=0.437,
        point_name="screening", band="above",
    )  # fmt: skip
    for path in (f"/xray/{study.pk}/", f"/xray/{study.pk}/row/", "/xray/"):
        text = page.get(path).content.decode()
        assert "frontal chest X-ray" in text, path
        assert PROBABILITY.findall(text) == [], path
    detail = main_of(page.get(f"/xray/{study.pk}/"))
    assert "not_chest_xray" in detail
    assert 'name="correction"' not in detail
    assert "report.pdf" not in detail


def test_an_inverted_film_offers_the_repair_that_the_gate_names_first(page, user):
    study = make_study(user, status="refused", refusal_code="inverted_or_rotated")
    Study.objects.filter(pk=study.pk).update(gate={"repair": "rotate_180"})
    text = main_of(page.get(f"/xray/{study.pk}/"))
    offered = re.findall(r'<button class="([^"]+)" name="correction" value="([^"]+)"', text)
    assert offered[0] == ("button", "rotate_180")
    assert {look for look, _ in offered[1:]} == {"button-quiet"}


def test_a_repair_makes_a_new_study_of_the_same_film(page, user, active):
    study = make_study(user, status="refused", refusal_code="inverted_or_rotated")
    answer = page.post(f"/xray/{study.pk}/correct/", {"correction": "invert"})
    again = Study.objects.exclude(pk=study.pk).get()
    assert answer["Location"] == f"/xray/{again.pk}/"
    assert (again.film_id, again.correction) == (study.film_id, "invert")
    page.post(f"/xray/{study.pk}/correct/", {"correction": "paint"})
    assert Study.objects.count() == 2


@pytest.mark.parametrize(
    ("state", "text"),
    [("queued", "Checking that it is a chest X-ray"), ("running", "Scoring")],
)
def test_a_live_study_walks_its_stages_and_shows_no_figure(page, user, state, text):
    study = make_study(user, status="deidentified")
    if state == "running":
        Job.objects.filter(pk=study.pk).update(
            state="running", stage="infer", lease_token=uuid4(), lease_until=timezone.now(),
            started_at=timezone.now(),
        )  # fmt: skip
    shown = main_of(page.get(f"/xray/{study.pk}/"))
    assert "<xray-stages" in shown
    assert text in shown
    assert PROBABILITY.findall(shown) == []
    assert ('aria-current="step"' in shown) == (state == "running")


def test_a_failed_study_says_what_to_do_and_keeps_the_film(page, user):
    study = make_study(user, status="deidentified")
    Job.objects.filter(pk=study.pk).update(
        state="failed", error_code="model_unavailable", finished_at=timezone.now()
    )
    shown = main_of(page.get(f"/xray/{study.pk}/"))
    assert "The analysis failed." in shown
    assert "xray_info" in shown
    assert "Analyse again" in shown
    assert PROBABILITY.findall(shown) == []


def test_a_reported_study_shows_figures_report_and_downloads(page, user):
    study = make_study(user)
    shown = main_of(page.get(f"/xray/{study.pk}/"))
    for text in ("0.912", "0.437", "0.861–0.948", "right lower zone", "73 %", "report.sr.dcm"):
        assert text in shown, text
    assert "Not reviewed" in shown
    assert 'href="#finding-F1"' in shown
    assert 'id="finding-F1"' in shown


def test_a_film_that_was_deleted_leaves_findings_and_reports(page, user):
    study = make_study(user)
    Study.objects.filter(pk=study.pk).update(film=None)
    shown = main_of(page.get(f"/xray/{study.pk}/"))
    assert "The film has been deleted." in shown
    assert "0.912" in shown
    assert "<xray-viewer" not in shown


def test_a_mirrored_film_gets_no_side_marks(page, user):
    marked, mirrored = make_study(user), make_study(user)
    Study.objects.filter(pk=mirrored.pk).update(warnings=["orientation_mirrored"])
    assert "film-mark-right" in main_of(page.get(f"/xray/{marked.pk}/"))
    assert "film-mark-right" not in main_of(page.get(f"/xray/{mirrored.pk}/"))


def test_the_research_output_is_flagged_and_only_beside_a_reported_pneumonia(page, user):
    def with_research(study):
        Prediction.objects.create(
            study=study, model_version=study.model_version, label="viral_share", logit=0.4,
            probability=0.613, interval_low=0.613, interval_high=0.613, operating_point=0.5,
            point_name="screening", band="above", is_research=True,
        )  # fmt: skip
        return main_of(page.get(f"/xray/{study.pk}/"))

    above = with_research(make_study(user))
    assert "0.613" in above
    assert "not calibrated" in above
    low = make_facts(findings=(make_finding(probability=0.1, interval=(0.05, 0.2)),))
    assert "0.613" not in with_research(make_study(user, facts=low))


# reports


def test_a_report_in_the_other_language_is_written_when_somebody_asks(page, user):
    study = make_study(user)
    shown = main_of(page.get(f"/xray/{study.pk}/"))
    assert 'form="write-zh-hans"' in shown
    answer = page.post(
        f"/xray/{study.pk}/report/", {"language": "zh-hans", "mode": "structured"}, follow=True
    )
    text = main_of(answer)
    assert "肺炎" in text
    assert 'class="report-text" lang="zh-hans"' in text
    assert Report.objects.filter(study=study).current().count() == 2


def test_an_unknown_version_is_not_found_and_an_old_one_says_that_it_was_replaced(page, user):
    study = make_study(user)
    make_report(study)
    assert page.get(f"/xray/{study.pk}/?version=9").status_code == 404
    old = main_of(page.get(f"/xray/{study.pk}/?version=1"))
    assert "replaced by a newer version" in old
    assert "Review and sign" not in old
    assert "not downloaded" in old and 'href="?version=2#report"' in old
    assert "report.pdf" not in old
    assert "report.pdf?version=2" in main_of(page.get(f"/xray/{study.pk}/?version=2"))


def test_asking_the_language_model_queues_one_job_and_the_page_shows_its_draft_box(page, user):
    study = make_study(user)
    page.post(f"/xray/{study.pk}/report/", {"language": "en", "mode": "llm"})
    job = Job.objects.get(kind="xray.report")
    shown = main_of(page.get(f"/xray/{study.pk}/"))
    assert f'<xray-draft class="draft-report" job="{job.pk}"' in shown
    assert "being checked" in shown


def test_a_rejected_text_shows_why_and_the_structured_report(page, user):
    study = make_study(user)
    generator = {
        "mode": "llm_rejected", "backend": "ollama", "llm_model": "m", "prompt_sha256": "",
        "verification": {"outcome": "llm_timeout"},
    }  # fmt: skip
    make_report(study, generator=generator)
    for query in ("", "?mode=llm"):  # nobody has to look for it
        shown = main_of(page.get(f"/xray/{study.pk}/{query}"))
        assert "No text by the language model" in shown
        assert "did not answer in time" in shown
        assert "0.912" in shown


def test_page_and_api_show_the_same_newest_report(page, user):
    study = make_study(user)
    generator = {
        "mode": "llm", "backend": "ollama", "llm_model": "m", "prompt_sha256": "",
        "verification": {"outcome": "accepted"},
    }  # fmt: skip
    make_report(study, generator=generator)
    signed = make_report(study)
    study.reports.update(state=ReportState.FINAL)
    shown = page.get(f"/xray/{study.pk}/").context["page"].report.shown.report
    told = page.get(f"/api/v1/xray/studies/{study.pk}/").json()["report"]["report_id"]
    assert (shown.pk, told) == (signed.pk, signed.envelope["report_id"])


def test_a_review_signs_the_version_that_was_read(page, user):
    study = make_study(user)
    report = study.reports.get()
    page.post(f"/xray/{study.pk}/review/", {"action": "accept", "digest": report.digest})
    report.refresh_from_db()
    assert report.state == ReportState.SUPERSEDED
    shown = main_of(page.get(f"/xray/{study.pk}/"))
    assert f"Accepted by {user.username}" in shown
    again = page.post(f"/xray/{study.pk}/review/", {"action": "accept", "digest": report.digest})
    assert again.status_code == 409
    assert study.reports.count() == 2


def test_a_rejection_needs_a_reason_and_an_edit_cannot_change_a_figure(page, user):
    study = make_study(user)
    digest = study.reports.get().digest
    path = f"/xray/{study.pk}/review/"
    answer = page.post(path, {"action": "reject", "digest": digest})
    assert answer.status_code == 400
    assert "Say why the report is rejected." in answer.content.decode()
    edit = {"action": "edit", "digest": digest, "impression": "Probability of pneumonia 0.111."}
    answer = page.post(path, edit)
    assert answer.status_code == 422
    assert "0.111" in main_of(answer)
    assert study.reports.count() == 1
    page.post(path, {**edit, "impression": "Read by hand; opacity in the right lower zone."})
    shown = main_of(page.get(f"/xray/{study.pk}/"))
    assert "Read by hand" in shown
    assert "by the reviewer" in shown


def test_the_trail_of_a_study_is_shown_in_words(page, user):
    study = make_study(user)
    page.get(f"/xray/{study.pk}/")
    page.post(
        f"/xray/{study.pk}/review/", {"action": "accept", "digest": study.reports.get().digest}
    )
    shown = main_of(page.get(f"/xray/{study.pk}/"))
    assert "Report accepted" in shown
    assert "report.accepted" not in shown


# two films, and the end


def test_two_films_of_one_patient_stand_side_by_side_without_a_claim_of_change(page, user):
    study, prior, other = (
        make_study(user),
        make_study(user, facts=make_facts(findings=(make_finding(region=Region.LEFT_LOWER),))),
        make_study(user, facts=make_facts(pseudonym="p-somebody-else")),
    )
    assert f"compare/{prior.pk}/" in main_of(page.get(f"/xray/{study.pk}/"))
    answer = page.get(reverse("xray:compare", args=[study.pk, prior.pk]))
    text = main_of(answer)
    assert text.count("<xray-viewer") == 2
    assert re.search(r"\b(increased|decreased|improved|worse)", text, re.IGNORECASE) is None
    assert "Change over time is not assessed" in text
    refused = page.get(reverse("xray:compare", args=[study.pk, other.pk]), follow=True)
    assert refused.redirect_chain[-1][0] == f"/xray/{study.pk}/"
    assert "same patient key" in refused.content.decode()


def test_deleting_asks_first_and_removes_everything(page, user):
    study = make_study(user)
    assert "Delete for good" in main_of(page.get(f"/xray/{study.pk}/"))
    answer = page.post(f"/xray/{study.pk}/delete/")
    assert answer["Location"] == "/xray/"
    assert (Study.objects.count(), Report.objects.count()) == (0, 0)
    assert AuditEvent.objects.filter(action="study.erased", study=study.pk).exists()


def test_every_page_of_a_stranger_is_not_found(page, stranger):
    study = make_study(stranger)
    for name in ("detail", "row"):
        assert page.get(reverse(f"xray:{name}", args=[study.pk])).status_code == 404, name
    for name in ("correct", "report", "review", "delete"):
        assert page.post(reverse(f"xray:{name}", args=[study.pk])).status_code == 404, name
    assert page.get(reverse("xray:compare", args=[study.pk, study.pk])).status_code == 404
    assert Study.objects.count() == 1


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_has_a_style_or_a_script_of_its_own(page, user, language):
    page.cookies["django_language"] = language
    study, refused = (
        make_study(user),
        make_study(user, status="refused", refusal_code="low_quality"),
    )
    paths = [
        "/xray/",
        f"/xray/{study.pk}/",
        f"/xray/{refused.pk}/",
        f"/xray/{study.pk}/compare/{make_study(user).pk}/",
    ]
    for path in paths:
        text = page.get(path).content.decode()
        assert re.findall(r"\sstyle=|\son[a-z]+=", text) == [], path
        inline = [tag for tag in re.findall(r"<script[^>]*>", text) if " src=" not in tag]
        assert all('type="application/json"' in tag for tag in inline), path
