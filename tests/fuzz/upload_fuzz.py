"""`make fuzz`: throw damaged pictures at the intake and count what escapes.

    python -m tests.fuzz.upload_fuzz --inputs 100000 --seed 7

Exits with 1 when an exception other than a coded refusal escapes or the process grows beyond
600 MB. The database and the files are throw-away.
"""

from __future__ import annotations

import argparse
import collections
import os
import platform
import resource
import sys
import time

MAX_RSS_BYTES = 600_000_000


def main() -> int:
    """Parse the command line, run, print one line a fact."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings.test")
    import django

    django.setup()
    print(hardware())
    return run(inputs=options.inputs, seed=options.seed)


def hardware() -> str:
    """The machine, in words."""
    import PIL

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (
        f"{platform.machine()}, {os.cpu_count()} CPUs, {memory / 1e9:.0f} GB, "
        f"Python {platform.python_version()}, Pillow {PIL.__version__}"
    )


def run(*, inputs: int, seed: int) -> int:
    """Accept or refuse each input as a view would, without a database."""
    from project.images.errors import UploadRefused
    from project.images.intake import DEFAULT_POLICY, Metadata, Policy, prepare_upload
    from tests.fuzz.mutations import damaged_files
    from tests.images.samples import ALL_EXTENSIONS, upload

    strict, keeping = (
        Policy(
            extensions=ALL_EXTENSIONS,
            max_bytes=DEFAULT_POLICY.max_bytes,
            keep=keep,
            lossless=lossless,
            first_frame_only=lossless,
        )
        for keep, lossless in ((frozenset[Metadata](), False), (frozenset(Metadata), True))
    )
    outcomes: collections.Counter[str] = collections.Counter()
    escaped, slowest, began = 0, 0.0, time.monotonic()
    for index, (name, content) in enumerate(damaged_files(count=inputs, seed=seed)):
        start = time.monotonic()
        try:
            prepare_upload(upload(content, name), (strict, keeping)[index % 2])
            outcomes["accepted"] += 1
        except UploadRefused as refusal:
            outcomes[refusal.code] += 1
        except Exception as error:  # noqa: BLE001  (finding these is its purpose)
            escaped += 1
            print(f"escaped: input {index} of seed {seed}: {error!r}")
        slowest = max(slowest, time.monotonic() - start)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{inputs} inputs in {time.monotonic() - began:.1f} s, slowest {slowest * 1e3:.0f} ms")
    print(", ".join(f"{code} {count}" for code, count in sorted(outcomes.items())))
    print(f"escaped exceptions {escaped}, largest RSS {rss / 1e6:.0f} MB")
    return int(escaped > 0 or rss > MAX_RSS_BYTES)


if __name__ == "__main__":
    sys.exit(main())
