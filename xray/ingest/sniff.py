"""What a file is, by its bytes; its name is no more than a hint and is not asked."""

from __future__ import annotations

from project.images.containers import identify
from xray.ingest.dataset import MAGIC, PREAMBLE, looks_like_data_set

DICOM = "DICOM"
RASTERS = ("PNG", "JPEG", "GIF", "BMP", "TIFF")
HEAD_BYTES = 4096


def kind_of(head: bytes) -> str:
    """`DICOM`, the name of a picture format (of RASTERS or another), or empty.

    `head` is the beginning of the file, HEAD_BYTES or all of it. DICM at 128 wins over what the
    preamble before it looks like: a DICOM file may carry the header of a TIFF there.
    """
    if head[PREAMBLE : PREAMBLE + len(MAGIC)] == MAGIC:
        return DICOM
    container = identify(head)
    if container is not None:
        return container.NAME
    return DICOM if looks_like_data_set(head) else ""
