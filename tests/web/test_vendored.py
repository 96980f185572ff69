"""What we did not write is what its manifest says, and every icon has its drawing."""

import hashlib
import json
import re

import pytest
from django.conf import settings

from tests.web.icon_names import IN_PYTHON, IN_SCRIPT, IN_TEMPLATE, names_in, used_icons

VENDOR = settings.BASE_DIR / "static" / "vendor"
MANIFESTS = sorted(VENDOR.rglob("manifest.json"))
SYMBOL = re.compile(r'<symbol id="([a-z0-9-]+)"')


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.parent.name)
def test_vendored_assets_match_their_manifest(manifest):
    stated = json.loads(manifest.read_text("utf-8"))
    folder = manifest.parent
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path != manifest
    }
    assert found == stated["files"]
    assert {"name", "version", "licence", "source", "integrity"} <= set(stated)
    # A machine may fetch from another mirror: the package is named, never a host.
    assert "://" not in stated["source"]
    assert "LICENSE" in found


def test_every_vendored_folder_has_a_manifest():
    assert MANIFESTS
    assert {path.parent for path in VENDOR.rglob("*") if path.is_file()} == {
        manifest.parent for manifest in MANIFESTS
    }


def test_every_icon_that_is_used_is_in_the_sprite():
    drawn = set(SYMBOL.findall((VENDOR / "lucide" / "sprite.svg").read_text("utf-8")))
    missing = {name: place for name, place in used_icons().items() if name not in drawn}
    assert missing == {}, "run: python -m tests.web.build_sprite"


def test_the_sprite_holds_no_drawing_that_nobody_uses():
    drawn = set(SYMBOL.findall((VENDOR / "lucide" / "sprite.svg").read_text("utf-8")))
    assert drawn - set(used_icons()) == set(), "run: python -m tests.web.build_sprite"


def test_names_of_icons_are_found_however_they_are_written():
    page = """{% icon "one" %} {% icon entry.icon|default:'two' %} {% include "x" with icon="three" %}"""
    assert names_in(page, IN_TEMPLATE) == {"one", "two", "three"}
    script = """icon("one"); icon(isReady ? "two" : 'three'); [{ icon: "four" }]; otherIcon("no"); "icon"; """
    assert names_in(script, IN_SCRIPT) == {"one", "two", "three", "four"}
    table = """const SIGNS = { done: "one", "": "two" };"""
    assert names_in(table, IN_SCRIPT) == {"one", "two"}
    code = """Page(icon="one")\nicon: str = "two"\n_STAGE_ICON = "three"\n_ICONS = {A.B: "four"}"""
    assert names_in(code, IN_PYTHON) == {"one", "two", "three", "four"}
