"""What the rooms register, and what is written about it."""

from __future__ import annotations

import inspect
import re

import pytest
from django.apps import apps

from project import samples
from project.api import registry as api
from project.jobs import codes, kinds
from project.web import registry as web
from tests.docs.markdown import code_of
from tests.security.routes import all_routes

RESERVED = ("tryon", "monitoring")
ROOMS = ("project", "accounts", "enhance", "xray", *RESERVED)
WRITTEN = {
    *code_of("docs/architecture/06-enhance.md"),
    *code_of("docs/architecture/10-xray.md"),
    *code_of("docs/api/errors.md"),
}


def own_kinds():
    """Kinds of our apps; other tests register kinds of their own."""
    return [kind for kind in kinds.all_kinds() if not kind.key.startswith("test.")]


def own_models():
    """Models of our apps."""
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in ROOMS]


def test_every_kind_is_described_with_its_stages_and_errors():
    assert own_kinds() != []
    missing = {
        name
        for kind in own_kinds()
        for name in (kind.key, *kind.stages, *kind.errors)
        if name not in WRITTEN
    }
    assert missing == set()


def test_every_code_that_a_kind_may_retry_has_words():
    for kind in own_kinds():
        assert kind.retryable <= {*kind.errors, *codes.ERRORS}


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_every_model_says_what_a_row_is(model):
    text = inspect.cleandoc(model.__doc__ or "")
    assert text
    assert not text.startswith(f"{model.__name__}("), "Django's own list of fields"


def names_room(room: str, *names: str) -> bool:
    """Whether one of the names (module, path, key) belongs to `room`."""
    return any(room in re.split(r"[./:_-]", name) for name in names)


@pytest.mark.parametrize("room", RESERVED)
def test_a_reserved_room_offers_nothing(room):
    pages = [page for page in web.pages() if names_room(room, page.prefix, page.urlconf)]
    modules = [module for module in api.registered() if names_room(room, module)]
    job_kinds = [kind.key for kind in kinds.all_kinds() if names_room(room, kind.key, kind.handler)]
    offered = [sample.kind for sample in samples.samples() if names_room(room, sample.kind)]
    routes = [
        route.pattern
        for route in all_routes()
        if names_room(room, route.pattern, route.callback.__module__)
    ]
    assert (pages, modules, job_kinds, offered, routes) == ([], [], [], [], [])
    assert list(apps.get_app_config(room).get_models()) == []
    assert "not built yet" in (apps.get_app_config(room).module.__doc__ or "")


def test_every_room_with_pages_and_every_reserved_one_is_in_the_overview():
    overview = set(code_of("docs/architecture/00-overview.md"))
    served = {page.urlconf.split(".")[0] for page in web.pages()}
    assert served | set(RESERVED) <= overview
