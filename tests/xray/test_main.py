"""`python -m xray.main train|info` are the commands of the original service."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import get_commands

from xray.main import COMMANDS


def call(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "xray.main", *arguments],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_train_takes_what_our_own_command_takes():
    done = call("train", "--help")
    assert done.returncode == 0, done.stderr
    assert "--budget-min" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("serve",)])
def test_anything_else_says_what_there_is(arguments):
    done = call(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "{train,info}" in done.stderr


def test_each_name_leads_to_a_command():
    assert set(COMMANDS.values()) <= set(get_commands())
