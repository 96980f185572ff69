"""Seconds, bytes and memory of the exports of one chest X-ray report.

    python -m tests.bench.xray_exports_bench [--sides 1024 2048 7000] [--runs 7]

Prints a Markdown table for a drawn film of each side with its heat map: reading both PNGs as a
request does, then each export, in CPU-seconds of the median run. The goal is a PDF within one
second (design 06, X11); the exit code says whether it is met. The first run also loads the
libraries and is shown apart. Not part of the test suite: timings do not belong there.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
GOAL_SECONDS = 1.0


def main() -> None:
    """Measure each side in a process of its own, so that its memory is its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sides", type=int, nargs="+", default=[1024, 2048, 7000])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        sys.exit(measure(arguments.one, arguments.runs))
    print("| side | export | first CPU-s | median CPU-s | median wall s | kB | peak MB |")
    print("|---|---|---|---|---|---|---|", flush=True)
    failed = 0
    for side in arguments.sides:
        command = [sys.executable, "-m", __spec__.name, "--one", str(side)]
        command += ["--runs", str(arguments.runs)]
        failed |= subprocess.run(command, cwd=ROOT, check=False).returncode
    sys.exit(failed)


def _stored(content: bytes, side: int) -> bytes:
    """The drawn picture at another size, in 8 bits all the time: the peak is to be the exports'."""
    with Image.open(io.BytesIO(content)) as image:
        large = image.resize((side, side), Image.Resampling.BICUBIC)
    stream = io.BytesIO()
    large.save(stream, "PNG", compress_level=2)
    return stream.getvalue()


def measure(side: int, runs: int) -> int:
    """The lines of one side; 1 when the PDF misses its goal."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings.test"
    import django

    django.setup()
    from tests.xray.factories import draw_film, draw_heatmap, grey_png, make_envelope
    from xray.exports import overlay
    from xray.exports.json_report import as_json
    from xray.exports.pictures import Pictures

    stored = tuple(_stored(grey_png(draw(320, 320)), side) for draw in (draw_film, draw_heatmap))
    envelopes = {language: make_envelope(language=language) for language in ("en", "zh-hans")}

    def pictures() -> Pictures:
        film, heat = (overlay.read_grey(content) for content in stored)
        return Pictures(film=film, heatmaps={"pneumonia": heat})

    def pdf(language: str) -> bytes:
        from xray.exports.pdf import as_pdf

        return as_pdf(envelopes[language], pictures())

    def capture() -> bytes:
        from xray.exports.dicom_sc import as_secondary_capture

        return as_secondary_capture(envelopes["en"], pictures())

    def structured() -> bytes:
        from xray.exports.dicom_sr import as_sr

        return as_sr(envelopes["en"])

    def fhir() -> bytes:
        from xray.exports.fhir import as_fhir

        return repr(as_fhir(envelopes["en"])).encode()

    def painted() -> bytes:
        shown = pictures()
        assert shown.film is not None
        return overlay.as_png(overlay.paint(shown.film, shown.heatmaps["pneumonia"], contour=True))

    exports: dict[str, Callable[[], bytes]] = {
        "overlay PNG": painted,
        "PDF en": lambda: pdf("en"),
        "PDF zh": lambda: pdf("zh-hans"),
        "secondary capture": capture,
        "SR TID 1500": structured,
        "FHIR": fhir,
        "JSON": lambda: as_json(envelopes["en"]),
    }
    missed = False
    for name, export in exports.items():
        cpu, wall, size = [], [], 0
        for _ in range(runs + 1):
            began = time.process_time(), time.perf_counter()
            size = len(export())
            cpu.append(time.process_time() - began[0])
            wall.append(time.perf_counter() - began[1])
        median = statistics.median(cpu[1:])
        missed |= name.startswith("PDF") and median > GOAL_SECONDS
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"| {side} | {name} | {cpu[0]:.3f} | {median:.3f} |"
            f" {statistics.median(wall[1:]):.3f} | {size / 1000:.0f} | {peak:.0f} |",
            flush=True,
        )
    return int(missed)


if __name__ == "__main__":
    main()
