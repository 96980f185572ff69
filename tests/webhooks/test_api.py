"""Asking for webhooks, reading the log and the secret: by API, page and admin."""

from __future__ import annotations

import json
import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.privacy import erase_user, export_user
from project.images.models import ImageRecord
from project.jobs.models import Job
from project.jobs.submit import submit_job
from project.webhooks.models import Callback, Delivery, SigningSecret
from project.webhooks.signing_secrets import replace_secret, valid_secrets
from tests.accounts.test_privacy import unpack
from tests.factories import UserFactory
from tests.outbound.receiver import receiving
from tests.webhooks.conftest import NOON

pytestmark = [pytest.mark.services, pytest.mark.django_db]

URL = "https://hooks.example.org/in?token=canary"


@pytest.fixture
def browser(user, client):
    client.force_login(user)
    return client


def picture():
    content = BytesIO()
    Image.new("RGB", (8, 8)).save(content, "PNG")
    return SimpleUploadedFile("a.png", content.getvalue(), "image/png")


def submit(browser, url, *, query="", **headers):
    body = {"file": picture(), "scale": "2"} | ({"callback_url": url} if url else {})
    return browser.post(f"/api/v1/enhance{query}", body, headers=headers)


@pytest.mark.parametrize("way", ["form", "query"])
def test_an_enlargement_takes_a_callback_as_form_field_or_query(browser, way):
    if way == "form":
        answer = submit(browser, URL)
    else:
        answer = submit(
            browser, "", query="?callback_url=https://hooks.example.org/in%3Ftoken=canary"
        )
    assert answer.status_code == 202
    job = Job.objects.get()
    assert job.callback.url == URL
    assert "canary" not in json.dumps(job.params)  # the address is no option of the picture


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example.org/", "scheme_refused"),
        ("https://127.0.0.1/", "address_refused"),
        ("https://0x7f.1/", "address_refused"),
        ("https://user:word@hooks.example.org/", "credentials_refused"),
        ("https://hooks.example.org:22/", "port_refused"),
        ("hooks", "scheme_refused"),
        ("https://hooks.example.org/" + "x" * 2048, "url_too_long"),
    ],
)
def test_a_refused_callback_leaves_neither_job_nor_picture(browser, url, reason):
    answer = submit(browser, url)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "callback_url_refused")
    assert [item["code"] for item in problem["fields"]["callback_url"]] == [reason]
    assert (Job.objects.count(), ImageRecord.objects.count(), Callback.objects.count()) == (0, 0, 0)


def test_the_same_key_with_another_callback_is_another_request(browser):
    first = submit(browser, URL, **{"Idempotency-Key": "k"})
    assert submit(browser, URL, **{"Idempotency-Key": "k"}).status_code == 200
    other = submit(browser, URL + "2", **{"Idempotency-Key": "k"})
    assert (first.status_code, other.status_code) == (202, 409)
    assert Callback.objects.get().url == URL


def test_any_job_takes_a_callback_later_and_loses_it_again(browser, user):
    job = submit_job(owner=user, kind="test.echo", params={}).job
    path = f"/api/v1/jobs/{job.pk}/callback/"
    assert browser.get(path).json() == {"url": None}
    for url in (URL + "1", URL):
        assert browser.put(path, {"url": url}, content_type="application/json").json() == {
            "url": url
        }
    assert browser.get(path).json() == {"url": URL}
    refused = browser.put(path, {"url": "https://[::1]/"}, content_type="application/json")
    assert refused.json()["code"] == "callback_url_refused"
    assert browser.delete(path).status_code == browser.delete(path).status_code == 204
    assert Callback.objects.count() == 0


def test_the_secret_is_shown_once_and_kept_sealed(browser, user):
    path = "/api/v1/webhooks/secret/"
    assert browser.get(path).json() == {"created_at": None, "previous_valid_until": None}
    answer = browser.post(path)
    secret = answer.json()["secret"]
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    assert re.fullmatch(r"whsec_[\w-]{43}", secret)
    assert set(browser.get(path).json()) == {"created_at", "previous_valid_until"}
    assert secret not in str(list(SigningSecret.objects.values()))
    assert valid_secrets(owner=user, now=SigningSecret.objects.get().created_at) == [secret]


def test_the_page_shows_a_new_secret_once(browser):
    page = browser.post("/webhooks/secret/")
    shown = re.search(r'value="(whsec_[\w-]{43})"', page.content.decode())
    assert shown is not None
    assert "no-store" in page["Cache-Control"]
    assert shown[1] not in browser.get("/webhooks/").content.decode()


