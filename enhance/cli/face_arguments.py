"""The words of `manage.py enhance` about faces."""

from __future__ import annotations

from argparse import ArgumentParser

from enhance.options import FACE_CHOICES, FACE_MODELS, FACE_RESTORES


def add_face_arguments(parser: ArgumentParser) -> None:
    """Options have the names and defaults of the API."""
    faces = parser.add_argument_group("faces")
    faces.add_argument(
        "--face-restore", help=f"{', '.join(FACE_RESTORES)} (default: auto, if weights are here)"
    )
    faces.add_argument("--face-model", help=f"version of GFPGAN: {', '.join(FACE_MODELS)}")
    faces.add_argument("--faces", help=f"{', '.join(FACE_CHOICES)}, or numbers such as 0,2")
    faces.add_argument("--min-face", help="smaller faces stay as they are; pixels of the picture")
    faces.add_argument(
        "--aligned", action="store_true", default=None, help="the picture is one aligned face"
    )
    faces.add_argument("--fidelity", help="0 to 1: how much of the restored face is shown")
    faces.add_argument(
        "--no-background", dest="background", action="store_false", default=None,
        help="resample the picture without a network, restore faces only",
    )  # fmt: skip
