"""Guarantees about the DICOM objects: secondary capture and structured reports."""

import io
import re
import shutil
import subprocess

import highdicom
import numpy as np
import pydicom
import pytest

from tests.xray.exports.conftest import ACCEPTED
from tests.xray.factories import draw_film, make_envelope, make_facts, make_finding
from xray.exports import overlay
from xray.exports.dicom_sc import FilmGone, as_secondary_capture
from xray.exports.dicom_sr import TEMPLATES, NothingMeasured, as_sr
from xray.exports.pictures import Pictures


def read(content):
    return pydicom.dcmread(io.BytesIO(content))


def texts(item):
    """All TEXT values below an item, in order."""
    found = [item.TextValue] if "TextValue" in item else []
    for child in item.get("ContentSequence", []):
        found += texts(child)
    return found


@pytest.fixture(params=["sc", *TEMPLATES])
def made(request, envelope, pictures):
    """Each kind of object, in either language."""
    if request.param == "sc":
        return as_secondary_capture(envelope, pictures)
    return as_sr(envelope, template=request.param)


def test_disclaimer_model_version_and_pseudonym_are_in_every_object(made, envelope):
    dataset = read(made)
    said = "\n".join([*texts(dataset), dataset.get("ImageComments", "")])
    assert envelope["disclaimer"] in said
    assert (dataset.ManufacturerModelName, dataset.SoftwareVersions) == ("cxr-resnet50", "1.0.0")
    assert (dataset.PatientID, str(dataset.PatientName)) == ("p-7c41d0e2", "p-7c41d0e2^")
    assert (dataset.PatientBirthDate, dataset.PatientSex) == ("", "F")
    assert dataset.PatientIdentityRemoved == "YES"
    assert dataset.StudyDate == "20260314"


def test_a_film_without_a_pseudonym_is_no_common_patient():
    def patient(study_id):
        facts = make_facts(pseudonym="", study_id=study_id)
        return read(as_sr(make_envelope(facts))).PatientID

    first, second = (patient(f"0199c0de-0000-7000-8000-00000000000{n}") for n in (1, 2))
    assert first.startswith("study-")
    assert first != second
    assert "0199c0de" not in first


def test_identities_are_new_keyed_and_the_same_for_the_same_report(pictures, settings):
    envelope = make_envelope()
    kinds = [lambda e: as_secondary_capture(e, pictures)]
    kinds += [lambda e, t=t: as_sr(e, template=t) for t in TEMPLATES]
    first = [read(kind(envelope)) for kind in kinds]
    assert [kind(envelope) for kind in kinds] == [kind(envelope) for kind in kinds]
    assert len({one.SOPInstanceUID for one in first}) == 3
    assert len({one.SeriesInstanceUID for one in first}) == 3
    assert len({one.StudyInstanceUID for one in first}) == 1
    signed = [read(kind({**envelope, "review": ACCEPTED})) for kind in kinds]
    assert not {one.SOPInstanceUID for one in first} & {one.SOPInstanceUID for one in signed}
    assert signed[0].StudyInstanceUID == first[0].StudyInstanceUID
    settings.SECRET_KEY = "another-key-of-sufficient-length-00000000000000000"
    assert read(kinds[0](envelope)).StudyInstanceUID != first[0].StudyInstanceUID
    for one in first:
        assert re.fullmatch(r"2\.25\.[1-9][0-9]{30,38}", one.SOPInstanceUID)


def test_the_banner_is_burned_in_above_the_film_and_covers_nothing_of_it(envelope):
    pictures = Pictures(film=draw_film(1024, 920))
    dataset = read(as_secondary_capture(envelope, pictures))
    shown = dataset.pixel_array
    painted = np.asarray(overlay.paint(pictures.film, None))
    rows = [
        top
        for top in range(shown.shape[0] - painted.shape[0] + 1)
        if (shown[top, : painted.shape[1]] == painted[0]).all()
        and (shown[top : top + painted.shape[0], : painted.shape[1]] == painted).all()
    ]
    assert len(rows) == 1
    for text in (shown[: rows[0]], shown[rows[0] + painted.shape[0] :]):
        assert (text == 255).all(axis=2).mean() > 0.02
        assert (text == 0).all(axis=2).mean() > 0.5
    assert dataset.BurnedInAnnotation == "YES"
    assert (dataset.PatientOrientation[0], dataset.PatientOrientation[1]) == ("L", "F")
    assert "RESEARCH ONLY" in dataset.DerivationDescription


def test_the_capture_shows_the_heatmap_only_where_there_is_one(pictures):
    envelope = make_envelope()
    hot, bare = (
        read(as_secondary_capture(envelope, one)).pixel_array
        for one in (pictures, Pictures(film=pictures.film))
    )
    assert hot.shape == bare.shape
    coloured = (hot.max(axis=2).astype(int) - hot.min(axis=2)) > 40
    assert coloured.mean() > 0.002
    assert (bare == bare[..., :1]).all()
    assert np.flatnonzero(coloured.any(axis=0)).mean() < hot.shape[1] / 2


def test_a_tiny_film_still_carries_readable_text():
    dataset = read(as_secondary_capture(make_envelope(), Pictures(film=draw_film(130, 128))))
    assert dataset.Columns >= 720


