"""README's API examples, sent as they stand."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import load_command_class
from PIL import Image
from rest_framework.test import APIClient

from enhance.options import EnhanceOptions
from enhance.plan import Limits, make_plan
from enhance.serializers import parse_options
from project.images.formats import by_extension
from project.jobs.models import Job
from tests.docs.markdown import ROOT, blocks_of
from tests.factories import UserFactory
from tests.xray.factories import make_version

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase"


@dataclass
class Request:
    """One `curl` of the page; `output` is the file it writes."""

    path: str
    output: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    body: str | None = None


def command_lines(start: str) -> list[str]:
    """The commands that begin with `start`, each on one line."""
    lines = blocks_of("README.md").replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith(start)]


def parse(line: str) -> Request:
    """Fails on an option that this reader does not know, instead of leaving it out."""
    words = iter(shlex.split(line)[1:])
    found = Request(path="")
    for word in words:
        if word == "-s":
            continue
        if word == "-o":
            found.output = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            found.headers[name] = value
        elif word == "-F":
            name, _, value = next(words).partition("=")
            found.form[name] = value
        elif word == "-d":
            found.body = next(words)
        else:
            address = urlsplit(f"http://{word}")
            assert (address.netloc, found.path) == ("localhost:8000", ""), word
            found.path = address.path
    return found


def send(client: APIClient, request: Request, known: dict[str, str]):
    """Send it with what earlier answers gave in place of its variables."""

    def filled(text: str) -> str:
        return re.sub(r"\$([A-Z]+)", lambda name: known[name[1]], text)

    headers = {name: filled(value) for name, value in request.headers.items()}
    path = filled(request.path)
    if request.form:
        form = {
            name: upload(value[1:]) if value.startswith("@") else value
            for name, value in request.form.items()
        }
        return client.post(path, form, format="multipart", headers=headers)
    if request.body is not None:
        body = json.loads(request.body) | {"password": PASSWORD}
        return client.post(path, body, format="json", headers=headers)
    return client.get(path, headers=headers)


def upload(name: str) -> SimpleUploadedFile:
    """The file of the repository that the page names, or a photo of the reader's."""
    path = ROOT / name
    if path.is_file():
        return SimpleUploadedFile(path.name, path.read_bytes(), "image/png")
    return photo()


def photo() -> SimpleUploadedFile:
    """A small JPEG under the name that the page uses."""
    content = BytesIO()
    Image.new("RGB", (12, 9), (90, 60, 30)).save(content, "JPEG")
    return SimpleUploadedFile("photo.jpg", content.getvalue(), "image/jpeg")


def test_the_api_examples_lead_from_signing_in_to_the_download():
    UserFactory(username="demo", password=PASSWORD)
    sign_in, submit, status, download, *_ = [parse(line) for line in command_lines("curl")]
    client = APIClient()

    answer = send(client, sign_in, {})
    assert answer.status_code == 200
    known = {"ACCESS": answer.json()["access"]}

    answer = send(client, submit, known)
    assert answer.status_code == 202, answer.json()
    plan = answer.json()["plan"]
    assert plan["output_width"] == 12 * float(submit.form["scale"])
    assert plan["output_format"] == format_of(download.output)
    known |= {"JOB": answer.json()["job"], "TASK": answer.json()["task_id"]}
    assert send(client, submit, known)["Idempotent-Replay"] == "true"

    answer = send(client, status, known)
    assert (answer.status_code, answer.json()["state"]) == (200, Job.State.QUEUED)

    # No worker runs here: the address is right, the picture is not there yet.
    answer = send(client, download, known)
    assert (answer.status_code, answer.json()["code"]) == (400, "task_not_completed")


def test_the_film_examples_lead_from_a_film_to_its_report():
    UserFactory(username="demo", password=PASSWORD)
    version = make_version()
    version.status = "active"
    version.save()
    sign_in, *_, submit, report = [parse(line) for line in command_lines("curl")]
    client = APIClient()
    known = {"ACCESS": send(client, sign_in, {}).json()["access"]}

    answer = send(client, submit, known)
    assert answer.status_code == 202, answer.json()
    known["STUDY"] = answer.json()["study_id"]

    # No worker runs here: the address is right, the report is not there yet.
    answer = send(client, report, known)
    assert (answer.status_code, answer.json()["code"]) == (409, "report_not_ready")


def test_the_command_line_example_asks_for_the_format_that_its_file_is_named_after():
    [line] = command_lines(".venv/bin/python manage.py enhance")
    parser = load_command_class("enhance", "enhance").create_parser("manage.py", "enhance")
    given = vars(parser.parse_args(shlex.split(line)[3:]))
    names = EnhanceOptions.__dataclass_fields__
    options = parse_options(
        {name: given[name] for name in names if given.get(name) is not None}, default_quality="fast"
    )
    plan = make_plan(
        width=12,
        height=9,
        source_format=format_of(given["inputs"][0]),
        options=options,
        limits=Limits(output_pixels=10**6, high_quality_cpu_pixels=10**6),
    )
    assert plan.output_format == format_of(given["output"])


def format_of(name: str) -> str:
    """The format that the extension of `name` promises."""
    found = by_extension(name.rpartition(".")[2])
    assert found is not None
    return found.name
