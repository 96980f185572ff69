"""What came in with a picture goes out with its result: depth, format, colour, EXIF, marking."""

import hashlib
import io

import numpy as np
import pytest
import tifffile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

from enhance.models import Enhancement
from enhance.services.retry import retry_enhancement
from project.images import storage
from project.images.colour import srgb_profile
from project.images.credentials import read_credentials
from project.images.decode import decode
from project.images.marking import SourceType, read_marking
from project.images.policy import Metadata
from project.images.policy import Policy as Keep
from project.images.renditions import Rendition, ensure_rendition
from tests.enhance.pictures import as_file, opened, pixels, upload
from tests.images import deep_samples, samples

pytestmark = pytest.mark.django_db(transaction=True)

KEEP_ALL = Keep(extensions=("png", "jpg", "webp", "tif"), max_bytes=10**8, keep=frozenset(Metadata))


def sent(content, name):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def enlarge(submit, run_job):
    """Upload, run, and return the row and the bytes of the result."""

    def enlarge_one(content, name, **options):
        row = submit(sent(content, name), **{"scale": "2", **options})
        job = run_job()
        assert job.state == "succeeded", job.error_detail
        row = Enhancement.objects.with_job().get(pk=row.pk)
        return row, storage.read(row.result.file)

    return enlarge_one


# Depth


@pytest.mark.parametrize(
    ("format", "kind"),
    [*(("png", kind) for kind in deep_samples.KINDS), ("tif", "grey"), ("tif", "RGB"), ("tif", "RGBA")],
)  # fmt: skip
def test_sixteen_bits_go_in_and_come_out(enlarge, kind, format):
    ramp = deep_samples.ramp(kind)
    write = {"png": deep_samples.png16, "tif": deep_samples.tiff16}[format]
    row, content = enlarge(write(ramp), f"ramp.{format}")
    found = decode(content, KEEP_ALL)
    assert (row.result.bit_depth, found.depth, row.plan["bit_depth"]) == (16, 16, 16)
    assert row.result.file.endswith(f".{format}")
    assert found.array.shape == (2 * deep_samples.HEIGHT, 2 * deep_samples.WIDTH, 3)
    assert len(np.unique(found.array[..., 0])) > 256
    assert found.is_grey is ("grey" in kind)
    assert (found.alpha is not None) is (kind in ("RGBA", "grey and alpha"))
    assert row.dtype == "float32"
    if found.alpha is not None:
        assert len(np.unique(found.alpha)) > 256
    assert row.warnings == []


def test_the_low_byte_of_the_source_reaches_the_network(enlarge):
    found = []
    for level in (0x8000, 0x8060):
        flat = np.full((20, 20, 3), level, np.uint16)
        _, content = enlarge(deep_samples.png16(flat), "flat.png", scale="1")
        found.append(decode(content, KEEP_ALL).array.astype(int))
    assert np.abs(found[0] - found[1]).max() > 0
    assert np.abs(found[0] - found[1]).max() < 3 * 257


@pytest.mark.parametrize("scale", ["1.5", "3", "8"])
def test_sixteen_bits_survive_every_way_to_the_exact_size(enlarge, scale):
    _, content = enlarge(deep_samples.png16(deep_samples.ramp()), "r.png", scale=scale)
    found = decode(content, KEEP_ALL)
    assert found.array.shape[1] == int(deep_samples.WIDTH * float(scale) + 0.5)
    assert len(np.unique(found.array[..., 0])) > 256


@pytest.mark.parametrize(("wanted", "format"), [("jpg", "JPEG"), ("webp", "WEBP")])
def test_a_format_of_eight_bits_says_what_it_lost(enlarge, wanted, format):
    row, content = enlarge(deep_samples.png16(deep_samples.ramp()), "r.png", output_format=wanted)
    assert opened(content).format == format
    assert (row.result.bit_depth, row.plan["bit_depth"]) == (8, 8)
    assert row.warnings == ["depth_reduced"]


def test_eight_bits_stay_eight_in_every_format(enlarge):
    for wanted in ("png", "tiff"):
        row, content = enlarge(as_file(pixels(20, 10)), "p.png", output_format=wanted)
        assert (row.result.bit_depth, decode(content, KEEP_ALL).depth) == (8, 8)
        assert row.warnings == []


