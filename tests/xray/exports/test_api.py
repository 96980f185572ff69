"""Guarantees about the exports as the API serves them."""

import io
import json

import numpy as np
import pydicom
import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader
from rest_framework.test import APIClient

from project.images import storage
from project.images.records import delete_image
from tests.xray.factories import (
    draw_film,
    draw_heatmap,
    make_facts,
    make_finding,
    make_report,
    make_study,
)
from xray.exports import overlay
from xray.exports.json_report import Verdict, verify
from xray.models import AuditEvent, Heatmap

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("private_files")]
KINDS = {
    "report_json": "application/json",
    "report_pdf": "application/pdf",
    "report_fhir": "application/fhir+json",
    "report_sr": "application/dicom",
    "report_sc": "application/dicom",
}


@pytest.fixture(autouse=True)
def fresh_counters():
    """Rolled-back users share their number, and so their counters of requests."""
    cache.clear()


@pytest.fixture
def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def other(stranger):
    client = APIClient()
    client.force_authenticate(stranger)
    return client


@pytest.fixture
def study(user):
    return make_study(user)


def place(name, study, **more):
    return reverse(f"xray_api:{name}", kwargs={"study_id": study.pk, **more})


def heatmap(study, label="pneumonia"):
    return place("heatmap", study, label=label)


@pytest.mark.parametrize("name", KINDS)
def test_each_format_has_its_type_a_neutral_name_and_private_headers(api, study, name):
    response = api.get(place(name, study))
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == KINDS[name]
    assert response["Cache-Control"].startswith("private")
    assert response["X-Content-Type-Options"] == "nosniff"
    disposition = response["Content-Disposition"]
    assert disposition.startswith('attachment; filename="chest-xray-')
    assert "-v1." in disposition
    assert study.patient_key not in disposition
    assert reverse(f"xray_api:{name}", kwargs={"study_id": study.pk}).endswith(
        disposition.strip('"').split("-v1.")[1]
    )


def test_what_is_served_is_what_the_exports_write(api, study):
    report = study.reports.get()
    assert verify(api.get(place("report_json", study)).content) is Verdict.GENUINE
    assert len(PdfReader(io.BytesIO(api.get(place("report_pdf", study)).content)).pages) >= 2
    bundle = json.loads(api.get(place("report_fhir", study)).content)
    assert report.digest in json.dumps(bundle)
    measured = pydicom.dcmread(io.BytesIO(api.get(place("report_sr", study)).content))
    assert measured.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    text = api.get(place("report_sr", study), {"template": "basic_text"}).content
    assert pydicom.dcmread(io.BytesIO(text)).ContentTemplateSequence[0].TemplateIdentifier == "2000"
    capture = pydicom.dcmread(io.BytesIO(api.get(place("report_sc", study)).content))
    assert capture.pixel_array.max() == 255
    evidence = measured.CurrentRequestedProcedureEvidenceSequence[0]
    referenced = evidence.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert referenced.ReferencedSOPInstanceUID == capture.SOPInstanceUID


@pytest.mark.parametrize("name", [*KINDS, "heatmap"])
def test_another_persons_study_is_absent(api, other, study, name):
    path = heatmap(study) if name == "heatmap" else place(name, study)
    assert api.get(path).status_code == 200
    assert other.get(path).status_code == 404
    assert APIClient().get(path).status_code == 401


def test_a_client_may_ask_for_the_type_it_gets(api, study):
    for name, media_type in KINDS.items():
        assert api.get(place(name, study), headers={"Accept": media_type}).status_code == 200
    assert api.get(heatmap(study), headers={"Accept": "image/png"}).status_code == 200
    refused = api.get(heatmap(study, "cat"), headers={"Accept": "image/png"})
    assert (refused.status_code, refused.json()["code"]) == (404, "heatmap_missing")


@pytest.mark.parametrize("name", [*KINDS, "heatmap"])
def test_an_unchanged_file_is_not_sent_again(api, study, name):
    path = heatmap(study) if name == "heatmap" else place(name, study)
    first = api.get(path)
    again = api.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    if name != "heatmap":
        make_report(study, indication="another")
        assert api.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_formats_and_templates_never_share_an_etag(api, study):
    tags = [api.get(place(name, study))["ETag"] for name in KINDS]
    tags.append(api.get(place("report_sr", study), {"template": "basic_text"})["ETag"])
    tags += [
        api.get(heatmap(study), query)["ETag"] for query in ({}, {"contour": "1"}, {"layer": "1"})
    ]
    assert len(set(tags)) == len(tags)


