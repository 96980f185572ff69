"""Networks that administrators add: judged by a worker, chosen by name by everybody."""

import io
import pickle

import numpy as np
import pytest
import torch
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient
from safetensors.torch import save as as_safetensors

from enhance.models import Enhancement, EnhanceModel
from enhance.nets.architecture import Rrdb, Srvgg
from enhance.nets.checkpoint import UnsafeCheckpoint, pth_to_safetensors, read_state
from enhance.nets.loader import build
from enhance.operator_model import HOST_PREFIX
from enhance.operator_models import keys_of_models
from enhance.serializers import parse_options
from enhance.services.operator_models import remove_operator_model
from project.inference import config
from project.inference.device_lease import DeviceLease
from project.inference.devices import Format, Placement
from project.inference.memory_budget import MemoryBudget
from project.inference.micro_batcher import MicroBatcher
from project.inference.model_host import ModelHost
from project.inference.model_loading import Loaded, load_model
from project.inference.weight_store import configured_store
from project.jobs.models import Job
from tests.enhance.pictures import opened, pixels, upload
from tests.enhance.tiny import SHA256, tiny_network

MODELS = "/api/v1/enhance/models"


def random_state(architecture):
    """Weights from a seed, with the names of the published files."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(3)
    network = build(architecture)
    return {
        name: (torch.rand(value.shape, generator=generator) - 0.45) * 0.2
        for name, value in network.state_dict().items()
    }


def as_pth(content):
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


SMALL = Srvgg(convolutions=2, features=8)
LARGE = Rrdb(blocks=1, features=8)  # spandrel knows growth 32 alone


class CreatesAFile:
    """A pickle that writes a file when it is opened by a reader that calls what it names."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.fixture
def admin(django_user_model):
    client = APIClient()
    client.force_authenticate(
        django_user_model.objects.create_superuser("boss", "boss@example.org", "a long password 1")
    )
    return client


@pytest.fixture
def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def worker(tmp_path, monkeypatch):
    """A worker that loads what it runs from the storage, with a model root of its own."""
    monkeypatch.setattr(config, "_config", config.InferenceConfig(model_root=tmp_path / "models"))

    def load(spec, store, placement):
        if spec.name.startswith(HOST_PREFIX):
            return load_model(spec, store, placement)
        return Loaded(network=tiny_network(spec.name), sha256=SHA256, bytes=1)

    class Runtime:
        def __init__(self):
            self.lease = DeviceLease()
            self.host = ModelHost(
                store=configured_store(),
                place=lambda spec: Placement(device="cpu", format=Format(channels_last=True)),
                budget=MemoryBudget(1 << 30),
                load=load,
            )
            self.batcher = MicroBatcher.beside(self.lease, self.host)

    return Runtime


def add(client, content, *, file="net.pth", **fields):
    given = {"name": "my-net", "licence": "MIT", "commercial": "true", **fields}
    return client.post(
        MODELS, {"file": SimpleUploadedFile(file, content), **given}, format="multipart"
    )


@pytest.fixture
def added(admin, run_job, worker):
    """A network that a worker found usable."""
    assert (
        add(admin, as_safetensors(random_state(SMALL)), file="net.safetensors").status_code == 202
    )
    assert run_job(worker()).state == "succeeded"
    return EnhanceModel.objects.get()


def names(client):
    return {model["name"]: model["state"] for model in client.get(MODELS).json()}


pytestmark = pytest.mark.django_db(transaction=True)


def test_a_checked_network_is_offered_to_everybody_and_enlarges_pictures(
    added, api, submit, run_job, worker
):
    assert (added.architecture, added.scale, added.receptive_radius) == ("Compact", 4, 4)
    assert names(api)["my-net"] == "present"
    assert 'value="my-net"' in _page(api)
    row = submit(upload(pixels(40, 30)), model="my-net", scale="3", output_format="png")
    assert row.plan["network"] == "my-net"
    assert row.plan["passes"][0]["feather"] == 0, "a plain stack of convolutions is cut exactly"
    assert run_job(worker()).state == "succeeded", "another worker, or the same after a restart"
    done = Enhancement.objects.with_job().get()
    assert (done.result.width, done.result.height) == (120, 90)
    assert added.sha256 in done.job.model_versions[added.host_name]


def _page(api):
    from django.test import Client

    client = Client()
    client.force_login(api.handler._force_user)
    return client.get("/enhance/").content.decode()


