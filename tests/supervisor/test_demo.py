"""Samples run through the API; each becomes one honest row."""

import io
from pathlib import Path

import pytest
from PIL import Image

from project import samples
from project.demo import table
from project.demo.client import DemoFailed
from project.demo.run import SampleOutcome, announce, run_sample
from project.demo.stack_process import running_stack
from project.management.first_accounts import DemoSignIn, FirstAccounts, read_demo_sign_in


def picture(width, height):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


REQUEST = samples.SampleRequest(
    path="/api/v1/enhance",
    files={
        "file": samples.SampleFile(name="a.png", content=picture(4, 3), content_type="image/png")
    },
    estimate_seconds=10.2,
    note="a crop",
)
SAMPLE = samples.Sample(kind="enhance.photo", label="Enlarge", make_request=lambda: REQUEST)


class Api:
    """Answers like the API: the given states one after the other, then the result."""

    def __init__(self, *states, refusal=""):
        self.states = list(states)
        self.refusal = refusal

    def submit(self, request):
        if self.refusal:
            raise DemoFailed(self.refusal)
        assert request is REQUEST
        return "7"

    def get(self, path):
        assert path == "/api/v1/jobs/7/"
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {
            "state": state,
            "result_url": "/media/x/",
            "started_at": "2026-01-01T00:00:00.000000Z",
            "finished_at": "2026-01-01T00:00:12.500000Z",
            "error": {"code": "worker_lost", "detail": "The worker went away."},
        }

    def download(self, url):
        assert url == "/media/x/"
        return picture(16, 12), "image/png"


def run(api, tmp_path, clock):
    def sleep(seconds):
        clock.now += seconds

    return run_sample(
        SAMPLE, REQUEST, client=api, folder=tmp_path, patience_seconds=5, clock=clock, sleep=sleep
    )


def test_a_finished_sample_leaves_its_picture(tmp_path, clock):
    outcome = run(Api("queued", "running", "succeeded"), tmp_path, clock)
    assert outcome.succeeded
    assert outcome.file == tmp_path / "enhance.photo.png"
    assert outcome.file.read_bytes() == picture(16, 12)
    assert outcome.seconds == 12.5
    assert (outcome.size_in.split(",")[0], outcome.size_out.split(",")[0]) == ("4x3", "16x12")


@pytest.mark.parametrize(
    ("api", "state", "detail"),
    [
        (Api("running", "failed"), "failed", "worker_lost The worker went away."),
        (Api(refusal="POST answers 429. Wait."), "refused", "POST answers 429. Wait."),
        (Api("queued"), "refused", "job 7 is still queued after 5 s"),
    ],
)
def test_a_sample_without_a_result_says_why(tmp_path, clock, api, state, detail):
    outcome = run(api, tmp_path, clock)
    assert (outcome.state, outcome.detail, outcome.succeeded) == (state, detail, False)
    assert list(tmp_path.iterdir()) == []


def test_the_estimate_is_said_first():
    said = []
    announce([(SAMPLE, REQUEST)], said.append)
    assert said == ["enhance.photo: Enlarge, about 10 s (a crop)"]


def test_the_table_has_a_row_for_each_sample_and_a_reason_for_each_failure():
    lines = table.render(
        [
            SampleOutcome(kind="a", state="failed", detail="worker_lost"),
            SampleOutcome(kind="b", state="succeeded", seconds=1.25, file=Path("b.png")),
        ]
    )
    assert [line.split() for line in lines] == [
        ["kind", "state", "seconds", "in", "out", "file"],
        ["a", "failed", "-", "-", "-", "-"],
        ["worker_lost"],
        ["b", "succeeded", "1.2", "-", "-", "b.png"],
    ]


def test_the_demo_attaches_to_nothing_when_nothing_runs(tmp_path, clock):
    with (
        pytest.raises(DemoFailed, match="does not run here"),
        running_stack(tmp_path, manage=Path("x"), start=False, clock=clock, sleep=clock),
    ):
        pytest.fail("there is no stack")


def test_a_kind_offers_one_sample(monkeypatch):
    monkeypatch.setattr(samples, "_samples", {})
    samples.register(SAMPLE)
    with pytest.raises(ValueError, match="twice"):
        samples.register(SAMPLE)
    assert samples.samples() == [SAMPLE]


def test_first_accounts_are_made_once_and_the_password_is_shown_once(tmp_path, db):
    first = FirstAccounts(tmp_path)
    first.ensure()
    demo = read_demo_sign_in(tmp_path)
    assert isinstance(demo, DemoSignIn)
    assert (tmp_path / "demo" / "sign-in.json").stat().st_mode & 0o777 == 0o600
    lines = first.lines()
    assert f"{demo.username} / {demo.password}" in lines[0]
    assert "shown once" in lines[1]
    second = FirstAccounts(tmp_path)
    second.ensure()
    assert second.lines() == lines[:1]
