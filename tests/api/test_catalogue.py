"""Every code that the source can answer with is explained, in both languages."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from project.api.catalogue import all_codes
from project.api.error_table import error_table
from project.errors import ServiceError

PACKAGES = ("project", "accounts", "enhance", "tryon", "xray", "monitoring")
RAISERS = {"ServiceError", "Problem", "UploadRefused", "_refused"}


def sources():
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def subclasses(of):
    for child in of.__subclasses__():
        yield child
        yield from subclasses(child)


def codes_in_calls():
    """Literal codes handed to ServiceError, its subclasses, Problem and the image room's helper."""
    raisers = RAISERS | {child.__name__ for child in subclasses(ServiceError)}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name not in raisers:
                continue
            given = [k.value for k in node.keywords if k.arg == "code"]
            given += node.args[1:2] if name == "_refused" else []
            for value in given:
                if isinstance(value, ast.Constant):
                    yield value.value, path


def codes_of_classes():
    for path in sources():
        if path.name in {"errors.py"} and "settings" not in path.parts:
            module = path.relative_to(settings.BASE_DIR).with_suffix("")
            import_module(".".join(module.parts))
    for child in subclasses(ServiceError):
        if child.__module__.split(".")[0] in PACKAGES:
            yield child.code, child.__module__


def test_every_code_of_the_source_is_in_the_catalogue():
    known = {entry.code for entry in all_codes()}
    missing = {
        (code, str(where))
        for code, where in [*codes_in_calls(), *codes_of_classes()]
        if code not in known
    }
    assert missing == set()


def test_the_catalogue_explains_no_code_that_nobody_raises():
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in sources() if "catalogue" not in path.name
    )
    from_libraries = {"not_acceptable", "method_not_allowed", "authentication_failed", "not_authenticated", "throttled"}  # fmt: skip
    unused = {e.code for e in all_codes() if f'"{e.code}"' not in text} - from_libraries
    assert unused == set()


def test_the_written_list_is_current():
    written = Path(settings.BASE_DIR / "docs/api/errors.md").read_text(encoding="utf-8")
    assert written == error_table(), "run: manage.py errors_table"


def test_the_page_explains_every_code_where_the_type_points_to(client, db):
    page = client.get("/docs/errors").content.decode()
    assert all(f'<tr id="{entry.code}">' in page for entry in all_codes())


@pytest.mark.parametrize("member", ["title", "meaning"])
def test_every_error_code_is_translated(member):
    with translation.override("zh-hans"):
        plain = {e.code for e in all_codes() if str(getattr(e, member)).isascii()}
    assert plain == set()


def test_the_catalogue_imports_no_room():
    code = "import sys, project.api.catalogue; sys.exit(any(m.startswith(('accounts', 'enhance', 'project.jobs')) for m in sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, check=False).returncode
        == 0
    )
