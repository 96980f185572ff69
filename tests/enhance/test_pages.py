"""The pages work as plain forms."""

import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from enhance import listing, words
from enhance import options as choices
from enhance.kind import plan_of
from enhance.marking import signed_by, unsigned
from enhance.models import EnhanceBatch, Enhancement
from enhance.nets.catalogue import NETWORKS
from enhance.policy import UPLOADS
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
        ({"quality_level": "best"}, 400, "best"),
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


def test_a_bad_file_of_a_form_explains_itself_and_the_others_go_on(page, user):
    files = [
        upload(name="one.png"),
        upload(content=b"no picture", name="broken.png"),
        upload(name="two.png"),
    ]
    response = page.post("/enhance/", {"file": files, "scale": "2"}, follow=True)
    batch = EnhanceBatch.objects.visible_to(user).get()
    assert response.redirect_chain == [(f"/enhance/batches/{batch.pk}/", 302)]
    own = Enhancement.objects.visible_to(user)
    assert {row.source_name for row in own} == {"one.png", "two.png"}
    assert {row.options["scale"] for row in own} == {2.0}
    text = response.content.decode()
    assert "Not accepted" in text
    assert "broken.png" in text
    assert "corrupt_image" in text or "unsupported_format" in text


def test_when_no_file_is_good_each_is_named_and_nothing_is_kept(page, stored_files):
    files = [upload(content=b"", name="empty.png"), upload(content=b"x", name="text.txt")]
    response = page.post("/enhance/", {"file": files})
    text = response.content.decode()
    assert response.status_code == 422
    assert "empty.png: The file is empty." in text
    assert "text.txt: This is not a picture" in text
    assert (Job.objects.count(), stored_files()) == (0, [])


def test_wrong_options_are_refused_before_any_of_the_files_is_read(page, stored_files):
    response = page.post("/enhance/", {"file": [upload(), upload()], "tile_size": "7"})
    assert response.status_code == 400
    assert "tile_size" in response.context["errors"]
    assert (Job.objects.count(), stored_files()) == (0, [])


def test_each_photo_of_a_form_counts_as_one_submit_of_the_api(page, user, settings):
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": {
            **settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"],
            "submit": "3/h",
        },
    }
    photos = [upload(name=f"{number}.png") for number in range(2)]
    page.post("/enhance/", {"file": photos})
    third = page.post("/api/v1/enhance", {"file": upload(name="2.png")})
    assert third.status_code == 202
    response = page.post("/enhance/", {"file": upload(name="3.png")})
    assert response.status_code == 429
    assert "Too many requests" in response.content.decode()
    assert Enhancement.objects.visible_to(user).count() == 3
    retry = page.post(f"/enhance/{Enhancement.objects.first().pk}/retry/", follow=True)
    assert "Too many requests" in retry.content.decode()
    assert Enhancement.objects.count() == 3


def test_a_scale_of_ones_own_takes_the_place_of_the_common_ones(page):
    page.post("/enhance/", {"file": upload(), "scale": "other", "scale_other": "2.5"})
    assert Enhancement.objects.get().options["scale"] == 2.5
    refused = page.post("/enhance/", {"file": upload(), "scale": "other", "scale_other": ""})
    assert refused.status_code == 400
    assert "scale" in refused.context["errors"]
    assert re.search(r'value="other" checked', refused.content.decode())


def test_a_target_size_takes_the_place_of_the_scale_and_comes_along_when_run_again(page):
    sizes = {"target_width": "60", "target_height": "", "megapixels": ""}
    page.post("/enhance/", {"file": upload(), "scale": "target", **sizes})
    row = Enhancement.objects.get()
    assert (row.options["scale"], row.options["target_width"]) == (None, 60)
    assert (row.plan["output_width"], row.plan["output_height"]) == (60, 45)
    text = page.get(f"/enhance/?from={row.pk}").content.decode()
    assert re.search(r'name="scale" value="target" checked', text)
    assert re.search(r'name="target_width"[^>]* value="60"', text)
    page.post("/enhance/", {"file": upload(), "scale": "2", **sizes})
    assert Enhancement.objects.exclude(pk=row.pk).get().options["scale"] == 2.0
    refused = page.post("/enhance/", {"file": upload(), "scale": "target"})
    assert (refused.status_code, "scale" in refused.context["errors"]) == (400, True)


def test_faces_that_were_chosen_by_number_are_counted_from_one_when_run_again(page):
    page.post("/enhance/", {"file": upload(), "faces": "0,2"})
    text = page.get(f"/enhance/?from={Enhancement.objects.get().pk}").content.decode()
    assert re.search(r'<option value="0,2" selected>Faces 1, 3</option>', text)
    wrong = page.post("/enhance/", {"file": upload(), "faces": "0,x"})
    assert (wrong.status_code, "0,x" in wrong.content.decode()) == (400, True)


