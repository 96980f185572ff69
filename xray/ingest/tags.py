"""The DICOM attributes that are read at all; every other one is skipped unread."""

from __future__ import annotations

from enum import IntEnum


class Tag(IntEnum):
    """Group and element of an attribute, as DICOM PS3.6 numbers them."""

    TRANSFER_SYNTAX = 0x0002_0010

    # Kept, if the value is one of those that the standard knows (deidentify.py).
    MODALITY = 0x0008_0060
    BODY_PART = 0x0018_0015
    VIEW_POSITION = 0x0018_5101
    LATERALITY = 0x0020_0060
    IMAGE_LATERALITY = 0x0020_0062
    PIXEL_SPACING = 0x0028_0030
    BURNED_IN = 0x0028_0301

    # Used for something else and forgotten: a pseudonym, a band of ages, a shifted date.
    STUDY_DATE = 0x0008_0020
    STUDY_UID = 0x0020_000D
    SERIES_UID = 0x0020_000E
    INSTANCE_UID = 0x0008_0018
    PATIENT_ID = 0x0010_0020
    BIRTH_DATE = 0x0010_0030
    SEX = 0x0010_0040
    AGE = 0x0010_1010
    ORIENTATION = 0x0020_0020

    # What the pixels mean.
    SAMPLES = 0x0028_0002
    PHOTOMETRIC = 0x0028_0004
    PLANAR = 0x0028_0006
    FRAMES = 0x0028_0008
    ROWS = 0x0028_0010
    COLUMNS = 0x0028_0011
    BITS_ALLOCATED = 0x0028_0100
    BITS_STORED = 0x0028_0101
    HIGH_BIT = 0x0028_0102
    PIXEL_REPRESENTATION = 0x0028_0103
    PADDING = 0x0028_0120
    PADDING_LIMIT = 0x0028_0121
    WINDOW_CENTRE = 0x0028_1050
    WINDOW_WIDTH = 0x0028_1051
    INTERCEPT = 0x0028_1052
    SLOPE = 0x0028_1053
    VOI_FUNCTION = 0x0028_1056
    MODALITY_LUT = 0x0028_3000
    VOI_LUT = 0x0028_3010
    LUT_DESCRIPTOR = 0x0028_3002
    LUT_DATA = 0x0028_3006
    PIXELS = 0x7FE0_0010


WANTED = frozenset(int(tag) for tag in Tag)
