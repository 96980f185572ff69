"""The site speaks Chinese wholly: every string, no guess, and the compiled file is current."""

import ast
import re
import subprocess

import polib
import pytest
from django.conf import settings
from django.utils.translation import override
from django.utils.translation.template import templatize

from project.jobs import kinds
from project.jobs.codes import ERRORS, STAGES

FOLDER = settings.BASE_DIR / "locale/zh_Hans/LC_MESSAGES"
PACKAGES = ("project", "accounts", "enhance", "tryon", "xray", "monitoring")
FUNCTIONS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
IN_TEMPLATE = re.compile(r"""(?:_|n?gettext)\(\s*u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|(?<!%)%[sd]")
HAN = re.compile(r"[\u4e00-\u9fff]")
# Names, units and signs: there is no word in them to say in Chinese.
WITHOUT_HAN = {
    "Omnilens",
    "API",
    "sha256",
    "%(width)s × %(height)s",
    "%(from)s → %(to)s",
    "%(done)s of %(total)s",
    "%(percent)s%%",
    "%(version)s: %(status)s",
    "%(megabytes)s MB",
    "%(gigabytes)s GB",
    "%(browser)s on %(system)s",
    ", ",
}


def said_in_chinese(entry):
    """All forms of the translation."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(FOLDER / "django.po")


def strings_of_python():
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and node.args):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                first = node.args[0]
                if (
                    name in FUNCTIONS
                    and isinstance(first, ast.Constant)
                    and isinstance(first.value, str)
                ):
                    yield first.value, path


def strings_of_templates():
    folders = [settings.BASE_DIR / "templates"]
    folders += [f for package in PACKAGES for f in (settings.BASE_DIR / package).rglob("templates")]
    for path in sorted(path for folder in folders for path in folder.rglob("*.*")):
        source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for match in IN_TEMPLATE.finditer(source):
            yield ast.literal_eval(match[1]), path


def test_every_string_of_the_tree_is_in_the_catalogue(catalogue):
    known = {entry.msgid for entry in catalogue}
    missing = {(text, path.name) for text, path in strings_of_python() if text not in known}
    missing |= {(text, path.name) for text, path in strings_of_templates() if text not in known}
    assert missing == set(), "run: make messages, then translate"


def test_the_catalogue_holds_no_string_that_nobody_says(catalogue):
    said = {text for text, _ in (*strings_of_python(), *strings_of_templates())}
    assert {entry.msgid for entry in catalogue} - said == set()


def test_every_string_is_translated_and_none_is_a_guess(catalogue):
    assert [entry.msgid for entry in catalogue if not entry.translated()] == []
    assert [entry.msgid for entry in catalogue if entry.fuzzy] == []
    assert list(catalogue.obsolete_entries()) == []


def test_the_translations_are_chinese(catalogue):
    plain = {e.msgid for e in catalogue if not all(map(HAN.search, said_in_chinese(e)))}
    assert plain == WITHOUT_HAN


def test_a_translation_keeps_every_placeholder(catalogue):
    lost = {
        entry.msgid
        for entry in catalogue
        for text in said_in_chinese(entry)
        if sorted(PLACEHOLDER.findall(entry.msgid)) != sorted(PLACEHOLDER.findall(text))
    }
    assert lost == set()


def test_the_compiled_file_is_that_of_the_catalogue(catalogue):
    compiled = {e.msgid: said_in_chinese(e) for e in polib.mofile(FOLDER / "django.mo")}
    assert compiled == {e.msgid: said_in_chinese(e) for e in catalogue}
    ignored = subprocess.run(
        ["git", "check-ignore", str(FOLDER / "django.mo")], cwd=settings.BASE_DIR, check=False
    )
    assert ignored.returncode == 1, "the compiled file must be committed"


def test_every_stage_and_error_of_every_kind_has_words_in_both_languages():
    ours = [kind for kind in kinds.all_kinds() if not kind.key.startswith("test.")]
    assert ours
    for kind in ours:
        texts = {**STAGES, **ERRORS, **kind.stages, **kind.errors}
        for code, text in texts.items():
            with override("en"):
                english = str(text)
            with override("zh-hans"):
                chinese = str(text)
            assert english != code, (kind.key, code)
            assert HAN.search(chinese), (kind.key, code)


def test_the_switch_changes_the_language_of_the_next_page(client, db):
    answer = client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"}, follow=True)
    page = answer.content.decode()
    assert '<html lang="zh-hans"' in page
    assert "您的图片，留在您自己的机器上" in page
