"""Refusals of the image room; each says what is wrong and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from project.errors import ServiceError
from project.images.containers.header import Reason

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from project.images.policy import Policy


class UploadRefused(ServiceError):
    """The upload is not a picture that this policy accepts; nothing of it was stored."""

    code = "corrupt_image"
    status = 422


class ImageInUse(ServiceError):
    """Something unfinished still needs the picture."""

    code = "image_in_use"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("The image is in use by a job that has not ended. Cancel the job first.")
        )


class TooBusy(ServiceError):
    """Other large pictures are being read; this process reads one at a time."""

    code = "intake_busy"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            _("The server is reading other large pictures. Please try again in a minute."),
            retry_after_seconds=60,
        )


def _refused(
    policy: Policy, code: str, detail: str | _StrPromise, *, status: int = 422, **extra: Any
) -> UploadRefused:
    allowed: Mapping[str, Any] = {"allowed": policy.allowed(), **extra}
    return UploadRefused(detail, code=code, status=status, extra=allowed)


def empty_file(policy: Policy) -> UploadRefused:
    """The body holds no byte."""
    return _refused(policy, "empty_file", _("The file is empty."))


def unsupported_format(policy: Policy) -> UploadRefused:
    """Neither the name nor the content is a format of the policy."""
    return _refused(
        policy,
        "unsupported_format",
        _("This is not a picture that can be used here. Accepted formats: %(formats)s.")
        % {"formats": _(", ").join(policy.formats)},
        status=415,
    )


def format_mismatch(policy: Policy, *, extension: str, actual: str) -> UploadRefused:
    """A PNG called .jpg."""
    return _refused(
        policy,
        "format_mismatch",
        _("The file is called .%(extension)s but its content is %(actual)s. Rename it.")
        % {"extension": extension, "actual": actual},
        actual_format=actual,
    )


def corrupt_image(policy: Policy) -> UploadRefused:
    """Truncated, damaged, or carrying something that is no picture."""
    return _refused(
        policy, "corrupt_image", _("The picture is damaged or incomplete and cannot be decoded.")
    )


def foreign_content(policy: Policy) -> UploadRefused:
    """A polyglot: the picture is followed by another kind of file."""
    return _refused(
        policy,
        "corrupt_image",
        _("The file holds more than a picture. Save it again as a picture."),
    )


def too_large_bytes(policy: Policy) -> UploadRefused:
    """More bytes than the policy takes."""
    return _refused(
        policy,
        "too_large_bytes",
        _("The file is too large. At most %(limit)s are accepted.")
        % {"limit": filesizeformat(policy.max_bytes)},
        status=413,
    )


def too_many_pixels(policy: Policy, *, width: int, height: int) -> UploadRefused:
    """The header announces more pixels than the policy decodes."""
    return _refused(
        policy,
        "too_many_pixels",
        _(
            "The picture has %(width)d x %(height)d pixels. At most %(limit)s megapixels are accepted."
        )
        % {"width": width, "height": height, "limit": f"{policy.max_pixels / 1e6:g}"},
        width=width,
        height=height,
    )


def side_too_long(policy: Policy, *, width: int, height: int) -> UploadRefused:
    """One side is longer than the policy decodes."""
    return _refused(
        policy,
        "side_too_long",
        _("The picture has %(width)d x %(height)d pixels. No side may exceed %(limit)d pixels.")
        % {"width": width, "height": height, "limit": policy.max_side},
        width=width,
        height=height,
    )


def animated_not_accepted(policy: Policy) -> UploadRefused:
    """Several frames or pages."""
    return _refused(
        policy,
        "animated_not_accepted",
        _(
            "Pictures with several frames or pages are not accepted here. "
            "Save one of them as a picture of its own."
        ),
    )


def unsupported_bit_depth(policy: Policy, *, bits: int) -> UploadRefused:
    """More bits per channel than the policy keeps would be cut silently."""
    return _refused(
        policy,
        "unsupported_bit_depth",
        _("The picture has %(bits)d bits per channel. Save it with %(accepted)s bits per channel.")
        % {"bits": bits, "accepted": "8" if policy.max_depth == 8 else _("8 or 16")},
        status=415,
        bits=bits,
    )


def unsupported_variant(policy: Policy, reason: Reason) -> UploadRefused:
    """A well-formed file of a kind that no decoder here takes."""
    code, words = {
        Reason.FLOAT: (
            "unsupported_bit_depth",
            _(
                "The picture holds floating point or signed values. "
                "Save it with 8 or 16 bits per channel, unsigned."
            ),
        ),
        Reason.COMPRESSION: (
            "unsupported_format",
            _(
                "The picture inside the file is compressed in a way that cannot be read. "
                "Save a TIFF with LZW, ZIP or no compression."
            ),
        ),
        Reason.COLOUR_SPACE: (
            "unsupported_colour_space",
            _(
                "The picture is in a colour space that cannot be read. "
                "Save it as RGB, grayscale or CMYK with 8 bits per channel, "
                "or as RGB or grayscale with 16."
            ),
        ),
        Reason.LAYOUT: (
            "unsupported_format",
            _(
                "The channels of the picture are laid out in a way that cannot be read. "
                "Save it again as an ordinary RGB or grayscale picture, or as PNG."
            ),
        ),
    }[reason]
    return _refused(policy, code, words, status=415)


def unsupported_colour_space(policy: Policy) -> UploadRefused:
    """What the decoder hands out is none of the colour spaces that we convert."""
    return unsupported_variant(policy, Reason.COLOUR_SPACE)
