"""Presets: options under a name, by API and by a form without a script."""

import pytest
from rest_framework.test import APIClient

from enhance.models import Enhancement, Preset
from enhance.presets import save
from tests.enhance.pictures import upload

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/api/v1/enhance/presets"


@pytest.fixture
def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def keep(api, name="Family", **options):
    body = {"name": name, "options": options or {"scale": 3, "output_format": "jpg"}}
    return api.post(PATH, body, format="json")


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_preset_is_kept_read_changed_and_deleted(api, slash):
    made = keep(api).json()
    assert made["options"] == {"scale": 3, "output_format": "jpg"}
    assert [preset["id"] for preset in api.get(PATH + slash).json()] == [made["id"]]
    one = f"{PATH}/{made['id']}{slash}"
    body = {"name": "Old family", "options": {"scale": 2}}
    assert api.put(one, body, format="json").json()["name"] == "Old family"
    assert api.get(one).json()["options"] == {"scale": 2}
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404


def test_what_no_photo_would_accept_is_not_kept(api, monkeypatch):
    assert keep(api, scale=99).json()["fields"] == {
        "scale": [{"code": "range", "detail": "The scale must lie between 1.0 and 16.0."}]
    }
    assert keep(api, colour="red").status_code == 400
    assert keep(api, name="  ").status_code == 400
    assert keep(api).status_code == 201
    assert (keep(api).status_code, keep(api).json()["code"]) == (409, "preset_exists")
    monkeypatch.setattr(save, "MOST_PER_OWNER", 1)
    full = keep(api, name="Other")
    assert (full.status_code, full.json()["code"]) == (422, "too_many_presets")
    assert Preset.objects.count() == 1


def test_a_strangers_preset_is_as_absent_as_one_that_never_was(api, stranger, client):
    made = keep(api).json()["id"]
    other = APIClient()
    other.force_authenticate(stranger)
    for method in ("get", "put", "delete"):
        assert getattr(other, method)(f"{PATH}/{made}").status_code == 404
    assert other.get(PATH).json() == []
    assert keep(other).status_code == 201
    client.force_login(stranger)
    assert client.get(f"/enhance/?preset={made}").status_code == 404
    assert client.post(f"/enhance/presets/{made}/delete/").status_code == 404
    assert Preset.objects.filter(pk=made).exists()


def test_a_form_without_a_script_keeps_chooses_and_forgets(client, user):
    client.force_login(user)
    fields = {"preset_name": "Slides", "scale": "other", "scale_other": "3", "output_format": "jpg",
              "tile_size": "auto", "tile_pad": "", "cache": "true", "ttl": ""}  # fmt: skip
    kept = client.post("/enhance/presets/", fields)
    preset = Preset.objects.get()
    assert preset.options == {"scale": "3", "output_format": "jpg", "tile_size": "auto"}
    assert kept["Location"] == f"/enhance/?preset={preset.pk}"
    page = client.get(kept["Location"])
    assert page.context["chosen"]["output_format"] == "jpg"
    assert (page.context["chosen"]["scale"], page.context["other_scale"]) == ("other", "3")
    assert 'aria-current="true">Slides' in page.content.decode()
    client.post("/enhance/presets/", {**fields, "output_format": "png"})
    preset.refresh_from_db()
    assert preset.options["output_format"] == "png"
    client.post("/enhance/", {"file": upload(), **fields})
    assert Enhancement.objects.get().options["scale"] == 3.0
    client.post(f"/enhance/presets/{preset.pk}/delete/")
    assert Preset.objects.count() == 0


def test_a_target_of_a_preset_is_the_chosen_scale_of_the_form(client, user):
    Preset.objects.create(owner=user, name="Wide", options={"target_width": 200})
    client.force_login(user)
    page = client.get(f"/enhance/?preset={Preset.objects.get().pk}")
    assert page.context["chosen"]["scale"] == "target"
    assert page.context["chosen"]["target_width"] == 200
