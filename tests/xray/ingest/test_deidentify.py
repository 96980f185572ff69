"""What is known of a patient after the door, and what is not."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.xray import canaries
from tests.xray.ingest import corpus
from xray.ingest.deidentify import age_band, hashed_uid, pseudonym_of


@pytest.mark.parametrize(
    ("age", "band"),
    [
        ("000D", "0-4"), ("011M", "0-4"), ("200W", "0-4"), ("004Y", "0-4"), ("005Y", "5-9"),
        ("062Y", "60-64"), ("062", "60-64"), ("62", "60-64"), ("089Y", "85-89"), ("090Y", "90+"),
        ("113Y", "90+"), ("KANARI", ""), ("12345", ""), ("", ""),
    ],
)  # fmt: skip
def test_an_age_becomes_a_band_of_five_years(take, settings, age, band):
    settings.XRAY_ADULTS = True
    assert take(canaries.dicom(PatientAge=age, PatientBirthDate="")).age_band == band


def test_bands_meet_without_a_gap():
    assert [age_band(years) for years in (4.99, 5, 9.99, 10)] == ["0-4", "5-9", "5-9", "10-14"]


def test_without_an_age_the_dates_give_it(take):
    born = {"PatientAge": None, "StudyDate": "20190317"}
    assert take(canaries.dicom(**born, PatientBirthDate="20140318")).age_band == "0-4"
    assert take(canaries.dicom(**born, PatientBirthDate="20140317")).age_band == "5-9"
    future = take(canaries.dicom(**born, PatientBirthDate="20200101"))
    assert future.age_band == "" and "population_unknown" in future.warnings


@pytest.mark.parametrize("age", ["018Y", "099Y", "62", "220M"])
def test_adults_are_refused_unless_the_site_takes_them(refused, take, settings, age):
    content = canaries.dicom(PatientAge=age)
    assert refused(content) == "population_mismatch"
    settings.XRAY_ADULTS = True
    assert "population_adult" in take(content).warnings


def test_a_child_needs_no_warning_and_an_unknown_age_one(take):
    child = take(canaries.dicom(PatientAge="017Y"))
    assert not any(code.startswith("population") for code in child.warnings)
    unknown = take(canaries.dicom(PatientAge=None, PatientBirthDate=None))
    assert "population_unknown" in unknown.warnings
    raster = take(canaries.rasters()[f"{canaries.FILE_NAME}.png"])
    assert "population_unknown" in raster.warnings


def test_the_same_patient_has_one_pseudonym_and_another_secret_another(take, settings):
    one, two = take(canaries.dicom()), take(canaries.dicom(StudyDate="20200101"))
    assert re.fullmatch("PX-[0-9a-f]{12}", one.pseudonym)
    assert one.pseudonym == two.pseudonym == pseudonym_of(canaries.TAGS["PatientID"])
    assert take(canaries.dicom(PatientID="other")).pseudonym != one.pseudonym
    settings.SECRET_KEY = "another secret"
    assert take(canaries.dicom()).pseudonym != one.pseudonym


def test_the_senders_key_wins_and_rasters_have_no_other(take):
    png = canaries.rasters()[f"{canaries.FILE_NAME}.png"]
    assert take(png).pseudonym == ""
    assert take(png, patient_key=" ward 7 ").pseudonym == pseudonym_of("ward 7")
    assert take(canaries.dicom(), patient_key="ward 7").pseudonym == pseudonym_of("ward 7")
    assert take(canaries.dicom(PatientID=None)).pseudonym == ""


def test_dates_of_one_patient_keep_their_distance(take):
    def shifted(**more):
        return date.fromisoformat(take(canaries.dicom(**more)).study_date_shifted)

    first, later = shifted(StudyDate="20190317"), shifted(StudyDate="20190401")
    assert (later - first).days == 15
    days = (date(2019, 3, 17) - first).days
    assert 1 <= days <= 3652
    assert (date(2019, 3, 17) - shifted(PatientID="other", StudyDate="20190317")).days != days


@pytest.mark.parametrize("written", ["", "20191332", "00010101", "KANARI", None])
def test_a_date_that_is_none_stays_empty(take, written):
    assert take(canaries.dicom(StudyDate=written)).study_date_shifted == ""


def test_uids_are_hashed_into_uids(take):
    kept = take(canaries.dicom()).attributes
    assert kept["StudyInstanceUID"] == hashed_uid(canaries.TAGS["StudyInstanceUID"])
    assert re.fullmatch(r"2\.25\.[1-9]\d{20,38}", kept["StudyInstanceUID"])
    assert len({kept[f"{of}InstanceUID"] for of in ("Study", "Series", "SOP")}) == 3


def test_only_the_allow_list_is_kept(take):
    kept = take(
        canaries.dicom(
            BodyPartExamined="CHEST", PixelSpacing=["0.168", "0.168"], WindowCenter="128",
            WindowWidth="256", RescaleSlope="1", RescaleIntercept="0", Laterality="L",
        )
    )  # fmt: skip
    uids = {"StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"}
    assert {key: value for key, value in kept.attributes.items() if key not in uids} == {
        "Modality": "DX", "BodyPartExamined": "CHEST", "ViewPosition": "PA", "Laterality": "L",
        "PixelSpacing": [0.168, 0.168], "WindowCenter": [128.0], "WindowWidth": [256.0],
        "RescaleSlope": [1.0], "RescaleIntercept": [0.0], "Rows": 320, "Columns": 288,
        "PhotometricInterpretation": "MONOCHROME2", "BitsAllocated": 8, "BitsStored": 8,
        "HighBit": 7, "PixelRepresentation": 0,
    }  # fmt: skip
    assert (kept.sex, kept.view, kept.laterality_marker) == ("F", "PA", "L")


def test_kept_attributes_cannot_carry_what_they_are_not_for(take):
    kept = take(
        canaries.dicom(
            Modality="KANARI", ViewPosition="KANARI", PatientSex="K", Laterality="K",
            PixelSpacing=["19471123", "19471123"], RescaleSlope="1", RescaleIntercept="0",
            WindowCenter="19471123", WindowWidth="19471123",
        )
    )  # fmt: skip
    assert canaries.find_canaries(repr(kept.attributes)) == set()
    assert (kept.sex, kept.view, kept.laterality_marker) == ("", "", "")
    assert "PixelSpacing" not in kept.attributes and "WindowCenter" not in kept.attributes


def test_a_film_that_says_it_is_written_on_or_mirrored_warns(take):
    assert "burned_in_annotation" in take(canaries.dicom(BurnedInAnnotation="YES")).warnings
    assert "burned_in_annotation" not in take(canaries.dicom(BurnedInAnnotation="NO")).warnings
    assert "orientation_mirrored" in take(canaries.dicom(PatientOrientation=["R", "F"])).warnings
    assert (
        "orientation_mirrored" not in take(canaries.dicom(PatientOrientation=["L", "F"])).warnings
    )


def test_native_films_need_no_child(take, monkeypatch):
    monkeypatch.setattr("xray.ingest.decoding._by_child", None)
    assert take(corpus.native_file()).pixels.shape == (40, 30)
