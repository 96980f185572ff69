"""Commands and targets: explained where a person looks for them, and there when named."""

from __future__ import annotations

import re
import subprocess

import pytest
from django.core.management import get_commands, load_command_class

from tests.docs.markdown import ROOT, blocks_of, code_of, exists_module, pages, text_of

_RULE = re.compile(r"^([a-z][a-z0-9-]*):(?!=)", re.MULTILINE)
_MADE = re.compile(r"\bmake ((?:[a-z][a-z0-9-]*)(?: [a-z][a-z0-9-]*)*)")
_MANAGED = re.compile(r"manage\.py ([a-z_]+)")
_MODULE = re.compile(r"python -m (tests\.[\w.]+)")
OURS = ("project", "accounts", "enhance", "tryon", "xray", "monitoring")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(_RULE.findall(MAKEFILE))


def our_commands() -> dict[str, str]:
    """The commands of our apps, with the app of each."""
    return {name: app for name, app in get_commands().items() if app.split(".")[0] in OURS}


def written_code(page: str) -> str:
    """All code of a page: inline and in blocks."""
    return "\n".join([*code_of(page), blocks_of(page)])


@pytest.mark.parametrize("name", sorted(our_commands()))
def test_every_command_says_in_a_sentence_what_it_does(name):
    text = load_command_class(our_commands()[name], name).help
    assert re.fullmatch(r"[A-Z].{15,}\.", text, re.DOTALL), text


def test_every_command_is_named_in_the_documentation():
    named = {name for page in pages() for name in _MANAGED.findall(text_of(page))}
    assert set(our_commands()) - named == set()


def test_every_command_that_a_page_names_exists():
    named = {(page, name) for page in pages() for name in _MANAGED.findall(written_code(page))}
    assert {(page, name) for page, name in named if name not in get_commands()} == set()


def test_every_target_is_shown_by_make_help():
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert {line.split()[0] for line in shown.splitlines()} == TARGETS
    assert all(len(line.split()) > 2 for line in shown.splitlines())


def test_every_target_is_declared_phony():
    declared = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    assert declared is not None
    assert TARGETS - set(declared[1].replace("\\", " ").split()) == set()


def test_every_target_that_a_page_names_exists():
    named = {
        (page, target)
        for page in pages()
        for targets in _MADE.findall(written_code(page))
        for target in targets.split()
    }
    assert {page for page, _ in named} >= {"README.md", "CONTRIBUTING.md"}
    assert {(page, target) for page, target in named if target not in TARGETS} == set()


def test_every_module_that_a_target_runs_exists():
    assert [name for name in _MODULE.findall(MAKEFILE) if not exists_module(name)] == []
