"""What is warm before the first job, and `manage.py enhance_warmup`."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from enhance.management.commands import enhance_warmup
from enhance.services import warm
from enhance.services.face_support import FaceSupport
from enhance.services.warm import default_models
from project.inference import registry
from project.jobs.models import Worker, WorkerOrder
from project.jobs.orders import settle_order, take_order
from project.jobs.preload import wanted_models
from project.settings import env

ANIMEVIDEO, X4PLUS = "realesr-animevideov3", "realesrgan-x4plus"


@pytest.fixture
def workers(db):
    """One on a processor, one on a GPU, one that went silent, one that leaves."""
    now = timezone.now()
    for name, device, seen, draining in (
        ("cpu-1", "cpu", now, False),
        ("gpu-1", "cuda:0", now, False),
        ("silent", "cpu", now - timedelta(minutes=5), False),
        ("leaving", "cpu", now, True),
    ):
        Worker.objects.create(name=name, device=device, last_seen=seen, draining=draining)


@pytest.fixture
def obeyed(monkeypatch):
    """Every wait lets the workers carry out what they were asked; what they did."""
    done = []

    def work(seconds):
        for name in ("cpu-1", "gpu-1", "silent", "leaving"):
            while (order := take_order(worker=name)) is not None:
                done.append((name, order.model, order.requested_by))
                settle_order(order=order, outcome=WorkerOrder.Outcome.DONE)

    monkeypatch.setattr(enhance_warmup.time, "sleep", work)
    return done


@pytest.mark.parametrize(("device", "model"), [("cpu", ANIMEVIDEO), ("cuda:1", X4PLUS)])
def test_out_of_the_box_the_network_of_the_default_quality_is_preloaded(db, device, model):
    default = env.VARIABLES["OMNILENS_PRELOAD"]
    assert wanted_models(default.parse(default.default), device=device) == [model]


def test_a_gpu_with_weights_for_faces_warms_them_up_too(monkeypatch):
    installed = FaceSupport(
        candidates=("gfpgan-1.4",), installed=frozenset({"gfpgan-1.4", "mtcnn", "parsenet"})
    )
    monkeypatch.setattr(warm, "face_support", lambda: installed)
    assert default_models("cpu") == [ANIMEVIDEO]
    found = default_models("cuda:0")
    assert found == [X4PLUS, *filter(None, (installed.detector, "gfpgan-1.4", installed.parser))]
    assert {registry.get(name).name for name in found} == set(found), "each is a model of the host"


def test_a_named_model_replaces_or_joins_the_automatic_ones(db):
    assert wanted_models(["x"], device="cpu") == ["x"]
    assert wanted_models(["auto", "x", ANIMEVIDEO], device="cpu") == [ANIMEVIDEO, "x"]
    assert wanted_models([], device="cpu") == []


def test_a_warm_up_asks_every_living_worker_for_its_own_preload(workers, obeyed, settings, capsys):
    settings.PRELOAD = ["auto"]
    call_command("enhance_warmup")
    assert sorted(obeyed) == [("cpu-1", ANIMEVIDEO, None), ("gpu-1", X4PLUS, None)]
    assert sorted(line.partition(",")[0] for line in capsys.readouterr().out.splitlines()) == [
        f"{ANIMEVIDEO} on cpu-1: warm", f"{X4PLUS} on gpu-1: warm",
    ]  # fmt: skip


def test_named_models_are_warmed_up_instead(workers, obeyed):
    call_command("enhance_warmup", X4PLUS)
    assert sorted(obeyed) == [("cpu-1", X4PLUS, None), ("gpu-1", X4PLUS, None)]


def test_a_failed_warm_up_is_told_with_its_reason_and_ends_with_1(workers, monkeypatch, capsys):
    def fail(seconds):
        for order in WorkerOrder.objects.filter(done_at=None):
            settle_order(order=order, outcome=WorkerOrder.Outcome.FAILED, detail="out_of_memory: x")

    monkeypatch.setattr(enhance_warmup.time, "sleep", fail)
    with pytest.raises(CommandError) as caught:
        call_command("enhance_warmup", X4PLUS)
    assert (caught.value.returncode, str(caught.value)) == (1, "2 of 2 failed")
    assert f"{X4PLUS} on cpu-1: out_of_memory: x" in capsys.readouterr().out


@pytest.mark.parametrize(("names", "code"), [(["nonsense"], 2), ([X4PLUS], 1)])
def test_an_unknown_network_is_wrong_usage_and_no_worker_a_failure(db, request, names, code):
    if code == 2:
        request.getfixturevalue("workers")
    with pytest.raises(CommandError) as caught:
        call_command("enhance_warmup", *names)
    assert caught.value.returncode == code