def test_two_people_never_share_a_secret(user, stranger):
    mine, theirs = (replace_secret(owner=person, now=NOON) for person in (user, stranger))
    assert valid_secrets(owner=user, now=NOON) == [mine]
    assert valid_secrets(owner=stranger, now=NOON) == [theirs]


def test_each_person_sees_exactly_their_own_deliveries(ended, deliver, user, stranger, client):
    with receiving((500, {}, b"no room")) as server:
        jobs = {person: ended(server, owner=person) for person in (user, stranger)}
        deliver()
        deliver()
    for person, other in ((user, stranger), (stranger, user)):
        client.force_login(person)
        listed = client.get("/api/v1/webhooks/deliveries/").json()["results"]
        assert [row["job"] for row in listed] == [str(jobs[person].pk)]
        path = f"/api/v1/webhooks/deliveries/{listed[0]['id']}/"
        detail = client.get(path).json()
        assert detail["event"]["data"]["job"] == str(jobs[person].pk)
        assert [(t["number"], t["status_code"], t["error_code"], t["excerpt"]) for t in detail["tries"]] == [
            (1, 500, "status_refused", "no room")
        ]  # fmt: skip
        narrowed = client.get(f"/api/v1/webhooks/deliveries/?job={jobs[other].pk}").json()
        assert narrowed["results"] == []
        foreign = Delivery.objects.get(owner=other).pk
        assert client.get(f"/api/v1/webhooks/deliveries/{foreign}/").status_code == 404
        assert client.post(f"/api/v1/webhooks/deliveries/{foreign}/resend/").status_code == 404
        assert client.post(f"/webhooks/deliveries/{foreign}/resend/").status_code == 404


def test_the_owner_sends_again_what_has_ended_only(ended, deliver, browser):
    with receiving(500) as server:
        ended(server)
        delivery = deliver()
        path = f"/api/v1/webhooks/deliveries/{delivery.pk}/resend/"
        refused = browser.post(path)
        assert (refused.status_code, refused.json()["code"]) == (409, "delivery_pending")
        Delivery.objects.update(state="failed", finished_at=NOON, attempts_left=0)
        assert browser.post(path).status_code == 202
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts_left, delivery.finished_at) == ("pending", 5, None)


def test_operators_see_the_host_and_send_again_but_read_neither_path_nor_answer(
    ended, deliver, client
):
    with receiving((410, {}, b"answer-canary")) as server:
        ended(server, path="/path-canary")
        delivery = deliver()
        operator = UserFactory(role="operator")
        operator.is_staff = True
        operator.save()
        client.force_login(operator)
        listing = "/admin/webhooks/delivery/"
        pages = [client.get(listing), client.get(f"{listing}{delivery.pk}/change/")]
        for page in pages:
            text = page.content.decode()
            assert page.status_code == 200
            assert f"http://127.0.0.1:{server.port}" in text
            assert "path-canary" not in text and "answer-canary" not in text
        client.post(listing, {"action": "send_again", "_selected_action": [str(delivery.pk)]})
    delivery.refresh_from_db()
    assert delivery.is_pending


def test_a_person_takes_webhooks_along_and_leaves_none(ended, deliver, user, stranger):
    with receiving((500, {}, b"no room")) as server:
        ended(server, path="/mine-canary")
        ended(server, owner=stranger, path="/theirs-canary")
        deliver()
        deliver()
    secret = valid_secrets(owner=user, now=NOON)[0]
    files = {name: data for name, data in unpack(export_user(user)).items() if "webhooks/" in name}
    text = b"".join(files.values()).decode()
    assert set(files) == {
        f"webhooks/{name}.json" for name in ("callbacks", "deliveries", "attempts", "secrets")
    }
    assert "mine-canary" in text and "no room" in text
    assert "theirs-canary" not in text and secret not in text
    receipt = erase_user(user)
    assert (receipt.counts["deliveries"], receipt.counts["signing_secrets"]) == (1, 1)
    assert set(Delivery.objects.values_list("owner")) == {(stranger.pk,)}
    assert set(SigningSecret.objects.values_list("owner")) == {(stranger.pk,)}


def test_a_token_needs_the_scope_of_what_it_reads(user):
    from accounts.services.tokens import create_token

    made = create_token(owner=user, name="x", scopes=["jobs:read"])
    client = Client(headers={"Authorization": f"Token {made.secret}"})
    assert client.get("/api/v1/webhooks/deliveries/").status_code == 200
    assert client.get("/api/v1/webhooks/secret/").json()["code"] == "scope_missing"
    assert client.post("/api/v1/webhooks/secret/").json()["code"] == "scope_missing"
