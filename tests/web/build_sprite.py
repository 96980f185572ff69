"""Writes `static/vendor/lucide/`: one sprite with the icons in use, and its manifest.

`python -m tests.web.build_sprite [--also NAME ...]` fetches the pinned package with npm, compares
it with the integrity that the manifest states, and takes the symbols over unchanged.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import django
from django.conf import settings

PACKAGE = "lucide-static"
VERSION = "1.62.0"
SHAPES = re.compile(r"<svg\b[^>]*>(?P<shapes>.*)</svg>", re.DOTALL)
SPACE = re.compile(r">\s+<")


def symbol_of(name: str, drawing: str) -> str:
    """The shapes of one Lucide file as a symbol; colour and stroke come from `.icon`."""
    found = SHAPES.search(drawing)
    if found is None:
        raise SystemExit(f"{name}.svg is not a drawing")
    shapes = SPACE.sub("><", found["shapes"].strip()).replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def sprite_of(drawings: dict[str, str]) -> str:
    """All symbols in alphabetical order, one a line."""
    symbols = "\n".join(symbol_of(name, text) for name, text in sorted(drawings.items()))
    opening = '<svg xmlns="http://www.w3.org/2000/svg">'
    return f"<!-- {PACKAGE} {VERSION}, ISC: see LICENSE -->\n{opening}\n{symbols}\n</svg>\n"


def fetch(folder: Path, integrity: str, names: list[str]) -> tuple[str, dict[str, str]]:
    """Licence and drawings of the package; refuses an archive that is not the pinned one.

    Drawings come from `icons/`, which also knows the former names that the package's own sprite
    has dropped.
    """
    subprocess.run(
        ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True, timeout=300
    )
    archive = folder / f"{PACKAGE}-{VERSION}.tgz"
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if integrity != f"sha512-{digest}":
        raise SystemExit(f"{archive.name} is sha512-{digest}, the manifest says {integrity}")
    with tarfile.open(archive) as opened:
        inside = set(opened.getnames())

        def read(path: str) -> str:
            if path not in inside:
                raise SystemExit(f"{path} is not in {PACKAGE} {VERSION}")
            return opened.extractfile(path).read().decode("utf-8")  # type: ignore[union-attr]

        drawings = {name: read(f"package/icons/{name}.svg") for name in names}
        return read("package/LICENSE"), drawings


def main(arguments: list[str]) -> int:
    """Rebuild the folder in place."""
    from tests.web.icon_names import used_icons

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--also", nargs="*", default=[], help="names that no file uses yet")
    names = sorted({*used_icons(), *parser.parse_args(arguments).also})
    vendor = settings.BASE_DIR / "static" / "vendor" / "lucide"
    manifest = json.loads((vendor / "manifest.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        licence, drawings = fetch(Path(folder), manifest["integrity"], names)
    files = {"LICENSE": licence, "sprite.svg": sprite_of(drawings)}
    for name, text in files.items():
        (vendor / name).write_text(text, "utf-8")
    manifest["files"] = {
        name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()
    }
    (vendor / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    sys.stdout.write(f"{len(names)} icons, {len(files['sprite.svg'])} bytes\n")
    return 0


if __name__ == "__main__":
    django.setup()
    raise SystemExit(main(sys.argv[1:]))
