"""Every route of the URLconf, every method, five callers."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from tests.security.expectations import ADMIN_DOORS, ADMIN_PAGE, ADMIN_PREFIX, ROUTES
from tests.security.routes import all_routes
from tests.security.world import MARKER, ROLES

OURS = [route for route in all_routes() if not route.key.startswith(ADMIN_PREFIX.rstrip("/"))]
CASES = [(key, method) for key, methods in ROUTES.items() for method in methods]


def letter(path, answer):
    """What an answer amounts to (see expectations.py)."""
    status = answer.status_code
    if status == 401 or (
        status == 302 and answer["Location"].startswith(reverse("accounts:sign_in"))
    ):
        return "L"
    if status in {403, 404}:
        return {403: "F", 404: "H"}[status]
    assert status < 500 or path.rstrip("/") in {"/health", "/health/ready", "/readyz"}, (
        answer.content
    )
    return "A"


def ask(world, role, method, path):
    """Send one request as `role` and undo what it changed."""
    client = world.client(role)
    with transaction.atomic():
        if method == "GET":
            answer = client.get(path)
        else:
            answer = client.generic(method, path, b"{}", content_type="application/json")
        transaction.set_rollback(True)
    return answer


def test_every_route_has_an_expectation():
    assert {route.key for route in OURS} == set(ROUTES)


def test_every_method_of_a_view_has_an_expectation():
    told = {route.key: route.methods for route in OURS if route.methods is not None}
    assert {key: set(ROUTES[key]) for key in told} == told


@pytest.mark.parametrize(("key", "method"), CASES)
def test_a_route_answers_each_caller_as_declared(world, key, method):
    """In each of its spellings."""
    found = {}
    for route in OURS:
        if route.key == key:
            path = route.path(world.values)
            found[path] = "".join(letter(path, ask(world, role, method, path)) for role in ROLES)
    assert found == dict.fromkeys(found, ROUTES[key][method])
    assert found


def test_a_stranger_gets_404_for_every_object_route():
    """The declarations themselves: whatever carries an object of the owner hides it."""
    open_by_design = {"accounts/receipts", "accounts/password/reset", "api/v1/roles"}
    for key, methods in ROUTES.items():
        if "<" in key and not any(key.startswith(prefix) for prefix in open_by_design):
            for method, letters in methods.items():
                assert letters[1] in {"H", "F"}, (key, method)
                if letters[1] == "F":
                    # Accounts and classifiers are nobody's: the role decides, not the owner.
                    by_role = ("api/v1/users/", "api/v1/xray/models/")
                    assert key.startswith(by_role), (key, method)


def test_operators_and_administrators_never_reach_another_persons_pictures():
    for key, methods in ROUTES.items():
        if key.startswith("operator/"):
            assert key == "operator/live" or set(methods) == {"POST"}, key  # acts, shows nothing
        elif re.search(
            r"(images|media|jobs|tasks|status|download|enhance|batch|batches|presets|studies)/<",
            key,
        ):
            assert {letters[2:4] for letters in methods.values()} == {"HH"}, key


ADMIN = [route for route in all_routes() if route.key.startswith(ADMIN_PREFIX.rstrip("/"))]


def admin_path(pattern):
    """A real path: the key of a row of that model, else one that does not exist."""
    pattern = pattern.replace("<id>", "<path:object_id>")
    parts = pattern.split("/")
    key = "1"
    if "<path:object_id>" in pattern and parts[1] != "r":
        found = apps.get_model(parts[1], parts[2])._default_manager.first()
        key = found.pk if found else "1"
    pattern = pattern.replace("<path:object_id>", str(key)).replace("<path:content_type_id>", "1")
    pattern = re.sub(r"\(\?P<app_label>([^|)]*)[^)]*\)", r"\1", pattern)
    pattern = pattern.replace("(?P<url>.*)", "nothing")
    return "/" + re.sub(r"[\^$]", "", pattern).replace("\\Z", "")


GROUPS = sorted({"/".join(route.key.split("/")[:3]) for route in ADMIN})


@pytest.mark.parametrize("group", GROUPS)
def test_the_operators_site_is_closed_to_everybody_else(world, group):
    """One model, or one of the site's own pages, at a time."""
    for route in ADMIN:
        if "/".join(route.key.split("/")[:3]) != group:
            continue
        path = admin_path(route.pattern)
        expected = ADMIN_DOORS.get(route.key, ADMIN_PAGE)
        for role, wanted in zip(ROLES, expected, strict=True):
            found = letter(path, ask(world, role, "GET", path))
            assert wanted in {found, "N"}, (path, role, found)


def test_no_page_of_the_operators_site_links_to_a_picture_or_names_its_file(world):
    boss = world.people["administrator"]
    boss.is_staff = boss.is_superuser = True
    boss.save()
    client = world.client("administrator")
    seen = 0
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths = [reverse(f"{base}_changelist")]
        first = model._default_manager.first()
        paths += [reverse(f"{base}_change", args=[first.pk])] if first else []
        for path in paths:
            answer = client.get(path)
            if answer.status_code != 200:
                continue
            seen += 1
            page = answer.content.decode()
            assert "/media/" not in page, path
            assert f"{MARKER}.png" not in page, path
    assert seen > 5
