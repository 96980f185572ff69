"""The error codes of images, for the catalogue of the API."""

from django.utils.translation import gettext_lazy as _

from project.api.catalogue import register


def register_all() -> None:
    """Add title and meaning of each code; refusals of uploads carry `allowed`."""
    register("empty_file", 422, _("Empty file"), _("The uploaded file holds no byte."))
    register(
        "unsupported_format",
        415,
        _("Unsupported format"),
        _(
            "Name or content is none of the formats in `allowed.formats`, or a kind of TIFF or "
            "BMP that cannot be read."
        ),
    )
    register(
        "format_mismatch",
        422,
        _("Name and content disagree"),
        _("The content is `actual_format`, which the file name extension does not say."),
    )
    register(
        "corrupt_image",
        422,
        _("Damaged picture"),
        _("The picture is cut short, damaged, or carries another kind of file."),
    )
    register(
        "too_large_bytes",
        413,
        _("File too large"),
        _("The file is larger than `allowed.max_bytes`."),
    )
    register(
        "too_many_pixels",
        422,
        _("Too many pixels"),
        _("`width` x `height` exceeds `allowed.max_pixels`."),
    )
    register(
        "side_too_long",
        422,
        _("Side too long"),
        _("`width` or `height` exceeds `allowed.max_side`."),
    )
    register(
        "animated_not_accepted",
        422,
        _("Animated picture"),
        _("The file holds several frames or pages; send one picture."),
    )
    register(
        "unsupported_bit_depth",
        415,
        _("Unsupported bit depth"),
        _(
            "The picture has more bits per channel than are kept here, or holds floating point or "
            "signed values."
        ),
    )
    register(
        "unsupported_colour_space",
        415,
        _("Unsupported colour space"),
        _(
            "RGB and grayscale are accepted with 8 and 16 bits per channel, CMYK with 8; Lab, raw "
            "sensor data and others are not."
        ),
    )
    register(
        "image_in_use",
        409,
        _("Image in use"),
        _("A job that has not ended needs the image; cancel the job first."),
    )
    register(
        "intake_busy",
        503,
        _("Busy with large pictures"),
        _("Large pictures are read one at a time; try again after `Retry-After`."),
    )