def test_a_version_is_reached_by_its_number_and_the_newest_without_one(api, study):
    make_report(study, limitations=["Second version."])

    def limits(**query):
        return api.get(place("report_json", study), query).json()["limitations"]

    assert limits() == limits(version=2) == ["Second version."]
    missing = api.get(place("report_json", study), {"version": 3})
    assert (missing.status_code, missing.json()["code"]) == (404, "report_version_missing")
    assert missing.json()["versions"] == [
        {"number": 1, "language": "en"},
        {"number": 2, "language": "en"},
    ]
    wrong = api.get(place("report_json", study), {"version": 1, "language": "zh-hans"})
    assert wrong.status_code == 404


@pytest.mark.parametrize("name", KINDS)
def test_a_superseded_version_leaves_in_no_format_and_names_the_one_that_holds(api, study, name):
    before = api.get(place(name, study), {"version": 1})
    assert before.status_code == 200
    make_report(study)
    downloads = AuditEvent.objects.filter(action="report.downloaded").count()
    for headers in ({}, {"If-None-Match": before["ETag"]}):
        refused = api.get(place(name, study), {"version": 1}, headers=headers)
        body = refused.json()
        assert (refused.status_code, body["code"]) == (409, "report_superseded")
        assert (body["version"], body["url"]) == (2, f"{place(name, study)}?version=2")
    assert AuditEvent.objects.filter(action="report.downloaded").count() == downloads
    assert api.get(body["url"]).status_code == 200


def test_the_refusal_of_a_superseded_version_keeps_the_rest_of_the_question(api, study):
    make_report(study)
    refused = api.get(place("report_sr", study), {"version": 1, "template": "basic_text"})
    assert refused.json()["url"].endswith("?version=2&template=basic_text")


def test_the_other_language_is_written_from_the_same_facts_and_once(api, study):
    english = api.get(place("report_json", study)).json()
    for _ in range(2):
        chinese = api.get(place("report_json", study), {"language": "zh-hans"}).json()
        assert chinese["language"] == "zh-hans"
        assert chinese["ai_findings"] == english["ai_findings"]
    assert study.reports.count() == 2
    assert api.get(place("report_json", study)).json()["language"] == "en"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("report_json", {"language": "fr"}), ("report_json", {"version": "x"}),
        ("report_json", {"version": 0}), ("report_json", {"version": 10**12}),
        ("report_sr", {"template": "tid9999"}),
        ("heatmap", {"alpha": "1.5"}), ("heatmap", {"alpha": "nan"}), ("heatmap", {"alpha": "x"}),
        ("heatmap", {"contour": "perhaps"}),
    ],
)  # fmt: skip
def test_a_wrong_question_is_a_coded_refusal(api, study, path, query):
    response = api.get(heatmap(study) if path == "heatmap" else place(path, study), query)
    assert response.status_code == 400, response.content
    assert set(response.json()["fields"]) == set(query)


@pytest.mark.parametrize(
    ("status", "code"), [("gated", "report_not_ready"), ("refused", "study_refused")]
)
def test_a_study_without_a_report_says_why(api, user, status, code):
    study = make_study(user, status=status, refusal_code="not_chest_xray" * (status == "refused"))
    for name in KINDS:
        for query in ({}, {"version": 1}, {"language": "zh-hans"}):
            response = api.get(place(name, study), query)
            assert (response.status_code, response.json()["code"]) == (409, code)
    assert api.get(heatmap(study)).json()["code"] == "heatmap_missing"
    assert study.reports.count() == 0


def test_a_finding_below_its_point_has_no_overlay(api, user):
    facts = make_facts(findings=(make_finding(probability=0.03, interval=(0.01, 0.07)),))
    response = api.get(heatmap(make_study(user, facts=facts)))
    assert (response.status_code, response.json()["code"]) == (404, "heatmap_missing")


def test_without_the_film_text_leaves_and_pictures_say_that_it_is_gone(api, study):
    storage.delete(study.film.file)
    for name in ("report_json", "report_fhir", "report_sr", "report_pdf"):
        assert api.get(place(name, study)).status_code == 200
    for path in (place("report_sc", study), heatmap(study)):
        response = api.get(path)
        assert (response.status_code, response.json()["code"]) == (409, "film_gone")


def test_a_missing_font_is_told_to_the_operator(api, study, monkeypatch, tmp_path):
    monkeypatch.setattr("xray.exports.fonts.REGULAR", tmp_path / "gone.ttf")
    from xray.exports import fonts
    from xray.exports.pdf_style import load_fonts

    for cached in (fonts.characters, fonts.drawing_font, load_fonts):
        cached.cache_clear()
    try:
        response = api.get(place("report_pdf", study))
        assert (response.status_code, response.json()["code"]) == (503, "export_unavailable")
    finally:
        for cached in (fonts.characters, fonts.drawing_font, load_fonts):
            cached.cache_clear()


def test_a_report_without_figures_still_leaves_as_text(api, user):
    study = make_study(user, facts=make_facts(findings=()))
    refused = api.get(place("report_sr", study))
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_measured")
    assert api.get(place("report_sr", study), {"template": "basic_text"}).status_code == 200


