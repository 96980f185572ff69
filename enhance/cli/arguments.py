"""The words of `manage.py enhance`, and what they ask for."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ValidationError

from enhance.cli.face_arguments import add_face_arguments
from enhance.forms import field_errors
from enhance.nets.catalogue import NETWORKS
from enhance.options import (
    ALPHA_MODES,
    AUTO_MODEL,
    OUTPUT_FORMATS,
    QUALITY_LEVELS,
    EnhanceOptions,
)
from enhance.serializers import parse_options


class WrongUsage(ValueError):
    """The command line asks for something that does not exist; the text is for the terminal."""


def add_arguments(parser: ArgumentParser) -> None:
    """Options have the names and defaults of the API."""
    parser.add_argument("inputs", nargs="*", metavar="IN", help="files, folders or glob patterns")
    parser.add_argument(
        "-i", "--input", action="append", default=[], metavar="IN", help="the same, as an option"
    )
    parser.add_argument("-o", "--output", help="file, or folder for several")
    parser.add_argument(
        "--remote",
        metavar="URL",
        help="let that server do the work; its token is OMNILENS_REMOTE_TOKEN",
    )
    parser.add_argument("-s", "--scale", default=None, help="1 to 16 (default: 4)")
    parser.add_argument("--target-width", help="instead of --scale: pixels")
    parser.add_argument("--target-height", help="instead of --scale: pixels")
    parser.add_argument("--megapixels", help="instead of --scale")
    parser.add_argument(
        "--quality", "--quality-level", dest="quality_level",
        help=f"{', '.join(QUALITY_LEVELS)} (default: high with a GPU, else fast)",
    )  # fmt: skip
    parser.add_argument(
        "--model",
        default=AUTO_MODEL,
        help=f"{AUTO_MODEL}, {', '.join(NETWORKS)}, or one that was added to this server",
    )
    parser.add_argument("--denoise", default=None, help="0 to 1, of realesr-general-x4v3")
    parser.add_argument("--tile-size", default="auto", help="auto, or 64 to 1024")
    parser.add_argument("--tile-pad", default=None, help="pixels around each tile")
    parser.add_argument(
        "--format", dest="output_format", default="same", help=", ".join(OUTPUT_FORMATS)
    )
    parser.add_argument("--jpeg-quality", default="95", help="1 to 100, of JPEG and WEBP")
    parser.add_argument(
        "--strip-metadata",
        dest="keep_metadata",
        action="store_false",
        help="leave out colour profile and EXIF; colours become sRGB",
    )
    parser.add_argument("--keep-gps", action="store_true", help="keep where the photo was taken")
    parser.add_argument("--alpha", default="resize", help=f"transparency: {', '.join(ALPHA_MODES)}")
    parser.add_argument(
        "--drop-alpha", dest="alpha", action="store_const", const="drop",
        help="leave out transparency",
    )  # fmt: skip
    add_face_arguments(parser)


def asked_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the API among the parsed arguments; without those that nobody set."""
    names = EnhanceOptions.__dataclass_fields__
    return {name: given[name] for name in names if given.get(name) is not None}


def parsed_options(given: Mapping[str, Any]) -> EnhanceOptions:
    """The options, checked as the API checks them. Raises WrongUsage."""
    try:
        return parse_options(asked_options(given), default_quality="fast")
    except ValidationError as error:
        lines = [f"{name}: {' '.join(texts)}" for name, texts in field_errors(error).items()]
        raise WrongUsage("; ".join(lines)) from error
