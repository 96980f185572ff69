"""Every row of docs/coming-from: what is said to be here is here."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import resolve
from rest_framework.test import APIClient

from enhance.cli.arguments import parsed_options
from enhance.options import EnhanceOptions
from enhance.serializers import parse_options
from project.jobs.run import run_next
from project.settings import env
from tests.docs.markdown import ROOT, text_of
from tests.enhance.pictures import upload
from tests.enhance.tiny import TinyRuntime
from tests.factories import UserFactory
from xray.api.serializers import StudyUploadSerializer
from xray.main import COMMANDS

FOLDER = "docs/coming-from/"
KEPT = "docs/coming-from/photoenhanceai.md"  # what it names as its own works here unchanged
NONE = "-"
XRAY = "docs/coming-from/xray-service.md"
KINDS = (
    "path",
    "field",
    "answer",
    "batch answer",
    "health answer",
    "command",
    "option",
    "variable",
)
SOME_ID = str(UUID(int=1))
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Row:
    """One line of a table: what it is called there and here."""

    page: str
    kind: str
    there: str
    here: str
    differs: str

    def __str__(self) -> str:
        return f"{self.page.removeprefix(FOLDER)}: {self.there} -> {self.here}"

    @property
    def named(self) -> list[str]:
        """What is to exist: the names here, and those of a system whose names were kept."""
        there = _CODE.findall(self.there) if self.page == KEPT else []
        return [*_CODE.findall(self.here), *there]


def rows() -> list[Row]:
    """All rows of all tables but the list of pages."""
    found = []
    for page in (f"{FOLDER}{path.name}" for path in sorted((ROOT / FOLDER).glob("*.md"))):
        if not page.endswith("README.md"):
            kind = ""
            for line in text_of(page).splitlines():
                cells = [cell.strip() for cell in line.strip("|").split("|")]
                if not line.startswith("|") or set(line) <= set("|- "):
                    continue
                if cells[-1] == "differs":
                    kind = cells[1].removesuffix(" here")
                    continue
                found.append(Row(page, kind, *cells))
    return found


def of_kind(*kinds: str):
    """A parameter for each row of these kinds that has something here."""
    chosen = [row for row in rows() if row.kind in kinds and row.here != NONE]
    assert chosen, kinds
    return pytest.mark.parametrize("row", chosen, ids=str)


def test_each_row_is_of_a_kind_that_is_tested_and_names_something():
    assert {row.kind for row in rows()} == set(KINDS)
    assert [row for row in rows() if not row.named and row.here != NONE] == []
    assert [row for row in rows() if row.here == NONE and not row.differs] == []
    assert len({row.page for row in rows()}) == 5
    names = [(row.page, row.kind, row.there, row.here) for row in rows()]
    assert len(names) == len(set(names)), "said twice"


@of_kind("path")
def test_a_path_leads_to_a_route_that_takes_its_method(row):
    for named in row.named:
        method, _, path = named.partition(" ")
        found = resolve(re.sub(r"\{\w+\}", SOME_ID, path))
        view = getattr(found.func, "view_class", None) or getattr(found.func, "cls", None)
        assert view is None or hasattr(view, method.lower()), named
        assert method == "GET" or view is not None, named


@of_kind("field")
def test_a_field_is_taken_by_the_api(row):
    for named in row.named:
        name, _, value = named.partition("=")
        if row.page == XRAY:
            fields = StudyUploadSerializer().fields
            assert value == "" or fields[name].run_validation(value) is not None, named
            assert name in fields, named
            continue
        assert name == "file" or name in EnhanceOptions.__dataclass_fields__, named
        if value:
            parse_options({name: value}, default_quality="fast")


@of_kind("command")
def test_a_command_is_parsed(row):
    for named in _CODE.findall(row.here):
        program, name, *arguments = shlex.split(named)
        if program == "python":
            assert (name, arguments[0]) == ("-m", "xray.main"), named
            name, arguments = COMMANDS[arguments[1]], arguments[2:]
        else:
            assert program == "manage.py", named
        command = load_command_class(get_commands()[name], name)
        given = vars(command.create_parser("manage.py", name).parse_args(arguments))
        if name == "enhance":
            parsed_options(given)


@of_kind("option")
def test_an_option_is_parsed_and_allowed(row):
    command = load_command_class("enhance", "enhance")
    for named in row.named:
        given = command.create_parser("manage.py", "enhance").parse_args(shlex.split(named))
        parsed_options(vars(given))


@of_kind("variable")
def test_a_variable_is_read(row):
    [here] = _CODE.findall(row.here)
    variable = env.VARIABLES[here]
    if row.page == KEPT:
        assert row.there.strip("`") in (here, *variable.aliases)


@pytest.mark.django_db(transaction=True)
def test_every_answer_is_given():
    client = APIClient()
    client.force_authenticate(UserFactory())
    sent = client.post("/api/v1/enhance", {"file": upload()}, format="multipart").json()
    run_next(worker="test-worker", runtime=TinyRuntime())
    status = client.get(f"/api/v1/status/{sent['task_id']}").json()
    wanted = {name for row in rows() if row.kind == "answer" for name in row.named}
    assert wanted - {*sent, *status} == set()
    assert status["status"] == "completed"
    kept = {name for row in rows() if row.page == KEPT for name in _CODE.findall(row.there)}
    assert {"task_id", "status", "message", "created_at"} <= kept & set(sent)


@pytest.mark.django_db
def test_every_answer_about_health_is_given(client):
    body = client.get("/health").json()
    for row in rows():
        if row.kind == "health answer":
            for named in row.named:
                value = body
                for member in named.split("."):
                    value = value[member]
                assert isinstance(value, (str, bool)), named


@pytest.mark.django_db(transaction=True)
def test_every_answer_about_a_batch_is_given():
    client = APIClient()
    client.force_authenticate(UserFactory())
    files = [upload(name="a.png"), upload(name="b.png", content=b"no picture")]
    sent = client.post("/api/v1/enhance/batch", {"files": files}, format="multipart").json()
    run_next(worker="test-worker", runtime=TinyRuntime())
    status = client.get(f"/api/v1/batch/status/{sent['batch_task_id']}").json()
    wanted = {name for row in rows() if row.kind == "batch answer" for name in row.named}
    assert wanted - set(status) == set()
    assert status["status"] == "partial_completed"