def pixels(response):
    with Image.open(io.BytesIO(response.content)) as image:
        return image.mode, np.asarray(image, np.int16)


def test_opacity_outline_and_layer_change_the_overlay(api, study):
    film, heat = draw_film(), draw_heatmap()
    wanted = overlay.paint(
        np.round(film * 255).astype(np.float32) / 255,
        np.round(heat * 255).astype(np.float32) / 255,
        alpha=0.3,
        contour=True,
    )
    mode, shown = pixels(api.get(heatmap(study), {"alpha": "0.31", "contour": "true"}))
    assert mode == "RGB"
    assert np.abs(shown - np.asarray(wanted, np.int16)).max() <= 1
    assert pixels(api.get(heatmap(study), {"layer": "1"}))[0] == "RGBA"
    bare = pixels(api.get(heatmap(study), {"alpha": "0"}))[1]
    assert (bare[160, 144] == bare[160, 144, 0]).all()


def test_an_overlay_is_made_once(api, study, private_files, monkeypatch):
    def copies():
        return list((private_files / "renditions").rglob("*.png"))

    api.get(heatmap(study))
    api.get(heatmap(study), {"alpha": "0.55"})
    assert len(copies()) == 1
    monkeypatch.setattr(overlay, "paint", None)  # a second making would fail
    assert api.get(heatmap(study)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_no_copy_of_an_overlay_survives_its_map(api, study, private_files):
    api.get(heatmap(study))
    api.get(heatmap(study), {"layer": "1"})
    assert len(list((private_files / "renditions").rglob("*.png"))) == 2
    delete_image(Heatmap.objects.get().map, even_in_use=True)
    assert not list((private_files / "renditions").rglob("*.png"))


def test_a_turned_film_and_its_map_fit_in_every_export(api, user):
    film = draw_film()
    study = make_study(
        user,
        film=np.ascontiguousarray(np.rot90(film)),  # as it was sent, on its side
        heatmap=draw_heatmap(),
        correction="rotate_90",
    )
    _, shown = pixels(api.get(heatmap(study), {"alpha": "0"}))
    between_the_markers = np.s_[:, 60:-60]
    upright = np.round(film * 255)[between_the_markers]
    assert np.abs(shown[..., 0][between_the_markers] - upright).max() <= 1
    for name in ("report_pdf", "report_sc"):
        assert api.get(place(name, study)).status_code == 200


def test_a_film_whose_sender_calls_it_mirrored_gets_no_sides(api, user):
    known = make_study(user)
    facts = make_facts(warnings=("orientation_mirrored",))
    mirrored = make_study(user, facts=facts)
    marked = pixels(api.get(heatmap(known), {"alpha": "0"}))[1]
    bare = pixels(api.get(heatmap(mirrored), {"alpha": "0"}))[1]
    assert np.abs(marked - bare).max() > 100
    assert (bare == bare[..., :1]).all() and np.abs(
        bare[..., 0] - np.round(draw_film() * 255)
    ).max() <= 1
    capture = pydicom.dcmread(io.BytesIO(api.get(place("report_sc", mirrored)).content))
    assert not capture.PatientOrientation


def test_each_download_is_in_the_audit_trail_and_a_repeated_look_is_not(api, user, study):
    first = api.get(place("report_pdf", study))
    api.get(place("report_pdf", study), headers={"If-None-Match": first["ETag"]})
    events = AuditEvent.objects.filter(action="report.downloaded")
    assert [(e.study, e.actor, e.details, e.after) for e in events] == [
        (study.pk, user, {"format": "pdf"}, study.reports.get().digest)
    ]


def test_making_files_again_and_again_is_limited_and_looking_at_overlays_is_not(
    api, study, settings
):
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "export": "2/min"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    with time_machine.travel("2026-11-26T10:00:01Z", tick=False):
        answers = [api.get(place(name, study)).status_code for name in ("report_json",) * 3]
        assert answers == [200, 200, 429]
        assert [api.get(heatmap(study)).status_code for _ in range(3)] == [200] * 3


def test_a_report_shows_the_maps_of_its_own_model(api, user):
    """A study that a later model scored again keeps the pictures of the earlier report."""
    from tests.xray.factories import grey_png, make_version, store_picture
    from xray.models import Prediction

    study = make_study(user)
    before = api.get(place("report_sc", study)).content
    later = make_version(version="2.0.0")
    prediction = Prediction.objects.create(
        study=study, model_version=later, label="pneumonia", logit=1, probability=0.9,
        interval_low=0.8, interval_high=0.95, operating_point=0.5, point_name="screening",
        band="above",
    )  # fmt: skip
    Heatmap.objects.create(
        prediction=prediction, region="left_upper", side="left", inside_share=0.6,
        map=store_picture(user, grey_png(draw_heatmap(centre=(0.3, 0.7)))),
    )  # fmt: skip
    assert api.get(place("report_sc", study)).content == before
