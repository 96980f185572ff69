"""X5 and X11: upload to report with heat map, and the PDF, through the real processes, idle.

python -m tests.bench.xray.stack --model FILE [--films 25]

One film after the other, none of them twice. The clock runs from the first byte of the upload until
the API shows the report; the heat map is fetched to see that it is there.
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.bench.enhance import hardware
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.report import Report
from tests.bench.xray.films import composite
from tests.measure.deployment import deployment
from tests.measure.host import load, percentile
from tests.measure.people import person
from tests.measure.waits import follow

MOST_MEDIAN_SECONDS, MOST_P95_SECONDS, MOST_PDF_SECONDS = 2.0, 4.0, 1.0
PATIENCE_SECONDS = 120
LOOK_EVERY_SECONDS = 0.05
# The product takes 30 films a minute of one user.
FILMS_OF_ONE_USER = 25
STUDIES = "/api/v1/xray/studies/"


def serve(model: Path) -> None:
    """Let `model` be the active version of this throw-away deployment, unless it is so already.

    A provisional classifier meets no goals, so the row is written here, past the service; its
    formats are verified as those of any other version.
    """
    import hashlib

    from tests.bench.xray.films import framed
    from xray.models import ModelVersion
    from xray.pipeline.checkpoint import load_classifier, read_calibration
    from xray.pipeline.imported import Given
    from xray.services.import_version import import_version
    from xray.training.formats import format_differences

    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    if ModelVersion.objects.filter(sha256=digest, status="active").exists():
        return
    import torch

    row = import_version(
        path=model, version="bench", given=Given(224, (0.5,), (0.25,)), command="", trained_on=""
    )
    network, spec = load_classifier(model)
    calibration = read_calibration(model)
    films = torch.stack([torch.from_numpy(film) for film in framed(16, spec.px)[0]])
    formats = format_differences(network, spec, films, calibration)
    ModelVersion.objects.filter(status="active").update(status="retired")
    ModelVersion.objects.filter(pk=row.pk).update(
        status="active",
        calibration=calibration.as_json(),
        metrics={"holdout": {"formats": formats}},
    )


def measure(report: Report, url: str, *, films: int) -> None:
    """Warm, then one after the other."""
    client = person("warm").client(url)
    first = _once(client, 0)
    report.add("first film after the start", first["seconds"], "s")
    seen, pdf = [], []
    for number in range(1, films + 1):
        if number % FILMS_OF_ONE_USER == 1:
            client = person(f"reader{number}").client(url)
        done = _once(client, number)
        seen.append(done["seconds"])
        began = time.perf_counter()
        client.get(f"{STUDIES}{done['id']}/report.pdf").raise_for_status()
        pdf.append(time.perf_counter() - began)
    report.at_most(f"X5 upload to report with heat map, median of {films}", statistics.median(seen), MOST_MEDIAN_SECONDS, "s", detail=seen)  # fmt: skip
    report.at_most("X5 upload to report with heat map, p95", percentile(seen, 0.95), MOST_P95_SECONDS, "s")  # fmt: skip
    report.at_most("X11 PDF, p95", percentile(pdf, 0.95), MOST_PDF_SECONDS, "s", detail=pdf)
    stages = _stages(done["id"])
    report.add("stages of the last film", json.dumps(stages))
    report.add("host", load())


def _once(client: httpx.Client, seed: int) -> dict[str, Any]:
    content = composite(seed)
    began = time.perf_counter()
    files = {"file": ("film.png", io.BytesIO(content), "image/png")}
    answer = client.post(STUDIES, files=files, data={"mode": "structured"}).raise_for_status()
    study = str(answer.json()["study_id"])
    follow(client, study, seconds=PATIENCE_SECONDS, every=LOOK_EVERY_SECONDS)
    report = client.get(f"{STUDIES}{study}/report.json").raise_for_status().json()
    seconds = time.perf_counter() - began
    (finding,) = report["ai_findings"]
    if not finding["heatmap"]:
        raise RuntimeError(f"the classifier sees nothing to explain: p = {finding['probability']}")
    client.get(f"{STUDIES}{study}/heatmap/{finding['label']}.png").raise_for_status()
    return {"id": study, "seconds": seconds}


def _stages(study: str) -> dict[str, float]:
    from xray.models import Study

    found: dict[str, float] = Study.objects.get(pk=study).timings
    return found


def main() -> int:
    """Command line; the exit code."""
    options = parser(__doc__, films=25)
    options.add_argument("--model", type=Path, required=True)
    arguments = options.parse_args()
    report = Report(f"stack, {hardware.describe()}", file=arguments.json)
    with deployment() as stack:
        stack.enter()
        serve(arguments.model)
        measure(report, stack.url, films=arguments.films)
    return bool(report.missed)


if __name__ == "__main__":
    sys.exit(main())