@pytest.mark.parametrize("wanted", ["png", "tiff"])
@pytest.mark.parametrize("kind", deep_samples.KINDS)
def test_every_deep_result_can_be_shown(enlarge, kind, wanted):
    row, _ = enlarge(deep_samples.png16(deep_samples.ramp(kind)), "r.png", output_format=wanted)
    for rendition in Rendition:
        assert storage.exists(ensure_rendition(row.result, rendition))


def test_a_tiff_is_one_that_others_can_read(enlarge):
    _, content = enlarge(deep_samples.tiff16(deep_samples.ramp()), "r.tif")
    page = tifffile.TiffFile(io.BytesIO(content)).pages[0]
    assert (page.dtype, page.shape[2]) == (np.uint16, 3)


# Formats


@pytest.mark.parametrize(
    ("name", "content", "format", "warnings"),
    [
        ("a.bmp", samples.save(samples.gradient(), "BMP"), "PNG", []),
        ("a.gif", samples.save(samples.gradient().quantize(64), "GIF"), "PNG", []),
        ("m.gif", samples.animated("GIF"), "PNG", ["animated_first_frame_only"]),
        ("a.avif", samples.save(samples.gradient(), "AVIF"), "PNG", []),
        ("a.heic", samples.heic("orientation-1"), "PNG", []),
        ("a.webp", samples.save(samples.gradient(), "WEBP", lossless=True), "WEBP", []),
        ("a.tiff", samples.save(samples.gradient(), "TIFF"), "TIFF", []),
        ("a.jpeg", samples.save(samples.gradient(), "JPEG"), "JPEG", []),
    ],
)
def test_every_format_goes_through_and_same_keeps_what_we_can_write(
    enlarge, name, content, format, warnings
):
    row, result = enlarge(content, name)
    image = opened(result)
    assert (image.format, row.result.format) == (format, format)
    assert image.size == (row.plan["output_width"], row.plan["output_height"])
    assert read_marking(result).source_type == SourceType.GENERATIVE_EDIT
    assert row.warnings == warnings


def test_what_the_intake_left_out_is_told_before_the_job_runs(submit):
    row = submit(sent(samples.animated("GIF"), "m.gif"))
    assert row.warnings == ["animated_first_frame_only"]


def test_a_print_picture_becomes_screen_colours_and_says_so(enlarge):
    ink = Image.merge("CMYK", [Image.new("L", (20, 10), level) for level in (255, 0, 0, 0)])
    row, content = enlarge(samples.save(ink, "JPEG", quality=95), "cyan.jpg", scale="1")
    assert opened(content).mode == "RGB"
    assert row.warnings == ["cmyk_converted"]


def test_alpha_can_be_dropped(enlarge):
    picture = np.dstack([pixels(20, 16), np.full((16, 20), 90, np.uint8)])
    for wanted, mode in (("resize", "RGBA"), ("drop", "RGB")):
        row, content = enlarge(as_file(picture), "a.png", alpha=wanted)
        assert opened(content).mode == mode
        assert row.warnings == []
    row, content = enlarge(as_file(picture), "a.png", alpha="drop", output_format="jpg")
    assert row.warnings == [], "nothing is flattened that was dropped on request"


# Colour


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("depth", [8, 16])
def test_a_colour_profile_is_kept_with_the_pixels_it_describes(enlarge, unsigned, format, depth):
    """The network sees the profile's own values: with the profile removed nothing else differs."""
    profile = samples.wide_gamut_profile()
    option = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "TIFF": "tiff"}[format]
    if depth == 8:
        tagged, plain = (as_file(pixels(24, 18), icc_profile=icc) for icc in (profile, None))
    else:
        ramp = deep_samples.ramp()
        tagged = deep_samples.tiff16(ramp, iccprofile=profile)
        plain = deep_samples.tiff16(ramp)
    name = "p.png" if depth == 8 else "p.tif"
    _, with_profile = enlarge(tagged, name, output_format=option)
    _, without = enlarge(plain, name, output_format=option)
    found, other = decode(with_profile, KEEP_ALL), decode(without, KEEP_ALL)
    assert found.icc == profile
    assert np.array_equal(found.array, other.array)


