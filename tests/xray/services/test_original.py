"""A kept original is opened by staff, with a trace, or not at all."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from project.errors import ServiceError
from project.images import storage
from tests.xray import canaries
from xray.models import AuditEvent, Study
from xray.services.audit import verify_chain
from xray.services.original import OPENED, open_original
from xray.services.submit import submit_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(user, version, private_files, settings):
    settings.XRAY_KEEP_ORIGINAL = True
    upload = SimpleUploadedFile("film.dcm", canaries.dicom())
    return submit_study(owner=user, upload=upload).study


def opened():
    return AuditEvent.objects.filter(action=OPENED)


def test_staff_get_the_bytes_that_were_sent_and_the_trail_says_who(study, admin_user):
    assert open_original(study=study, actor=admin_user) == canaries.dicom()
    assert list(opened().values_list("actor_id", "study")) == [(admin_user.pk, study.pk)]
    assert verify_chain() is None


def test_nobody_else_gets_it_not_even_the_owner(study, user):
    with pytest.raises(ServiceError) as refused:
        open_original(study=study, actor=user)
    assert refused.value.code == "permission_denied" and not opened().exists()


def test_a_film_sent_without_the_setting_has_no_original(user, admin_user, version, private_files):
    upload = SimpleUploadedFile("film.dcm", canaries.dicom())
    study = submit_study(owner=user, upload=upload).study
    with pytest.raises(ServiceError) as refused:
        open_original(study=study, actor=admin_user)
    assert refused.value.code == "original_not_kept"


def test_the_command_writes_a_private_file_once(study, admin_user, tmp_path):
    out = tmp_path / "film.dcm"
    given = [str(study.pk), "--as", admin_user.username, "--out", str(out)]
    call_command("xray_original", *given, stdout=io.StringIO())
    assert out.read_bytes() == canaries.dicom() and out.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="there already"):
        call_command("xray_original", *given)
    assert opened().count() == 1


@pytest.mark.parametrize("wrong", ["study", "user", "secret", "file", "no uuid"])
def test_the_command_says_what_is_missing(study, admin_user, tmp_path, settings, wrong):
    from project.images import storage

    number, name = str(study.pk), admin_user.username
    if wrong == "study":
        number = "00000000-0000-7000-8000-000000000000"
    elif wrong == "no uuid":
        number = "film"
    elif wrong == "user":
        name = "nobody"
    elif wrong == "secret":
        settings.SECRET_KEY = "another"
    else:
        storage.delete(study.original_key)
    with pytest.raises(CommandError):
        call_command("xray_original", number, "--as", name, "--out", str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()


def test_deleting_an_analysis_leaves_the_original_to_its_retry(
    study, user, django_capture_on_commit_callbacks
):
    from project.jobs.cancel import cancel_job
    from project.jobs.retry import retry_job
    from xray.services.erase import delete_study

    key = study.original_key
    again = Study.objects.get(job=retry_job(job=cancel_job(job=study.job)))
    assert again.original_key == key
    with django_capture_on_commit_callbacks(execute=True):
        delete_study(study=Study.objects.get(pk=study.pk), actor=user)
    assert storage.exists(key)
    with django_capture_on_commit_callbacks(execute=True):
        delete_study(study=again, actor=user)
    assert not storage.exists(key)


def test_an_erased_person_leaves_no_original_and_no_report_behind(
    study, user, run_job, django_capture_on_commit_callbacks
):
    from accounts.privacy import erase_user

    assert run_job().state == "succeeded"
    keys = [study.original_key, study.reports.get().file]
    assert all(storage.exists(key) for key in keys)
    with django_capture_on_commit_callbacks(execute=True):
        receipt = erase_user(user)
    assert receipt.finished_at
    assert not [key for key in keys if storage.exists(key)]
