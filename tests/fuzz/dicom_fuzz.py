"""Throw damaged DICOM files at the door of the X-ray room and count what escapes.

    python -m tests.fuzz.dicom_fuzz --inputs 20000 --seed 7

Exits with 1 when anything but a coded refusal escapes, an error quotes the file, or the process
grows beyond 800 MB. What is compressed is decoded in child processes, a tenth of a second each, so
such files are thrown more rarely.
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import resource
import sys
import time
import traceback
from collections.abc import Iterator

MAX_RSS_BYTES = 800_000_000
_COMPRESSED_SHARE = 0.03


def main() -> int:
    """Parse the command line, run, print one line a fact."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings.test")
    import django

    django.setup()
    return run(inputs=options.inputs, seed=options.seed)


def run(*, inputs: int, seed: int) -> int:
    """Receive or refuse each input as a view would, without a database."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from project.images.errors import UploadRefused
    from tests.xray.canaries import find_canaries
    from xray.ingest.receive import receive

    outcomes: collections.Counter[str] = collections.Counter()
    escaped, slowest, began = 0, 0.0, time.monotonic()
    for index, content in enumerate(damaged_films(count=inputs, seed=seed)):
        start = time.monotonic()
        try:
            receive(SimpleUploadedFile("film", content))
            outcomes["received"] += 1
        except UploadRefused as refusal:
            outcomes[refusal.code] += 1
            told = "".join(traceback.format_exception(refusal))
            if find_canaries(told):
                escaped += 1
                print(f"input {index} of seed {seed} is quoted: {told}")
        except Exception as error:  # noqa: BLE001  (finding these is its purpose)
            escaped += 1
            print(f"escaped: input {index} of seed {seed}: {error!r}")
        slowest = max(slowest, time.monotonic() - start)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{inputs} inputs in {time.monotonic() - began:.1f} s, slowest {slowest * 1e3:.0f} ms")
    print(", ".join(f"{code} {count}" for code, count in sorted(outcomes.items())))
    print(f"escaped {escaped}, largest RSS {rss / 1e6:.0f} MB")
    return int(escaped > 0 or rss > MAX_RSS_BYTES)


def damaged_films(*, count: int, seed: int) -> Iterator[bytes]:
    """The same mutations of the same films in every run."""
    from tests.fuzz.mutations import damage

    chance = random.Random(seed)
    native, compressed = _native(), _compressed()
    for _ in range(count):
        seeds = compressed if chance.random() < _COMPRESSED_SHARE else native
        content = bytearray(chance.choice(seeds))
        # Half of the damage goes into the header, most of which decides.
        if chance.random() < 0.5:
            cut = min(len(content), 132 + chance.randrange(1600))
            yield damage(content[:cut], chance) + bytes(content[cut:])
        else:
            yield damage(content, chance)


def _native() -> list[bytes]:
    from pydicom.uid import (
        DeflatedExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        ImplicitVRLittleEndian,
    )

    from tests.xray import canaries
    from tests.xray.ingest import corpus

    small = canaries.film(40, 30)
    return [
        canaries.dicom(small),
        canaries.dicom(small, WindowCenter=["100", "90"], WindowWidth=["50", "60"]),
        canaries.dicom(small, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=0),
        corpus.native_file(syntax=ImplicitVRLittleEndian, RescaleSlope="2", RescaleIntercept="-9"),
        corpus.native_file(syntax=ExplicitVRBigEndian),
        corpus.native_file(syntax=DeflatedExplicitVRLittleEndian),
        corpus.native_file(bits=16),
        corpus.with_tables(),
        corpus.jpeg_file(),
    ]


def _compressed() -> list[bytes]:
    from pydicom.uid import JPEGLSLossless, RLELossless

    from tests.xray import canaries
    from tests.xray.ingest import corpus

    small = canaries.dicom(canaries.film(40, 30))
    return [
        corpus.by_pydicom(small, RLELossless),
        corpus.by_pydicom(small, JPEGLSLossless),
        corpus.jpeg_2000_file(),
    ]


if __name__ == "__main__":
    sys.exit(main())
