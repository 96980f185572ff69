"""What the cheap checks of the X-ray room say of a data pack, and what a film costs at the door.

    python -m tests.bench.xray_door --data DIR [--films 900] [--seed 0]

DIR holds sets as tar files of pictures. Printed: films that quality.judge refuses, films that
burned_in warns of as they are, and of 300 enlarged to 1,024 pixels those it notices once a name is
written on them. Then seconds of receive() and of the working copy for each kind of file.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import tarfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_NAME = "DOE JANE 12.03.1975 M"
_WRITTEN = 300


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--films", type=int, default=900)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings.test")
    import django

    django.setup()
    for path in sorted(options.data.glob("*.tar")) if options.data else []:
        _measure_set(path, films=options.films, chance=random.Random(options.seed))
    _measure_files()


def _measure_set(path: Path, *, films: int, chance: random.Random) -> None:
    from xray.ingest.burned_in import has_border_text
    from xray.ingest.quality import judge

    refused = warned = noticed = written = 0
    with tarfile.open(path) as pack:
        members = [
            m for m in pack.getmembers() if m.name.lower().endswith((".jpg", ".jpeg", ".png"))
        ]
        chance.shuffle(members)
        for member in members[:films]:
            image = Image.open(io.BytesIO(pack.extractfile(member).read())).convert("L")
            film = np.asarray(image, np.float32) / 255
            refused += bool(judge(film, 0.0).code)
            warned += has_border_text(film)
            if written < _WRITTEN:
                written += 1
                noticed += has_border_text(_with_name(image, chance))
    count = len(members[:films])
    print(
        f"{path.stem}: refused {refused} of {count}, warned of {warned}; "
        f"noticed {noticed} of {written} with a name"
    )


def _with_name(image: Image.Image, chance: random.Random) -> np.ndarray:
    large = image.resize((1024, 1024), Image.Resampling.BICUBIC)
    ImageDraw.Draw(large).text(
        (chance.choice((20, 600)), chance.choice((15, 960))),
        _NAME,
        font=ImageFont.load_default(chance.choice((18, 24, 32))),
        fill=chance.choice((255, 230)),
    )
    return np.asarray(large, np.float32) / 255


def _measure_files() -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from xray.ingest.receive import receive
    from xray.ingest.working_copy import encode_film

    for name, content in _files().items():
        receive(SimpleUploadedFile("film", content))  # imports and caches
        start = time.perf_counter()
        film = receive(SimpleUploadedFile("film", content))
        received = time.perf_counter()
        copy = encode_film(film.pixels, bit_depth=film.bit_depth)
        print(
            f"{name}: {len(content) / 1e6:.1f} MB, receive {received - start:.2f} s, "
            f"working copy {time.perf_counter() - received:.2f} s, {len(copy) / 1e6:.1f} MB"
        )


def _files() -> dict[str, bytes]:
    from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

    from tests.xray import canaries
    from tests.xray.ingest import corpus

    deep = canaries.film(2500, 2048).astype(np.int32) << 4
    small = canaries.film(1024, 1024).astype(np.int32)
    native = corpus.written(corpus.data_set(deep), deep)
    png = io.BytesIO()
    Image.fromarray(small.astype(np.uint8)).save(png, "PNG")
    return {
        "PNG 1024 x 1024": png.getvalue(),
        "JPEG in DICOM 1024 x 1024": corpus.encapsulated(
            corpus.data_set(small, bits=8), corpus.jpeg(small), JPEGBaseline8Bit
        ),
        "native 12 bits 2048 x 2500": native,
        "RLE 12 bits 2048 x 2500": corpus.by_pydicom(native, RLELossless),
        "JPEG-LS 12 bits 2048 x 2500": corpus.by_pydicom(native, JPEGLSLossless),
        "JPEG 2000 12 bits 2048 x 2500": corpus.encapsulated(
            corpus.data_set(deep), corpus.jpeg_2000(deep), JPEG2000Lossless
        ),
    }


if __name__ == "__main__":
    main()
