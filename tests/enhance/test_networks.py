"""The networks in torch against the ncnn runtime, on the real weights."""

import numpy as np
import pytest

from enhance.nets.catalogue import ARCHITECTURES, EMBEDDED, NETWORKS
from enhance.nets.convert import SOURCE_FOLDER, ncnn_to_safetensors
from enhance.nets.loader import build, load
from project.inference.weight_store import configured_store

NAMES = sorted(ARCHITECTURES)


@pytest.fixture(params=sorted(EMBEDDED))
def pulled(request):
    """(network, folder) of pulled weights."""
    store = configured_store()
    if not store.status(request.param).present:
        pytest.skip(f"no weights of {request.param}: run 'manage.py models pull --embedded'")
    folder = store.require(request.param).path.parent
    if not (folder / SOURCE_FOLDER).is_dir():
        pytest.skip(f"{request.param} was pulled without its ncnn files: remove and pull it again")
    return NETWORKS[request.param], folder


@pytest.mark.weights
def test_torch_agrees_with_the_ncnn_runtime_within_one_level(pulled):
    import ncnn
    import torch
    from skimage import data

    torch.set_num_threads(1)
    network, folder = pulled
    crop = data.astronaut()[100:132, 200:232]
    planes = np.ascontiguousarray(crop.transpose(2, 0, 1).astype(np.float32) / 255)
    net = ncnn.Net()
    options = net.opt
    options.num_threads = 1
    options.use_vulkan_compute = options.use_bf16_storage = False
    options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = False
    assert net.load_param(str(folder / SOURCE_FOLDER / f"{network.name}.param")) == 0
    assert net.load_model(str(folder / SOURCE_FOLDER / f"{network.name}.bin")) == 0
    extractor = net.create_extractor()
    # `planes` stays alive until here: ncnn.Mat does not own the memory.
    extractor.input("data", ncnn.Mat(planes))
    expected = np.array(extractor.extract("output")[1])
    ours = load(
        folder / "model.safetensors", ARCHITECTURES[network.name], device="cpu", dtype=torch.float32
    )
    with torch.inference_mode():
        found = ours(torch.from_numpy(planes)[None])[0].numpy()
    assert found.shape == expected.shape == (3, 128, 128)
    levels = [np.rint(values.clip(0, 1) * 255).astype(int) for values in (expected, found)]
    assert np.abs(levels[0] - levels[1]).max() <= 1
    assert levels[0].std() > 10


@pytest.mark.weights
def test_converting_the_kept_files_again_gives_the_same_weights(pulled, tmp_path):
    network, folder = pulled
    names = (f"{network.name}.param", f"{network.name}.bin")
    ncnn_to_safetensors(
        {name: folder / SOURCE_FOLDER / name for name in names}, tmp_path / "model.safetensors"
    )
    assert (tmp_path / "model.safetensors").read_bytes() == (
        folder / "model.safetensors"
    ).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_architecture_names_every_parameter_in_module_order(name):
    import torch

    architecture = ARCHITECTURES[name]
    with torch.device("meta"):
        state = build(architecture).state_dict()
    named = []
    for layer in architecture.layers():
        assert tuple(state[f"{layer.name}.weight"].shape) == layer.shape
        named += [
            f"{layer.name}.weight",
            *([f"{layer.name}.bias"] if layer.kind == "Convolution" else []),
        ]
    assert named == list(state)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_the_work_in_the_catalogue_is_what_the_network_does(name):
    """Plans bound the work on a processor by this figure."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        network, batch = build(ARCHITECTURES[name]), torch.zeros(1, 3, 64, 64)
    with FlopCounterMode(display=False) as counter:
        network(batch)
    assert counter.get_total_flops() / 64**2 / 1e6 == pytest.approx(
        NETWORKS[name].megaflop_per_pixel, rel=0.005
    )


def test_a_file_with_a_missing_or_an_extra_key_is_refused(tmp_path):
    import torch
    from safetensors.torch import save_file

    from enhance.nets.architecture import Srvgg

    shape = Srvgg(convolutions=1, features=4)
    state = build(shape).state_dict()
    missing = {key: value for key, value in state.items() if key != "body.0.bias"}
    for wrong in (missing, {**state, "extra": torch.zeros(1)}):
        save_file(wrong, tmp_path / "wrong.safetensors")
        with pytest.raises(RuntimeError, match="state_dict"):
            load(tmp_path / "wrong.safetensors", shape, device="cpu", dtype=torch.float32)


def test_every_network_names_its_licence_and_source():
    from enhance.nets.weights import ENTRIES, ON_REQUEST

    assert {entry.name for entry in ENTRIES} == EMBEDDED
    assert {entry.name for entry in (*ENTRIES, *ON_REQUEST)} == set(ARCHITECTURES)
    assert {entry.licence for entry in (*ENTRIES, *ON_REQUEST)} == {"BSD-3-Clause"}
    assert all(entry.embedded for entry in ENTRIES)
    assert not any(entry.embedded for entry in ON_REQUEST)
    assert all(entry.commercial and entry.licence_text for entry in (*ENTRIES, *ON_REQUEST))