def test_what_is_not_installed_is_disabled_with_the_reason_and_the_command(page):
    text = page.get("/enhance/").content.decode()
    assert re.search(r'<option value="realesrgan-x2plus"[^>]* disabled', text)
    assert "manage.py models pull realesrgan-x2plus" in text
    assert re.search(r'name="denoise"[^>]* disabled', text)
    assert "models pull realesr-general-x4v3 realesr-general-wdn-x4v3" in text


def test_a_refused_form_keeps_what_was_chosen(page):
    text = page.post(
        "/enhance/",
        {"scale": "8", "quality_level": "high", "output_format": "png", "tile_size": "128"},
    ).content.decode()
    assert re.search(r'name="scale" value="8" checked', text)
    assert re.search(r'name="quality_level" value="high" checked', text)
    assert re.search(r'value="png" selected', text)
    assert 'name="tile_size" value="128"' in text


def test_running_again_brings_the_photo_and_its_options_along(page, submit):
    row = submit(scale=3, output_format="jpg", tile_size=128)
    page.post(f"/enhance/{row.pk}/cancel/")
    text = page.get(f"/enhance/?from={row.pk}").content.decode()
    assert f'name="source" value="{row.pk}"' in text
    assert 'name="scale_other"' in text
    assert re.search(r'id="scale_other"[^>]* value="3"', text)
    assert re.search(r'value="jpg" selected', text)
    response = page.post("/enhance/", {"source": row.pk, "scale": "2", "output_format": "png"})
    again = Enhancement.objects.exclude(pk=row.pk).get()
    assert response["Location"] == f"/enhance/{again.pk}/"
    assert again.source == row.source
    assert (again.options["scale"], again.options["output_format"]) == (2.0, "png")
    assert again.options["tile_size"] == 128


@pytest.mark.parametrize("wrong", ["nothing", "00000000-0000-0000-0000-000000000000"])
def test_only_an_own_photo_can_be_run_again(page, submit, stranger, wrong):
    foreign = submit(owner=stranger)
    for given in (wrong, str(foreign.pk)):
        assert page.get(f"/enhance/?from={given}").status_code == 404
        assert page.post("/enhance/", {"source": given}).status_code == 404
    assert Enhancement.objects.count() == 1


def test_unfinished_photos_are_cards_at_work_and_ended_ones_are_thumbnails(page, submit, run_job):
    done = submit(upload(name="done.png"))
    run_job()
    waiting = submit(upload(name="waiting.png"))
    response = page.get("/enhance/")
    shown = response.context["listing"]
    assert [card.name for card in shown.at_work] == ["waiting.png"]
    assert [card.name for card in shown.ended] == ["done.png"]
    text = response.content.decode()
    assert f'id="work-{waiting.pk}"' in text
    assert f'id="result-{done.pk}"' in text
    assert f'src="/api/v1/jobs/{waiting.pk}/preview/"' in text