def test_without_metadata_colours_become_srgb(enlarge):
    profile = samples.wide_gamut_profile()
    red = np.full((10, 20, 3), (250, 20, 20), np.uint8)
    _, kept = enlarge(as_file(red, icc_profile=profile), "r.png")
    _, converted = enlarge(as_file(red, icc_profile=profile), "r.png", keep_metadata="false")
    assert decode(kept, KEEP_ALL).icc == profile
    assert decode(converted, KEEP_ALL).icc in (None, srgb_profile())
    assert not np.array_equal(decode(kept, KEEP_ALL).array, decode(converted, KEEP_ALL).array)


def test_an_unusable_profile_is_left_out_with_a_warning(enlarge):
    row, content = enlarge(as_file(pixels(20, 10), icc_profile=b"no profile"), "p.png")
    assert row.warnings == ["icc_ignored"]
    assert decode(content, KEEP_ALL).icc in (None, srgb_profile())


def test_a_grey_profile_stays_with_a_grey_picture(enlarge):
    profile = samples.grey_profile()
    grey = pixels(20, 10)[..., 0]
    _, content = enlarge(as_file(grey, icc_profile=profile), "g.png")
    image = opened(content)
    assert (image.mode, image.info["icc_profile"]) == ("L", profile)


# EXIF


