"""From the upload to the exports nothing personal is left: rows, files, logs, answers, prompts."""

from __future__ import annotations

import logging
import warnings

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pydicom.uid import JPEGLSLossless

from project.images.errors import UploadRefused
from project.settings.logs import logging_config
from tests.xray import canaries
from tests.xray.ingest import corpus
from xray.models import Study
from xray.services.facts import stored_facts
from xray.services.submit import Wish, submit_study

pytestmark = pytest.mark.django_db

SENT = {
    f"{canaries.FILE_NAME}.dcm": canaries.dicom,
    f"{canaries.FILE_NAME}.jls": lambda: corpus.by_pydicom(canaries.dicom(), JPEGLSLossless),
    **{name: (lambda name=name: canaries.rasters()[name]) for name in canaries.rasters()},
}
EXPORTS = ("report_json", "report_pdf", "report_fhir", "report_sr", "report_sc")


@pytest.fixture
def said(caplog, capfd, recwarn, monkeypatch):
    """What OMNILENS_LOG_LEVEL=DEBUG, both streams and warnings hold so far."""
    # A handler that another test left behind would print the source lines of this one.
    monkeypatch.setattr(logging, "raiseExceptions", False)
    caplog.set_level(logging.DEBUG)
    for name, logger in logging_config(level="DEBUG", file=None, as_json=False)["loggers"].items():
        if "level" in logger:
            caplog.set_level(logger["level"], logger=name)
    warnings.simplefilter("always")

    def said() -> str:
        out, err = capfd.readouterr()
        records = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
        return "\n".join([*records, out, err, *(str(w.message) for w in recwarn.list)])

    return said


def rows() -> dict[str, str]:
    """Every row of every table as text."""
    return {
        model._meta.label: repr(list(model._base_manager.values()))
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
    }


def leaks(texts: dict[str, bytes | str]) -> dict[str, set[str]]:
    found = {name: canaries.find_canaries(text) for name, text in texts.items()}
    return {name: values for name, values in found.items() if values}


@pytest.mark.parametrize("name", SENT)
def test_no_phi_canary_survives_anywhere(
    name, user, client, run_job, private_files, settings, said
):
    settings.XRAY_KEEP_ORIGINAL = True
    study = submit_study(
        owner=user,
        upload=SimpleUploadedFile(name, SENT[name]()),
        wish=Wish(patient_key="KANARI-key", indication="cough"),
    ).study
    run_job()
    study = Study.objects.get(pk=study.pk)
    assert study.status == "reported" and study.original_key
    client.force_login(user)
    answers = {}
    for export in EXPORTS:
        response = client.get(reverse(f"xray_api:{export}", args=[study.pk]))
        assert response.status_code == 200, export
        body = b"".join(response) if response.streaming else response.content
        answers[export] = body + repr(dict(response.headers)).encode()
    files = {
        str(path.relative_to(private_files)): path.read_bytes()
        for path in private_files.rglob("*")
        if path.is_file()
    }
    assert len(files) >= 3, "film, kept original, report"
    assert leaks(rows()) == {}
    assert leaks(files) == {} and leaks(dict.fromkeys(files, "")) == {}
    assert canaries.find_canaries("\n".join(files)) == set()
    assert leaks(answers) == {}
    assert canaries.find_canaries(said()) == set()


def test_the_facts_for_a_language_model_hold_nobody(user, run_job, said):
    from xray.reports.llm.prompts import build_prompt
    from xray.reports.llm.schema import schema

    upload = SimpleUploadedFile("film.dcm", canaries.dicom(Modality="CR"))
    study = submit_study(owner=user, upload=upload, wish=Wish(patient_key="KANARI-key")).study
    run_job()
    facts = stored_facts(Study.objects.get(pk=study.pk))
    assert (facts.modality, facts.view, facts.age_band, facts.sex) == ("CR", "PA", "0-4", "F")
    assert canaries.find_canaries(repr(facts)) == set()
    for language in ("en", "zh-hans"):
        prompt = build_prompt(facts, language=language, schema=schema(facts, language))
        assert "pneumonia" in repr(prompt).lower()
        assert canaries.find_canaries(repr(prompt)) == set()
    assert canaries.find_canaries(said()) == set()


@pytest.mark.parametrize("tenth", [1, 5, 9])
def test_a_refused_film_leaves_no_row_and_no_file(tenth, user, version, private_files, said):
    before, content = rows(), canaries.dicom()
    upload = SimpleUploadedFile(canaries.FILE_NAME, content[: len(content) * tenth // 10])
    with pytest.raises(UploadRefused):
        submit_study(owner=user, upload=upload, wish=Wish(patient_key="KANARI-key"))
    assert rows() == before
    assert not list(private_files.rglob("*.*"))
    assert canaries.find_canaries(said()) == set()


def test_an_indication_stays_out_of_the_log(user, run_job, said):
    submit_study(
        owner=user,
        upload=SimpleUploadedFile("film.dcm", canaries.dicom()),
        wish=Wish(indication=canaries.INDICATION),
    )
    run_job()
    assert canaries.find_canaries(said()) == set()
