"""The error codes of the door, for the catalogue of the API."""

from django.utils.translation import gettext_lazy as _

from project.api.catalogue import register


def register_all() -> None:
    """Add title and meaning of each code; `too_large` and `unsupported_format` are known."""
    register(
        "not_an_image",
        415,
        _("No picture"),
        _("The file is neither a picture nor a DICOM file; `allowed.formats` lists what is."),
    )
    register(
        "pixel_limit",
        422,
        _("Too many pixels in the film"),
        _("`width` x `height` exceeds `allowed.max_pixels`, of DICOM `allowed.dicom_max_pixels`."),
    )
    register(
        "truncated",
        422,
        _("Damaged film"),
        _("The file is cut short, damaged, or its pixels disagree with its header."),
    )
    register(
        "no_pixel_data",
        422,
        _("No pixels"),
        _("The DICOM file holds no picture."),
    )
    register(
        "multi_frame",
        422,
        _("Several frames"),
        _("The DICOM file holds several frames; send one film."),
    )
    register(
        "unsupported_transfer_syntax",
        415,
        _("Unsupported transfer syntax"),
        _(
            "Read are native pixels (also big endian and deflated), RLE, JPEG baseline, extended "
            "and lossless, JPEG-LS and JPEG 2000."
        ),
    )
    register(
        "original_not_kept",
        404,
        _("No original"),
        _("The film was sent while originals were not kept; only its de-identified copy exists."),
    )
    register(
        "population_mismatch",
        422,
        _("Outside the model's population"),
        _(
            "The film is of an adult and the model learned from children; the operator may permit "
            "it with OMNILENS_XRAY_ADULTS."
        ),
    )
