"""The reader of ncnn files understands all of a file or refuses it."""

import numpy as np
import pytest

from enhance.nets.architecture import Srvgg
from enhance.nets.convert import convert_pair, ncnn_to_safetensors
from enhance.nets.ncnn_format import FLAG_FLOAT16, NcnnFormatError, parse_param, read_weights

SHAPE = Srvgg(convolutions=1, features=4)


def small_pair(*, half=True):
    """A network of SHAPE as ncnn files, and the weights in it."""
    generator = np.random.default_rng(3)
    lines, content, weights = ["Input in 0 1 data"], b"", {}
    for layer in SHAPE.layers():
        values = generator.normal(size=layer.shape).astype("<f2").astype("<f4")
        weights[f"{layer.name}.weight"] = values
        if layer.kind == "PReLU":
            lines.append(f"PReLU {layer.name} 1 1 a b 0={layer.shape[0]}")
            content += values.tobytes()
            continue
        bias = generator.normal(size=layer.shape[0]).astype("<f4")
        weights[f"{layer.name}.bias"] = bias
        lines.append(
            f"Convolution {layer.name} 1 1 a b 0={layer.shape[0]} 1=3 4=1 5=1 6={values.size}"
        )
        stored = values.astype("<f2").tobytes() if half else values.tobytes()
        content += (FLAG_FLOAT16 if half else 0).to_bytes(4, "little")
        content += stored + b"\0" * (-len(stored) % 4) + bias.tobytes()
    param = "\n".join(["7767517", f"{len(lines)} {len(lines)}", *lines]) + "\n"
    return param, content, weights


@pytest.mark.parametrize("half", [True, False])
def test_every_weight_arrives_under_its_published_name(half):
    from safetensors.numpy import load

    param, content, weights = small_pair(half=half)
    state = load(convert_pair(param=param.encode(), weights=content, architecture=SHAPE))
    assert set(state) == set(weights)
    for name, values in weights.items():
        assert np.array_equal(state[name], values)


def test_the_same_files_give_the_same_bytes():
    param, content, _ = small_pair()
    first, second = (
        convert_pair(param=param.encode(), weights=content, architecture=SHAPE) for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    "change", [lambda b: b + b"\0\0\0\0", lambda b: b + b"\0", lambda b: b[:-4], lambda b: b""]
)
def test_a_file_that_does_not_end_at_the_last_layer_is_refused(change):
    param, content, _ = small_pair()
    with pytest.raises(NcnnFormatError, match="left"):
        read_weights(parse_param(param), change(content))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace("7767517", "1"), "does not start"),
        (lambda t: t.replace("7767517", "7767517\nx"), "two counts"),
        (lambda t: t + "PReLU extra 1 1 a b 0=4\n", "announced"),
        (lambda t: t.replace("0=4", "0=four", 1), "parameter 0"),
        (lambda t: t.replace("Input in 0 1 data", "Input in x y data"), "cannot read"),
        (lambda t: t.replace("Input in", "Deconvolution in"), "unknown type"),
        (lambda t: t.replace("6=108", "6=107"), "impossible shape"),
    ],
)
def test_a_damaged_param_file_is_refused(change, message):
    param, content, _ = small_pair()
    with pytest.raises(NcnnFormatError, match=message):
        read_weights(parse_param(change(param)), content)


def test_an_unknown_weight_encoding_is_refused():
    param, content, _ = small_pair()
    with pytest.raises(NcnnFormatError, match="encoding 0x1"):
        read_weights(parse_param(param), b"\x01\0\0\0" + content[4:])


def test_another_network_is_refused():
    param, content, _ = small_pair()
    with pytest.raises(NcnnFormatError, match="weighted layers"):
        convert_pair(
            param=param.encode(), weights=content, architecture=Srvgg(convolutions=2, features=4)
        )
    with pytest.raises(NcnnFormatError, match="should be"):
        convert_pair(
            param=param.encode(), weights=content, architecture=Srvgg(convolutions=1, features=8)
        )


def test_files_of_no_known_network_are_refused(tmp_path):
    param, weights = tmp_path / "other.param", tmp_path / "other.bin"
    param.write_text("7767517\n")
    weights.write_bytes(b"")
    with pytest.raises(NcnnFormatError, match="one network"):
        ncnn_to_safetensors({param.name: param, weights.name: weights}, tmp_path / "out")
    assert not (tmp_path / "out").exists()