def photo():
    """A turned photo with a camera, a time, an exposure and a place."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "CanaryCamera"
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.DateTimeOriginal: "2026:01:02 03:04:05",
        ExifTags.Base.ExposureTime: 0.125,
        ExifTags.Base.ExifImageWidth: 4711,
        ExifTags.Base.MakerNote: b"CanaryNote",
    }
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (52.0, 31.0, 7.0), 27: "CanaryPlace"}
    return samples.save(samples.gradient(), "JPEG", exif=exif.tobytes(), quality=95)


@pytest.mark.parametrize("wanted", ["png", "jpg", "webp", "tiff"])
def test_exif_survives_upright_and_the_place_only_on_request(enlarge, wanted):
    for gps in (False, True):
        row, content = enlarge(photo(), "p.jpg", output_format=wanted, keep_gps=str(gps))
        exif = opened(content).getexif()
        taken = exif.get_ifd(ExifTags.IFD.Exif)
        assert exif[ExifTags.Base.Make] == "CanaryCamera"
        assert taken[ExifTags.Base.DateTimeOriginal] == "2026:01:02 03:04:05"
        assert float(taken[ExifTags.Base.ExposureTime]) == 0.125
        assert ExifTags.Base.ExifImageWidth not in taken, "the width of the source is not ours"
        assert b"CanaryNote" not in content
        assert exif.get(ExifTags.Base.Orientation, 1) == 1
        assert bool(exif.get_ifd(ExifTags.IFD.GPSInfo)) is gps
        assert (b"CanaryPlace" in content) is gps
        assert opened(content).size == (64, 96)
        assert row.warnings == []


@pytest.mark.parametrize(
    ("options", "stored"),
    [
        ({}, False),
        ({"keep_gps": "true"}, True),
        ({"keep_metadata": "false"}, False),
        ({"keep_metadata": "false", "keep_gps": "true"}, False),
    ],
)
def test_a_place_that_is_not_wanted_is_not_even_stored(submit, options, stored):
    row = submit(sent(samples.with_exif(), "p.jpg"), **options)
    assert (b"CanaryPlace" in storage.read(row.source.file)) is stored


def test_without_metadata_nothing_of_it_is_stored_or_given_out(enlarge):
    row, content = enlarge(samples.with_exif(), "p.jpg", keep_metadata="false")
    for file in (content, storage.read(row.source.file)):
        assert b"Canary" not in file
        assert not len(opened(file).getexif())


def test_a_retry_may_want_less_than_was_stored(enlarge, run_job):
    row, _ = enlarge(samples.with_exif(), "p.jpg", keep_gps="true")
    again = retry_enhancement(enhancement=row, changes={"keep_gps": "false"})
    run_job()
    again = Enhancement.objects.with_job().get(pk=again.pk)
    content = storage.read(again.result.file)
    assert b"CanaryPlace" not in content
    assert b"CanaryCamera" in content


# Marking


@pytest.mark.parametrize("wanted", ["png", "jpg", "webp", "tiff"])
def test_a_result_is_marked_and_signed_with_what_was_done(enlarge, wanted):
    row, content = enlarge(as_file(pixels(24, 18)), "p.png", output_format=wanted)
    assert read_marking(content).source_type == SourceType.GENERATIVE_EDIT
    credentials = read_credentials(content, row.result.format)
    assert credentials.problems == ()
    assert credentials.source_type == SourceType.GENERATIVE_EDIT
    [edit] = [action for action in credentials.actions if action.parameters]
    assert edit.parameters["omnilens.network"] == "realesr-animevideov3"
    assert "p.png" not in str(credentials)
    assert row.marking["c2pa"] == "signed"
    assert row.marking["signer"] in credentials.signer
    assert row.result.sha256 == hashlib.sha256(content).hexdigest()


def test_the_pixels_are_the_same_signed_or_not(enlarge, request):
    _, signed = enlarge(as_file(pixels(24, 18)), "p.png")
    request.getfixturevalue("unsigned")
    _, plain = enlarge(as_file(pixels(24, 18)), "p.png")
    assert np.array_equal(decode(signed).array, decode(plain).array)
    assert read_credentials(plain, "PNG") is None


def test_without_a_key_the_job_succeeds_with_the_iptc_mark_and_says_why(enlarge, unsigned, client):
    row, content = enlarge(as_file(pixels(24, 18)), "p.png")
    assert read_marking(content).source_type == SourceType.GENERATIVE_EDIT
    assert row.warnings == ["c2pa_unavailable"]
    assert row.marking == {
        "iptc": str(SourceType.GENERATIVE_EDIT),
        "c2pa": "unavailable",
        "signer": "",
        "reason": "key_missing",
    }
    client.force_login(row.job.owner)
    body = client.get(f"/api/v1/status/{row.pk}").json()
    assert body["result"]["marking"]["reason"] == "key_missing"
    assert "key" in body["result"]["marking"]["detail"]
    [warning] = body["warnings"]
    assert warning["code"] == "c2pa_unavailable"
    assert body["result"]["marking"]["detail"] in warning["detail"]


def test_the_operator_reads_why_a_result_was_left_unsigned(enlarge, unsigned, caplog):
    enlarge(as_file(pixels(24, 18)), "p.png")
    assert "no key in this test" in caplog.text


def test_a_fault_of_the_signer_costs_the_signature_and_not_the_result(enlarge, monkeypatch, caplog):
    def broken(content, **more):
        raise RuntimeError("a fault nobody foresaw")

    monkeypatch.setattr("enhance.output.sign", broken)
    row, content = enlarge(as_file(pixels(24, 18)), "p.png")
    assert read_marking(content).source_type == SourceType.GENERATIVE_EDIT
    assert (row.warnings, row.marking["reason"]) == (["c2pa_unavailable"], "signing_failed")
    assert "a fault nobody foresaw" in caplog.text


def test_a_result_from_before_signing_says_so(enlarge, client):
    row, _ = enlarge(as_file(pixels(24, 18)), "p.png")
    Enhancement.objects.update(marking={})
    client.force_login(row.job.owner)
    marking = client.get(f"/api/v1/status/{row.pk}").json()["result"]["marking"]
    assert (marking["c2pa"], marking["reason"]) == ("unavailable", "not_attempted")
    assert marking["detail"]


def test_a_side_beyond_webp_is_refused_before_anything_is_stored(submit, stored_files):
    from project.errors import ServiceError

    wide = upload(np.zeros((2, 1100, 3), np.uint8), name="w.webp", format="WEBP")
    with pytest.raises(ServiceError) as caught:
        submit(wide, scale="16")
    assert (caught.value.code, caught.value.extra["largest_scale"]) == ("webp_side_limit", 14.89)
    assert stored_files() == []
