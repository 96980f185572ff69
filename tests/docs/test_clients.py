"""The examples of docs/clients, run as they stand against a running server."""

from __future__ import annotations

import re
import sys
from functools import partial
from types import SimpleNamespace

import pytest
from PIL import Image

from enhance import client as client_module
from enhance.models import Enhancement
from project.jobs.run import run_next
from tests.docs.markdown import text_of
from tests.enhance.tiny import TinyRuntime
from tests.realtime.tokens import api_token

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_python_page_leads_from_a_photo_to_its_results(
    live_server, user, tmp_path, monkeypatch, capsys
):
    runtime = TinyRuntime()

    def work(seconds):
        run_next(worker="test-worker", runtime=runtime)

    monkeypatch.chdir(tmp_path)
    token = api_token(user, "jobs:read", "jobs:write", "images:read").removeprefix("Token ")
    monkeypatch.setenv("OMNILENS_URL", live_server.url)
    monkeypatch.setenv("OMNILENS_REMOTE_TOKEN", token)
    copied = SimpleNamespace(
        Omnilens=partial(client_module.Omnilens, sleep=work),
        OmnilensError=client_module.OmnilensError,
    )
    monkeypatch.setitem(sys.modules, "omnilens_client", copied)
    (tmp_path / "album").mkdir()
    (tmp_path / "enlarged").mkdir()
    for red, name in enumerate(("old.jpg", "album/one.jpg", "album/two.jpg")):
        Image.new("RGB", (12, 9), (80 * red, 60, 30)).save(tmp_path / name)
    [example] = re.findall(r"```python\n(.*?)```", text_of("docs/clients/python.md"), re.DOTALL)

    exec(compile(example, "python.md", "exec"), {})  # noqa: S102

    sizes = {
        str(path.relative_to(tmp_path)): Image.open(path).size
        for path in (*tmp_path.glob("large.*"), *(tmp_path / "enlarged").iterdir())
    }
    assert sizes == {
        "large.jpg": (24, 18), "large.png": (48, 36),
        "enlarged/one-x2.jpg": (24, 18), "enlarged/two-x2.jpg": (24, 18),
    }  # fmt: skip
    assert "400 invalid" in capsys.readouterr().out
    assert Enhancement.objects.count() == 3, "the deleted one is gone"
