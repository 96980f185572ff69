"""The demo's sample fits the machine it runs on."""

import io

import pytest
from PIL import Image

from enhance import sample


@pytest.mark.parametrize(
    ("device", "flags", "cores", "quality"),
    [
        ("cuda", set(), 1, "high"), ("cpu", {"amx_bf16"}, 2, "high"), ("cpu", {"amx_bf16"}, 1, "fast"),
        ("cpu", {"avx512_bf16"}, 8, "fast"), ("cpu", set(), 2, "fast"),
    ],
)  # fmt: skip
def test_the_quality_is_the_best_that_ends_in_time(device, flags, cores, quality):
    chosen, seconds = sample.choose_quality(device=device, cpu_flags=frozenset(flags), cores=cores)
    assert chosen == quality
    assert seconds is None or seconds <= sample.MAX_SECONDS


def test_the_flags_are_read_from_the_system(tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("model name : X\nflags\t\t: fpu amx_bf16 sse\nflags\t\t: fpu\n")
    assert sample.cpu_flags(cpuinfo) == {"fpu", "amx_bf16", "sse"}
    assert sample.cpu_flags(tmp_path / "none") == frozenset()


@pytest.mark.django_db
def test_the_request_is_one_that_the_api_accepts(settings):
    from enhance.handling import split_handling
    from enhance.serializers import parse_options

    settings.DEVICE = "cpu"
    request = sample.make_request()
    photo = Image.open(io.BytesIO(request.files["file"].content))
    assert (photo.size, photo.format, request.path) == ((512, 512), "PNG", "/api/v1/enhance")
    handling, options = split_handling(request.fields)
    assert parse_options(options, default_quality="fast").scale == 4.0
    assert not handling.use_cache