def test_its_pixels_are_those_of_the_network_itself(added, submit, run_job, worker):
    from project.images import storage

    picture = pixels(20, 16)
    submit(upload(picture), model="my-net", output_format="png")
    run_job(worker())
    found = np.asarray(opened(storage.read(Enhancement.objects.get().result.file)).convert("RGB"))
    network = build(SMALL)
    network.load_state_dict(random_state(SMALL))
    with torch.inference_mode():
        batch = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255
        wanted = (network(batch)[0].clamp(0, 1).permute(1, 2, 0) * 255).round().numpy()
    assert np.abs(found.astype(int) - wanted).max() <= 1


def test_a_pth_file_with_published_names_works_and_is_kept_without_pickle(
    admin, run_job, worker, stored_files
):
    add(admin, as_pth({"params_ema": random_state(LARGE)}))
    assert run_job(worker()).state == "succeeded"
    row = EnhanceModel.objects.get()
    assert (row.architecture, row.scale, row.receptive_radius) == ("ESRGAN", 4, None)
    assert row.file.endswith(".safetensors")
    assert keys_of_models(stored_files()) == {row.file}, "the upload is left to the sweep"


def test_a_pickle_that_would_run_code_is_refused_and_nothing_runs(admin, run_job, worker, tmp_path):
    for number, content in enumerate(
        [
            as_pth({"params": CreatesAFile(tmp_path / "zip")}),
            pickle.dumps(CreatesAFile(tmp_path / "old")),
        ]
    ):
        assert add(admin, content, name=f"evil-{number}").status_code == 202
        job = run_job(worker())
        assert (job.state, job.error_code) == ("failed", "invalid_input")
    assert not (tmp_path / "zip").exists()
    assert not (tmp_path / "old").exists()
    assert names(admin) == {**names(admin), "evil-0": "refused", "evil-1": "refused"}