def test_without_the_film_there_is_no_capture():
    with pytest.raises(FilmGone):
        as_secondary_capture(make_envelope(), Pictures(film=None))


def test_a_report_is_unverified_until_somebody_signed(envelope):
    for template in TEMPLATES:
        for review, flag, is_named in (
            (envelope["review"], "UNVERIFIED", False),
            (ACCEPTED, "VERIFIED", True),
            ({**ACCEPTED, "status": "edited"}, "VERIFIED", True),
            ({**ACCEPTED, "status": "rejected"}, "UNVERIFIED", False),
        ):
            dataset = read(as_sr({**envelope, "review": review}, template=template))
            assert dataset.VerificationFlag == flag
            assert dataset.PreliminaryFlag == ("FINAL" if is_named else "PRELIMINARY")
            assert ("VerifyingObserverSequence" in dataset) == is_named
            if is_named:
                observer = dataset.VerifyingObserverSequence[0]
                assert str(observer.VerifyingObserverName) == "Dr. Ågård Li^"
                assert observer.VerificationDateTime == "20260315102030+0000"


def test_a_name_cannot_break_out_of_its_value():
    review = {**ACCEPTED, "by": "Li^Dr\\Evil=X\x1b$B\n"}
    dataset = read(as_sr({**make_envelope(), "review": review}))
    assert str(dataset.VerifyingObserverSequence[0].VerifyingObserverName) == "Li Dr Evil X $B^"


def test_the_measurement_report_is_read_back_with_algorithm_side_and_evidence(envelope):
    content = as_sr(envelope)
    report = highdicom.sr.srread(io.BytesIO(content)).content
    (group,) = report.get_image_measurement_groups()
    assert group.finding_type.value == "233604007"
    (site,) = group.finding_sites
    assert site.laterality.meaning == "Right"
    assert group.tracking_identifier == "F1"
    names = {item.name.meaning: item.value for item in group.get_measurements()}
    assert names["Probability"] == 0.912
    algorithm = dict(
        zip(*_named_texts(content, {"Algorithm Name", "Algorithm Version"}), strict=True)
    )
    assert algorithm == {"Algorithm Name": "cxr-resnet50", "Algorithm Version": "1.0.0"}


def _named_texts(content, wanted):
    names, values = [], []

    def walk(item):
        for child in item.get("ContentSequence", []):
            name = (
                child.ConceptNameCodeSequence[0].CodeMeaning
                if "ConceptNameCodeSequence" in child
                else ""
            )
            if name in wanted:
                names.append(name)
                values.append(child.TextValue)
            walk(child)

    walk(read(content))
    return names, values


def test_a_report_names_the_capture_of_the_same_report_as_its_evidence(envelope, pictures):
    capture = read(as_secondary_capture(envelope, pictures))
    for template in TEMPLATES:
        dataset = read(as_sr(envelope, template=template))
        study = dataset.CurrentRequestedProcedureEvidenceSequence[0]
        series = study.ReferencedSeriesSequence[0]
        assert study.StudyInstanceUID == capture.StudyInstanceUID == dataset.StudyInstanceUID
        assert series.SeriesInstanceUID == capture.SeriesInstanceUID
        instance = series.ReferencedSOPSequence[0]
        assert instance.ReferencedSOPInstanceUID == capture.SOPInstanceUID
        assert instance.ReferencedSOPClassUID == capture.SOPClassUID


def test_without_a_figure_there_is_text_and_no_measurement_report():
    envelope = make_envelope(make_facts(findings=()))
    with pytest.raises(NothingMeasured):
        as_sr(envelope)
    assert texts(read(as_sr(envelope, template="basic_text")))


def test_text_and_region_of_every_language_arrive(envelope):
    said = texts(read(as_sr(envelope, template="basic_text")))
    for sentence in envelope["impression"]:
        assert sentence["text"] in said
    for limit in envelope["limitations"]:
        assert limit in said


@pytest.mark.parametrize("shape", [{}, {"view": "", "age_band": "", "sex": "", "pseudonym": ""}])
@pytest.mark.parametrize("region", ["right_lower", "left_upper", "unspecified"])
def test_other_readers_accept_every_object(shape, region, pictures, tmp_path):
    """dcmtk reads it and dciodvfy finds no error, where they are installed."""
    finding = make_finding(region=region)
    envelope = make_envelope(make_facts(findings=(finding,), **shape))
    made = [as_secondary_capture(envelope, pictures)]
    made += [
        as_sr({**envelope, "review": review}, template=template)
        for template in TEMPLATES
        for review in (envelope["review"], ACCEPTED)
    ]
    tools = [tool for tool in ("dcmdump", "dciodvfy", "dsrdump") if shutil.which(tool)]
    if not tools:
        pytest.skip("neither dcmtk nor dicom3tools is installed")
    for number, content in enumerate(made):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(content)
        for tool in tools:
            if tool == "dsrdump" and number == 0:
                continue
            run = subprocess.run([tool, path], capture_output=True, timeout=60)
            output = (run.stdout + run.stderr).decode(errors="replace")
            # Some versions of dciodvfy do not know private coding schemes; that is a warning.
            assert not re.search(r"^(Error|E:|F:)", output, re.MULTILINE), (tool, output)
            assert run.returncode == 0, (tool, output)