def test_ended_photos_come_in_pages_and_each_once(page, submit, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    rows = [submit(upload(name=f"{number}.png")) for number in range(5)]
    for row in rows:
        page.post(f"/enhance/{row.pk}/cancel/")
    seen, path = [], "/enhance/"
    while path:
        shown = page.get(path).context["listing"]
        seen += [card.name for card in shown.ended]
        path = f"/enhance/?before={shown.older}" if shown.older else ""
    assert seen == ["4.png", "3.png", "2.png", "1.png", "0.png"]


def test_the_card_is_live_until_it_is_a_result(page, submit, run_job):
    row = submit()
    live = page.get(f"/enhance/{row.pk}/card/").content.decode()
    assert f'id="work-{row.pk}"' in live
    assert " live" in live
    run_job()
    done = page.get(f"/enhance/{row.pk}/card/").content.decode()
    assert f'id="result-{row.pk}"' in done


def test_a_running_page_knows_its_preview_and_its_tiles(page, submit):
    row = submit(upload(), tile_size=64, quality_level="high")
    text = page.get(f"/enhance/{row.pk}/").content.decode()
    tag = re.search(r"<tile-reveal[^>]*>", text)[0]
    assert f'src="/api/v1/jobs/{row.pk}/preview/"' in tag
    grid = plan_of(row.job.params).passes[0].grid
    assert f'columns="{" ".join(str(span.low) for span in grid.columns[1:])}"' in tag
    assert f'width="{row.source.width}"' in tag


def test_a_failure_says_what_happened_what_to_do_and_its_code(page, submit):
    row = submit()
    Job.objects.filter(pk=row.pk).update(
        state="failed", finished_at=timezone.now(), error_code="out_of_memory"
    )
    text = page.get(f"/enhance/{row.pk}/").content.decode()
    assert "This enlargement failed." in text
    assert "does not fit into memory" in text
    assert "Run it again with other options." in text
    assert "<code>out_of_memory</code>" in text
    assert f"/enhance/{row.pk}/retry/" in text
    assert f"/enhance/?from={row.pk}" in text


def test_the_provenance_names_network_licence_device_file_and_marking(page, submit, run_job):
    row = submit(quality_level="fast")
    run_job()
    shown = page.get(f"/enhance/{row.pk}/").context["page"]
    facts = {fact.label: f"{fact.value} {fact.code}".strip() for fact in shown.provenance}
    row.refresh_from_db()
    assert facts["Network"] == "realesr-animevideov3"
    assert facts["Licence"].startswith("BSD-3-Clause")
    assert facts["Device"] == "Processor (CPU)"
    assert facts["Number format"] == "32-bit numbers (float32)"
    assert "compositeWithTrainedAlgorithmicMedia" in facts["Marking"]
    assert facts["Content credentials"].startswith(("Signed by", "Not signed:"))
    assert facts["sha256 of the file"] == row.result.sha256
    assert {fact.label for fact in shown.seconds} >= {"Reading the picture", "Enlarging"}


def test_the_settings_say_every_option_in_words(page, submit):
    row = submit(scale=2.5, output_format="png", tile_size=128, tile_pad=8)
    settings = page.get(f"/enhance/{row.pk}/").context["page"].settings
    facts = {fact.label: fact.value for fact in settings}
    assert facts["Scale"] == "2.5 ×"
    assert facts["Quality"] == "Fast"
    assert facts["Format"] == "PNG"
    assert facts["Tile size"] == "128 pixels"
    assert facts["Tile border"] == "8 pixels"


def test_the_neighbours_are_the_own_newer_and_older_ones(page, submit, stranger):
    first, middle = submit(), submit()
    submit(owner=stranger)
    last = submit()
    shown = page.get(f"/enhance/{middle.pk}/").context["page"]
    assert shown.newer_url == f"/enhance/{last.pk}/"
    assert shown.older_url == f"/enhance/{first.pk}/"
    assert page.get(f"/enhance/{last.pk}/").context["page"].newer_url == ""
    assert page.get(f"/enhance/{first.pk}/").context["page"].older_url == ""


def test_the_script_refuses_in_the_words_of_the_server(page):
    text = page.get("/enhance/").content.decode()
    found = re.search(r'<script id="enhance-data" type="application/json">(.*?)</script>', text)
    data = json.loads(found[1])
    assert data["refusals"]["empty_file"] == "The file is empty."
    refused = page.post("/api/v1/enhance", {"file": upload(content=b"", name="a.png")}).json()
    assert data["refusals"][refused["code"]] == refused["detail"]
    wrong = page.post("/api/v1/enhance", {"file": upload(name="a.txt")}).json()
    assert data["refusals"][wrong["code"]] == wrong["detail"]
    assert data["max_bytes"] == UPLOADS.max_bytes
    assert set(data["extensions"]) == set(UPLOADS.extensions)


def test_a_result_that_could_not_be_signed_says_why(page, submit, run_job):
    row = submit()
    run_job()
    for marking, words_ in (
        (signed_by("CN=Test"), "Signed by CN=Test (C2PA)"),
        (unsigned("not_installed"), "Not signed: The signing library is not installed"),
        ({}, "Not signed: The result is older than signing on this server."),
    ):
        Enhancement.objects.filter(pk=row.pk).update(marking=marking)
        assert words_ in page.get(f"/enhance/{row.pk}/").content.decode()


def test_unusual_options_are_not_hidden_under_more(page, submit):
    assert '<details class="compose-more">' in page.get("/enhance/").content.decode()
    row = submit(tile_size=128)
    page.post(f"/enhance/{row.pk}/cancel/")
    text = page.get(f"/enhance/?from={row.pk}").content.decode()
    assert '<details class="compose-more" open>' in text


def test_every_network_and_option_has_words():
    assert set(words.MODELS) == {choices.AUTO_MODEL, *NETWORKS}
    assert set(words.FORMATS) == set(choices.OUTPUT_FORMATS)
    assert set(words.ALPHA) == set(choices.ALPHA_MODES)
    assert set(words.QUALITY) == set(words.QUALITY_MEANS) == set(choices.QUALITY_LEVELS)


def test_the_detail_shows_progress_then_both_pictures_and_the_provenance(page, submit, run_job):
    row = submit()
    waiting = page.get(f"/enhance/{row.pk}/").content.decode()
    assert re.search(rf'<enhance-job [^>]*job="{row.pk}"[^>]* live>', waiting)
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
        # A block of JSON is data: the browser never runs it.
        scripts = [tag for tag in re.findall(r"<script[^>]*>", text) if "json" not in tag]
        assert all("src=" in tag for tag in scripts)


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
