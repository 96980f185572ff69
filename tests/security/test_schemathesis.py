"""Generated requests, the same ones in every run, find no server error."""

from __future__ import annotations

import pytest
import requests
import schemathesis
from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from accounts.models import Role

SCHEMA = schemathesis.openapi.from_path(str(django_settings.BASE_DIR / "docs/api/openapi.yaml"))
STREAMS = {"/api/v1/jobs/stream/"}  # never ends; tests/realtime reads it
OPERATIONS = {
    f"{found.ok().method.upper()} {found.ok().path}": found.ok()
    for found in SCHEMA.get_all_operations()
    if found.ok().path not in STREAMS
}
EXAMPLES = settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def caller(world):
    """The owner of the sample objects, who is administrator too: every view is reached."""
    world.people["owner"].roles.add(Role.objects.get(code=Role.ADMINISTRATOR))
    client = world.client("owner")
    client.world = world
    return client


def sample_of(path, name, world):
    """The key of a real object for the path parameter `name`, or None."""
    literal = path.split("{" + name + "}")[0].rstrip("/").split("/")[-1]
    for key in (f"{literal}:{name}", f"{literal}:pk"):
        if key in world.values:
            return world.values[key]
    return None


def send(client, case):
    """Send the case as requests would encode it, and undo what it changed."""
    given_request = case.as_transport_kwargs(base_url="http://localhost")
    known = requests.Request.__init__.__code__.co_varnames
    prepared = requests.Request(**{k: v for k, v in given_request.items() if k in known}).prepare()
    body = prepared.body or b""
    headers = {
        name: value.decode("latin-1") if isinstance(value, bytes) else value
        for name, value in prepared.headers.items()
        if name.lower() not in {"cookie", "authorization", "content-type", "content-length"}
    }
    with transaction.atomic():
        answer = client.generic(
            prepared.method,
            prepared.path_url,
            body if isinstance(body, bytes) else body.encode(),
            content_type=prepared.headers.get("Content-Type", "application/octet-stream"),
            headers=headers,
        )
        transaction.set_rollback(True)
    return answer


def takes_input(operation):
    """Whether there is anything to get wrong."""
    parts = (operation.body, operation.query, operation.path_parameters)
    return any(list(part) for part in parts)


CASES = [(name, GenerationMode.POSITIVE) for name in OPERATIONS]
CASES += [(name, GenerationMode.NEGATIVE) for name in OPERATIONS if takes_input(OPERATIONS[name])]


@pytest.mark.parametrize(("name", "mode"), CASES, ids=lambda part: getattr(part, "value", part))
def test_no_generated_request_finds_a_server_error(caller, name, mode):
    operation = OPERATIONS[name]
    answered = []

    @EXAMPLES
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case):
        for parameter in list(case.path_parameters or {}):
            sample = sample_of(operation.path, parameter, caller.world)
            if sample is not None and len(answered) % 2:
                case.path_parameters[parameter] = str(sample)
        answer = send(caller, case)
        answered.append(answer.status_code)
        assert answer.status_code < 500, (case.as_curl_command(), answer.content)
        if answer.status_code >= 400:
            body = answer.json()
            assert {"code", "detail", "request_id"} <= set(body)

    check()
    assert answered


def test_every_operation_of_the_schema_is_asked():
    assert len(OPERATIONS) > 35
    assert len(CASES) > 60
