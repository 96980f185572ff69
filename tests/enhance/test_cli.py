"""`manage.py enhance` around its work: many inputs, another server, questions, progress."""

import io
import os
import subprocess
import sys
from functools import partial

import pytest
from django.core.management import CommandError, call_command

from enhance.cli.ask import suggested_output
from enhance.cli.progress import ProgressBar
from enhance.client import Omnilens
from enhance.management.commands import enhance as command
from enhance.models import Enhancement
from project.inference import runtime as shared
from tests.docs.markdown import ROOT
from tests.enhance.pictures import as_file, opened, pixels
from tests.realtime.tokens import api_token

FAST = ("--quality", "fast", "--scale", "2")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


class Screen:
    """What Django's wrapper offers of a stream."""

    def __init__(self, *, live):
        self.live, self.written = live, []

    def isatty(self):
        return self.live

    def write(self, text, style_func=lambda text: f"red {text}", ending="\n"):
        self.written.append(style_func(text) + ending)


@pytest.fixture(autouse=True)
def tiny_runtime(monkeypatch, runtime):
    runtime.device = "cpu"
    monkeypatch.setattr(shared, "_runtime", runtime)


@pytest.fixture
def photos(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, size in (("a.png", (12, 10)), ("b.png", (9, 7)), ("sub/a.png", (8, 8))):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(as_file(pixels(*size)))
    return tmp_path


@pytest.fixture
def remote(live_server, user, run_job, settings, monkeypatch):
    """The arguments that let the running server work; a job runs whenever the client waits."""
    settings.REMOTE_TOKEN = api_token(user, "jobs:read", "jobs:write", "images:read").removeprefix(
        "Token "
    )
    patient = partial(Omnilens, sleep=lambda seconds: run_job())
    monkeypatch.setattr(command, "Omnilens", patient)
    return ("--remote", live_server.url)


@pytest.fixture
def answers(monkeypatch):
    """A person at a terminal; what was asked."""
    asked = []

    def person(*lines):
        waiting = list(lines)

        def answer(question):
            asked.append(question)
            if not waiting:
                raise EOFError
            return waiting.pop(0)

        monkeypatch.setattr(command, "input", answer, raising=False)
        monkeypatch.setattr(sys, "stdin", Terminal())
        return asked

    return person


def sizes(folder):
    return {path.name: opened(path.read_bytes()).size for path in folder.iterdir()}


def code_of(*arguments):
    with pytest.raises(CommandError) as caught:
        call_command("enhance", *map(str, arguments))
    return caught.value.returncode, str(caught.value)


def test_the_words_of_the_original_service_are_understood(photos):
    call_command(
        "enhance", "--input", "a.png", "--output", "o.png", "--scale", "3",
        "--tile-size", "400", "--quality-level", "fast",
    )  # fmt: skip
    assert opened((photos / "o.png").read_bytes()).size == (36, 30)


def test_files_that_a_shell_has_listed_are_all_enlarged_and_none_replaces_another(photos):
    call_command("enhance", "a.png", "b.png", "sub/a.png", "-o", "out", *FAST)
    assert sizes(photos / "out") == {
        "a-x2.png": (24, 20), "b-x2.png": (18, 14), "a-x2-2.png": (16, 16),
    }  # fmt: skip


def test_several_pictures_are_not_written_over_one_file(photos):
    (photos / "one.png").write_bytes(b"dear")
    assert code_of("a.png", "b.png", "-o", "one.png")[0] == 2
    assert (photos / "one.png").read_bytes() == b"dear"


@pytest.mark.django_db(transaction=True)
def test_another_server_enlarges_one_file(photos, remote, capfd):
    call_command("enhance", "a.png", "-o", "o.png", *FAST, *remote)
    assert opened((photos / "o.png").read_bytes()).size == (24, 20)
    assert "o.png\t24x20\t" in capfd.readouterr().out
    assert Enhancement.objects.get().options["quality_level"] == "fast"


@pytest.mark.django_db(transaction=True)
def test_another_server_enlarges_many_and_one_bad_file_ends_with_1(photos, remote, capfd):
    (photos / "b.png").write_bytes(b"broken")
    code, text = code_of("a.png", "b.png", "sub/a.png", "-o", "out", *FAST, *remote)
    assert (code, text) == (1, "1 of 3 failed")
    assert sizes(photos / "out") == {"a-x2.png": (24, 20), "a-x2-2.png": (16, 16)}
    assert "b.png: unsupported_format" in capfd.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_what_the_server_knew_already_is_written_like_any_other(photos, remote, capfd):
    for output in ("o.png", "again.png"):
        call_command("enhance", "a.png", "-o", output, *FAST, *remote)
    assert (photos / "again.png").read_bytes() == (photos / "o.png").read_bytes()
    assert "again.png\t24x20\t0.0 s" in capfd.readouterr().out


@pytest.mark.parametrize("pattern", ["**x", "a" * 300])
def test_what_names_no_file_at_all_is_wrong_usage(photos, pattern):
    code, text = code_of(pattern, "-o", "out")
    assert code == 2
    assert "cannot be read" in text


@pytest.mark.django_db(transaction=True)
def test_a_name_that_lies_about_the_format_leaves_nothing_on_the_server(photos, remote, capfd):
    assert code_of("a.png", "-o", "o.jpg", *FAST, *remote)[0] == 1
    assert "should end like a PNG file" in capfd.readouterr().err
    assert not Enhancement.objects.exists()


def test_another_server_needs_a_token_and_a_web_address(photos, settings):
    assert code_of("a.png", "-o", "o.png", "--remote", "http://x")[0] == 2
    settings.REMOTE_TOKEN = "omni_x"
    assert code_of("a.png", "-o", "o.png", "--remote", "ftp://x")[0] == 2


def test_without_arguments_a_person_is_asked_and_a_wrong_answer_asked_again(photos, answers, capfd):
    asked = answers("none.png", "a.png", "", "17", "2", "")
    call_command("enhance")
    assert sizes_of_large(photos) == (24, 20)
    assert [question.partition(" ")[0] for question in asked] == [
        "Picture,", "Picture,", "Save", "Scale,", "Scale,", "Quality,",
    ]  # fmt: skip
    assert "none.png names no picture" in capfd.readouterr().out


def sizes_of_large(folder):
    return opened((folder / "a-large.png").read_bytes()).size


def test_a_person_who_leaves_has_done_nothing(photos, answers):
    answers("sub", "new", "2")
    before = sorted(photos.rglob("*"))
    assert code_of() == (2, "Nothing was done.")
    assert sorted(photos.rglob("*")) == before


def test_a_machine_without_torch_can_let_another_one_work():
    code = (
        "import sys, django; django.setup();"
        "import enhance.management.commands.enhance; print('torch' in sys.modules)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "project.settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout == "False\n", done.stderr


def test_without_arguments_and_terminal_it_is_wrong_usage(photos, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert code_of()[0] == 2
    assert code_of("a.png")[0] == 2


def test_a_folder_is_suggested_for_many(photos):
    assert [suggested_output(name) for name in ("a.png", "sub", "*.png")] == [
        "a-large.png", "enlarged", "enlarged",
    ]  # fmt: skip


def test_the_bar_tells_what_was_done_and_how_long_the_rest_takes_at_that_pace():
    now = [0.0]
    screen = Screen(live=True)
    bar = ProgressBar(screen, label="a.png", clock=lambda: now[0])
    for done in (0, 1, 2):
        bar.checkpoint("background", done, 4)
        now[0] += 30
    shown = screen.written
    assert [line.count("#") for line in shown] == [0, 6, 12]
    assert "left" not in shown[0]
    assert shown[1].strip().endswith("background 1/4  1:30 left")
    assert shown[2].strip().endswith("background 2/4  1:00 left")
    bar.clear()
    assert screen.written[-1].strip() == ""


def test_a_log_gets_a_line_a_stage_and_no_bar():
    screen = Screen(live=False)
    bar = ProgressBar(screen, label="a.png")
    for done in (0, 1, 2, 2):
        bar.checkpoint("background", done, 2)
    bar.clear()
    assert screen.written == ["  background 2/2\n"]
