"""What `collectstatic` leaves behind is what a browser may keep for ever."""

import gzip
import json
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from project.web.static_files import HashedStaticFilesStorage
from project.web.stylesheets import BUNDLE, stylesheets

IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](?P<path>\.{1,2}/[^"']+)["']""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
URL = re.compile(r"""url\(["']?(?P<path>[^"')]+)""")


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Our own folder, collected as `manage.py up` does it."""
    root = tmp_path_factory.mktemp("static")
    backend = "project.web.static_files.HashedStaticFilesStorage"
    with override_settings(
        STATIC_ROOT=root,
        STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": backend}},
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
    return root


@pytest.fixture(scope="module")
def names(collected):
    return json.loads((collected / "staticfiles.json").read_text("utf-8"))["paths"]


def test_every_import_between_our_scripts_is_of_a_hashed_file_that_exists(collected, names):
    found = 0
    for name, hashed in names.items():
        if not name.startswith("js/"):
            continue
        script = collected / hashed
        for match in IMPORT.finditer(script.read_text("utf-8")):
            found += 1
            assert HASHED.search(match["path"]), (name, match["path"])
            assert (script.parent / match["path"]).resolve().is_file(), (name, match["path"])
    assert found > 10


def test_the_joined_stylesheet_holds_every_other_one_in_order(collected, names):
    text = (collected / names[BUNDLE]).read_text("utf-8")
    places = [text.index((settings.BASE_DIR / "static" / name).read_text()[:200].split("url(")[0]) for name in stylesheets()]  # fmt: skip
    assert places == sorted(places)
    assert text.index("@layer reset, tokens") < 400


def test_every_address_in_the_joined_stylesheet_leads_somewhere(collected, names):
    sheet = collected / names[BUNDLE]
    found = URL.findall(sheet.read_text("utf-8"))
    assert found
    assert [path for path in found if not (sheet.parent / path).is_file()] == []


def test_text_lies_compressed_beside_itself(collected, names):
    for name in (BUNDLE, "js/frame.js", "vendor/lucide/sprite.svg"):
        plain = collected / names[name]
        packed = plain.with_name(f"{plain.name}.gz")
        assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
        assert packed.stat().st_size < plain.stat().st_size


def test_only_hashed_files_are_served(collected, names):
    left = {str(path.relative_to(collected)) for path in collected.rglob("*.js")}
    assert left == {hashed for name, hashed in names.items() if name.endswith(".js")}


def test_the_default_and_production_use_it():
    from project.settings.stores import storage_config
    from project.web.static_files import ReleasedStaticFilesStorage

    class NoBucket:
        get = staticmethod(lambda name: "")

    backend = storage_config(NoBucket, settings.VAR_DIR)["staticfiles"]["BACKEND"]
    assert backend.endswith(HashedStaticFilesStorage.__name__)
    production = (settings.BASE_DIR / "project/settings/production.py").read_text("utf-8")
    assert ReleasedStaticFilesStorage.__name__ in production
