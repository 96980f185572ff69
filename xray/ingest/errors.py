"""Refusals at the door of the X-ray room. None holds a word of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from project.images.errors import UploadRefused

if TYPE_CHECKING:
    from xray.ingest.limits import Limits

__all__ = ["UploadRefused"]


def _refused(
    limits: Limits, code: str, detail: str, *, status: int = 422, **extra: Any
) -> UploadRefused:
    return UploadRefused(
        detail, code=code, status=status, extra={"allowed": limits.allowed(), **extra}
    )


def not_an_image(limits: Limits) -> UploadRefused:
    """Empty, or none of the kinds of file that are known at all."""
    return _refused(
        limits,
        "not_an_image",
        _(
            "This is neither a picture nor a DICOM file. Send the film as DICOM, PNG, JPEG, GIF, "
            "BMP or TIFF."
        ),
        status=415,
    )


def unsupported_format(limits: Limits, detail: str = "") -> UploadRefused:
    """A known kind of picture that is not accepted for films."""
    return _refused(
        limits,
        "unsupported_format",
        detail
        or _("Films are accepted as DICOM, PNG, JPEG, GIF, BMP or TIFF. Save it as one of these."),
        status=415,
    )


def unsupported_pixels(limits: Limits) -> UploadRefused:
    """DICOM pixels with a palette, 1 or 32 bits, or in an unknown colour space."""
    return unsupported_format(
        limits,
        _(
            "The pixels of this DICOM file are of a kind that cannot be read. Export the film with "
            "8 or 16 bits, in grey or RGB."
        ),
    )


def too_large(limits: Limits, kind: str) -> UploadRefused:
    """More bytes than the kind may have."""
    limit = limits.max_bytes(kind)
    return _refused(
        limits,
        "too_large",
        _("The file is too large. At most %(limit)s are accepted.")
        % {"limit": filesizeformat(limit)},
        status=413,
        limit_bytes=limit,
    )


def inflates_too_much(limits: Limits) -> UploadRefused:
    """A small file that unpacks to more than any film."""
    return _refused(
        limits,
        "too_large",
        _("What the file unpacks to is too large for a film. Export it without compression."),
        status=413,
        limit_bytes=limits.dicom_max_bytes,
    )


def pixel_limit(
    limits: Limits, *, width: int, height: int, is_dicom: bool = True, detail: str = ""
) -> UploadRefused:
    """More pixels than are decoded, by the header."""
    limit = limits.dicom_max_pixels if is_dicom else limits.raster_max_pixels
    return _refused(
        limits,
        "pixel_limit",
        detail
        or _(
            "The film has %(width)d x %(height)d pixels. At most %(limit)s megapixels are accepted."
        )
        % {"width": width, "height": height, "limit": f"{limit / 1e6:g}"},
        width=width,
        height=height,
    )


def truncated(limits: Limits, detail: str = "") -> UploadRefused:
    """Cut short, damaged, or at odds with itself."""
    return _refused(
        limits,
        "truncated",
        detail
        or _(
            "The file is damaged or incomplete: its pixels do not agree with what it announces. "
            "Export or send it again."
        ),
    )


def no_pixel_data(limits: Limits) -> UploadRefused:
    """A report, a plan, a directory."""
    return _refused(
        limits, "no_pixel_data", _("This DICOM file holds no picture. Send the film itself.")
    )


def multi_frame(limits: Limits) -> UploadRefused:
    """A loop or a stack."""
    return _refused(
        limits,
        "multi_frame",
        _("This DICOM file holds several frames. Send one film as a file of its own."),
    )


def unsupported_transfer_syntax(limits: Limits) -> UploadRefused:
    """Compressed by a method without a decoder here."""
    return _refused(
        limits,
        "unsupported_transfer_syntax",
        _(
            "The pixels of this DICOM file are compressed in a way that cannot be read. Export it "
            "uncompressed (explicit VR little endian) or as JPEG 2000."
        ),
        status=415,
    )


def population_mismatch(limits: Limits) -> UploadRefused:
    """An adult, for a network that learned from children."""
    return _refused(
        limits,
        "population_mismatch",
        _(
            "The DICOM file says that the patient is 18 years or older. The model learned from "
            "children of one to five years and is not used for adults on this site."
        ),
    )
