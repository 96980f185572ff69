"""The committed OpenAPI document is what the code says, and tells the whole truth."""

import io

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

COMMITTED = settings.BASE_DIR / "docs/api/openapi.yaml"


@pytest.fixture(scope="module")
def generated():
    out, err = io.StringIO(), io.StringIO()
    with translation.override("en"):
        call_command("spectacular", "--validate", "--fail-on-warn", stdout=out, stderr=err)
    return out.getvalue()


@pytest.fixture(scope="module")
def operations(generated):
    paths = yaml.safe_load(generated)["paths"]
    return {
        f"{method.upper()} {path}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def test_openapi_is_current(generated):
    assert COMMITTED.read_text(encoding="utf-8") == generated, "run: make schema"


def test_each_path_is_shown_in_one_spelling(operations):
    paths = {name.split(" ")[1] for name in operations}
    names_a_file = {path for path in paths if "." in path.rpartition("/")[2]}
    assert all(path.startswith("/api/v1/") for path in paths)
    assert all(path.endswith("/") for path in paths - names_a_file)
    assert not {f"{path}/" for path in names_a_file} & paths


def test_every_operation_documents_its_problems(operations):
    for name, operation in operations.items():
        problems = {
            status: answer["content"]
            for status, answer in operation["responses"].items()
            if "application/problem+json" in answer.get("content", {})
        }
        wanted = {"429"} | ({"404"} if "{" in name else set())
        wanted |= {"400", "413", "415"} if "requestBody" in operation else set()
        assert wanted <= set(operation["responses"]), name
        assert "429" in problems, name


def test_every_operation_says_in_a_sentence_what_it_does(operations):
    assert {
        n for n, o in operations.items() if not (o.get("summary") or o.get("description"))
    } == set()


def test_operation_ids_are_unique(operations):
    ids = [operation["operationId"] for operation in operations.values()]
    assert len(ids) == len(set(ids))


def test_the_three_ways_to_sign_in_are_described(generated):
    schemes = yaml.safe_load(generated)["components"]["securitySchemes"]
    assert set(schemes) == {"apiToken", "bearer", "session"}


def test_a_problem_in_the_schema_is_the_one_that_is_sent(generated, api):
    problem = yaml.safe_load(generated)["components"]["schemas"]["Problem"]
    sent = api.get("/api/v1/jobs/").json()
    assert set(problem["required"]) <= set(sent)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/api/schema/", "application/vnd.oai.openapi"),
        ("/docs", "text/html"),
        ("/redoc", "text/html"),
    ],
)
def test_the_schema_and_its_readers_are_open_to_everybody(client, db, path, content_type):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith(content_type)


def test_the_start_script_of_swagger_is_a_request_of_its_own(client, db):
    page = client.get("/docs").content.decode()
    assert 'src="/docs?script="' in page
    script = client.get("/docs?script=")
    assert script["Content-Type"] == "application/javascript"
    assert "SwaggerUIBundle" in script.content.decode()