@pytest.mark.parametrize(
    ("content", "file"),
    [
        (b"", "net.pth"), (b"<html>", "net.safetensors"), (b"no tensors", "net.pth"),
        (as_pth({"params": {"weight": "text"}}), "net.pth"),
        (as_safetensors({"weight": torch.zeros(3, 3)}), "net.safetensors"),
        (as_safetensors({**random_state(SMALL), "body.0.weight": torch.zeros(8, 1, 3, 3)}), "net.safetensors"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_such_network_is_refused_with_the_reason(
    admin, api, run_job, worker, content, file
):
    if not content:
        assert add(admin, content, file=file).status_code == 400
        return
    add(admin, content, file=file)
    job = run_job(worker())
    assert (job.state, job.error_code) == ("failed", "invalid_input")
    assert job.error_detail
    assert names(admin)["my-net"] == "refused"
    assert "my-net" not in names(api)
    assert post_with(api, "my-net").status_code == 400


def post_with(api, model):
    return api.post("/api/v1/enhance", {"file": upload(), "model": model}, format="multipart")


def test_what_can_be_told_without_opening_the_file_is_refused_at_the_door(
    admin, api, added, settings, stored_files
):
    content, before = as_safetensors(random_state(SMALL)), stored_files()
    found = [add(api, content).status_code]
    settings.ENHANCE_MODEL_MAX_BYTES = len(content) - 1
    for fields in (
        {"name": "my-net"}, {"name": "realesrgan-x4plus"}, {"name": "auto"},
        {"name": "other", "commercial": "false"}, {"name": "other", "file": "net.zip"},
        {"name": "other"}, {"name": "not a slug"}, {"name": "other", "licence": ""},
    ):  # fmt: skip
        response = add(admin, content, **fields)
        found.append(response.json()["code"])
    assert found == [
        403, "model_name_taken", "model_name_taken", "model_name_taken", "licence_not_accepted",
        "unsupported_model_file", "too_large_model", "invalid", "invalid",
    ]  # fmt: skip
    assert (EnhanceModel.objects.count(), stored_files()) == (1, before)


def test_a_switched_off_network_is_hidden_and_what_was_queued_still_runs(
    admin, api, added, submit, run_job, worker
):
    submit(model="my-net")
    assert api.patch(f"{MODELS}/{added.pk}", {"enabled": False}, format="json").status_code == 404
    assert admin.patch(f"{MODELS}/{added.pk}", {"enabled": False}, format="json").json()[
        "state"
    ] == ("disabled")
    assert "my-net" not in names(api)
    assert post_with(api, "my-net").status_code == 400
    assert run_job(worker()).state == "succeeded"
    admin.patch(f"{MODELS}/{added.pk}", {"enabled": True}, format="json")
    assert names(api)["my-net"] == "present"


def test_what_an_earlier_network_of_the_name_made_is_not_the_answer(
    added, admin, submit, run_job, worker
):
    def send():
        return submit(upload(), cache=True, model="my-net", scale="2")

    send()
    run_job(worker())
    assert send().is_cached
    remove_operator_model(model=added)
    other = {name: tensor / 2 for name, tensor in random_state(SMALL).items()}
    add(admin, as_safetensors(other), file="net.safetensors")
    assert run_job(worker()).state == "succeeded"
    assert not send().is_cached


def test_a_name_that_no_network_can_have_is_not_looked_up(django_assert_num_queries):
    for name in ("a\x00b", "a\ud800b"):
        with django_assert_num_queries(0), pytest.raises(ValidationError):
            parse_options({"model": name}, default_quality="fast")


def test_a_network_is_not_deleted_while_a_job_needs_it(
    admin, api, added, submit, run_job, worker, stored_files
):
    submit(model="my-net")
    refused = admin.delete(f"{MODELS}/{added.pk}")
    assert (refused.status_code, refused.json()["code"]) == (409, "model_in_use")
    run_job(worker())
    assert api.delete(f"{MODELS}/{added.pk}").status_code == 404
    assert admin.delete(f"{MODELS}/{added.pk}").status_code == 204
    assert added.file not in stored_files()
    assert admin.delete(f"{MODELS}/{added.pk}").status_code == 404
    assert Job.objects.count() == 2, "history stays"


def test_a_network_that_went_away_fails_its_job_with_the_reason(added, submit, run_job, worker):
    submit(model="my-net")
    EnhanceModel.objects.all().delete()
    job = run_job(worker())
    assert (job.state, job.error_code) == ("failed", "model_unavailable")


def test_a_non_commercial_network_is_offered_only_where_the_operator_permits_it(
    added, api, settings
):
    EnhanceModel.objects.update(commercial=False)
    assert "my-net" not in names(api)
    settings.ALLOW_NON_COMMERCIAL = True
    assert names(api)["my-net"] == "present"


def test_a_published_checkpoint_becomes_the_network_of_its_name(tmp_path):
    """The way of general-x4v3 and x2plus, with random weights: theirs were never here."""
    from safetensors.torch import load_file

    from enhance.nets.catalogue import ARCHITECTURES

    name = "realesr-general-x4v3"
    state = random_state(ARCHITECTURES[name])
    path, target = tmp_path / f"{name}.pth", tmp_path / "model.safetensors"
    path.write_bytes(as_pth({"params": state}))
    pth_to_safetensors({path.name: path}, target)
    assert {key: value.tolist() for key, value in load_file(target).items()} == {
        key: value.tolist() for key, value in state.items()
    }
    path.write_bytes(as_pth({"params": {**state, "more": torch.zeros(1)}}))
    with pytest.raises(UnsafeCheckpoint, match="more"):
        pth_to_safetensors({path.name: path}, target)


def test_a_strength_mixes_the_weights_of_both_networks(tmp_path):
    from safetensors.torch import save_file

    from enhance.nets.catalogue import ARCHITECTURES, GENERAL
    from enhance.nets.loader import load_mixture
    from project.inference import registry

    state = random_state(ARCHITECTURES[GENERAL.name])
    paths = {GENERAL.name: tmp_path / "strong", GENERAL.softer: tmp_path / "soft"}
    save_file(state, paths[GENERAL.name])
    save_file({name: value + 1 for name, value in state.items()}, paths[GENERAL.softer])
    for strength in (0.0, 0.25, 1.0):
        spec = registry.get(GENERAL.model_name(strength))
        assert spec.weights == (GENERAL.name, GENERAL.softer)
        mixed = load_mixture(spec, paths, "cpu", "float32").state_dict()
        for name, value in state.items():
            torch.testing.assert_close(mixed[name], value + (1 - strength))


def test_a_network_of_scale_two_sees_squares_as_channels(tmp_path):
    network = build(Rrdb(blocks=1, features=8, growth=4, scale=2))
    assert network.conv_first.in_channels == 12
    for height, width in ((1, 1), (4, 6), (5, 7)):
        with torch.inference_mode():
            assert network(torch.zeros(1, 3, height, width)).shape == (1, 3, 2 * height, 2 * width)


def test_a_checkpoint_is_read_by_its_tensors_alone(tmp_path):
    path = tmp_path / "net.pth"
    path.write_bytes(as_pth({"params": CreatesAFile(tmp_path / "ran")}))
    with pytest.raises(UnsafeCheckpoint):
        read_state(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "state",
    [
        {"a": torch.zeros(1).expand(1_000_000)},
        dict.fromkeys(map(str, range(50)), torch.zeros(100_000)),
    ],
    ids=["one value repeated", "one tensor under many names"],
)
def test_tensors_that_claim_far_more_than_their_file_are_refused(tmp_path, state):
    path = tmp_path / "bomb.pth"
    torch.save(state, path)
    assert path.stat().st_size < 500_000
    with pytest.raises(UnsafeCheckpoint, match="far more than the file has"):
        read_state(path)
