"""The pages work as plain forms."""

import re

import pytest
from django.urls import reverse

from enhance.models import Enhancement
from project.inference import config
from project.jobs.models import Job
from tests.enhance.pictures import upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(client, user):
    client.force_login(user)
    return client


def test_a_photo_is_submitted_without_javascript(page, user):
    response = page.post("/enhance/", {"file": upload(), "scale": "2", "tile_size": "auto"})
    row = Enhancement.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/enhance/{row.pk}/")
    assert (row.job.owner, row.options["scale"]) == (user, 2.0)


@pytest.mark.parametrize(
    ("data", "status", "text"),
    [
        ({}, 400, "Choose a picture first."),
        ({"file": b"", "name": "a.png"}, 422, "The file is empty."),
        ({"file": b"<html>", "name": "a.html"}, 415, "PNG, JPEG, WEBP"),
        ({"scale": "99"}, 400, "between 1.0 and 16.0"),
        ({"quality_level": "max"}, 400, "fast, high"),
    ],
)
def test_a_refusal_is_shown_in_the_form_and_nothing_is_stored(
    page, stored_files, data, status, text
):
    fields = {key: value for key, value in data.items() if key not in ("file", "name")}
    if "file" in data:
        fields["file"] = upload(content=data["file"], name=data["name"])
    elif data:
        fields["file"] = upload()
    response = page.post("/enhance/", fields)
    assert response.status_code == status
    assert text in response.content.decode()
    assert (Enhancement.objects.count(), Job.objects.count(), stored_files()) == (0, 0, [])


def test_the_list_shows_exactly_the_own_photos(page, submit, stranger):
    own, foreign = (
        submit(upload(name="mine.png")),
        submit(upload(name="theirs.png"), owner=stranger),
    )
    text = page.get("/enhance/").content.decode()
    assert reverse("enhance:detail", args=[own.pk]) in text
    assert str(foreign.pk) not in text
    assert "theirs.png" not in text


def test_the_detail_shows_progress_then_both_pictures_and_the_provenance(page, submit, run_job):
    row = submit()
    waiting = page.get(f"/enhance/{row.pk}/").content.decode()
    assert f'<job-progress job="{row.pk}"' in waiting
    assert "/cancel/" in waiting
    run_job()
    text = page.get(f"/enhance/{row.pk}/").content.decode()
    assert len(re.findall(r'<img src="/media/', text)) == 2
    assert f"/api/v1/download/{row.pk}" in text
    assert "compositeWithTrainedAlgorithmicMedia" in text
    assert "realesr-animevideov3" in text
    for address in re.findall(r'<img src="(/media/[^"]+)"', text):
        assert page.get(address).status_code == 200


def test_pages_hold_no_inline_script_style_or_handler(page, submit, run_job):
    row = submit()
    run_job()
    for address in ("/enhance/", f"/enhance/{row.pk}/"):
        text = page.get(address).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_missing_weights_are_named_with_the_command(page, tmp_path, monkeypatch):
    monkeypatch.setattr(config, "_config", config.InferenceConfig(model_root=tmp_path / "models"))
    text = page.get("/enhance/").content.decode()
    assert "manage.py models pull realesrgan-x4plus" in text


def test_cancel_retry_and_delete_are_plain_posts(page, submit, run_job):
    row = submit()
    assert page.post(f"/enhance/{row.pk}/cancel/")["Location"] == f"/enhance/{row.pk}/"
    assert Job.objects.get(pk=row.pk).state == "cancelled"
    again = page.post(f"/enhance/{row.pk}/retry/")["Location"]
    assert again not in ("", f"/enhance/{row.pk}/")
    assert page.post(f"/enhance/{row.pk}/delete/")["Location"] == "/enhance/"
    assert not Enhancement.objects.filter(pk=row.pk).exists()
    assert Enhancement.objects.count() == 1


@pytest.mark.parametrize("action", ["", "cancel/", "retry/", "delete/"])
def test_a_strangers_page_is_absent(client, submit, stranger, action):
    row = submit()
    client.force_login(stranger)
    method = client.post if action else client.get
    assert method(f"/enhance/{row.pk}/{action}").status_code == 404
    assert Job.objects.get(pk=row.pk).state == "queued"


@pytest.mark.parametrize("action", ["cancel/", "retry/", "delete/"])
def test_a_link_changes_nothing(page, submit, action):
    row = submit()
    assert page.get(f"/enhance/{row.pk}/{action}").status_code == 405
    assert Job.objects.get(pk=row.pk).state == "queued"


def test_nobody_gets_in_without_signing_in(client):
    assert client.get("/enhance/").status_code == 302
    assert client.post("/enhance/", {"file": upload()}).status_code == 302
    assert Enhancement.objects.count() == 0
