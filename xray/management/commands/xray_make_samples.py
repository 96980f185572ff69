"""`manage.py xray_make_samples`: two composite radiographs of nobody, for demo and tests."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from xray.management.data_argument import add_data_argument, opened_pack, rows_of

NORMAL, OPACITY = "composite-normal.png", "composite-opacity.png"
# As many as there are normal ones: more would need more memory and show nothing else.
MOST_SICK = 1200


class Command(BaseCommand):
    """Refuses to write a composite in which a training film could be recognised."""

    help = "Make two composite radiographs from the statistics of the training films."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The films, the folder and what the two pictures depend on."""
        add_data_argument(parser)
        parser.add_argument("--out", type=Path, default=Path("xray/samples"))
        parser.add_argument("--seed", type=int, default=3)
        parser.add_argument("--opacity-seed", type=int, default=4)

    def handle(self, *args: Any, **given: Any) -> None:
        """Statistics, two pictures, the nearest film of each."""
        del args
        import numpy as np

        from xray.pipeline.preprocess import frame
        from xray.training.composites import (
            COMPONENTS,
            LARGEST_CORRELATION,
            PX,
            SPREAD,
            basis_of,
            composite,
            nearest,
            shown,
            with_opacity,
        )

        pack = opened_pack(given)
        _, rows = rows_of(pack, "train", seed=0)
        films = np.stack([frame(pack.film(row), PX).pixels.ravel() for row in rows])
        normal = films[[not row.sick for row in rows]].astype(np.float64)
        sick = films[[row.sick for row in rows]][:MOST_SICK].astype(np.float64)
        pictures = {
            NORMAL: composite(basis_of(normal), seed=given["seed"]),
            OPACITY: with_opacity(composite(basis_of(sick), seed=given["opacity_seed"])),
        }
        found = {name: nearest(film, films.astype(np.float64)) for name, film in pictures.items()}
        for name, correlation in found.items():
            if correlation >= LARGEST_CORRELATION:
                raise CommandError(
                    f"{name}: a training film correlates by {correlation:.3f}; take another seed"
                )
        out: Path = given["out"]
        out.mkdir(parents=True, exist_ok=True)
        for name, film in pictures.items():
            shown(film).save(out / name, optimize=True)
        told = {
            "made_by": "manage.py xray_make_samples",
            "data_sha256": pack.digest(rows),
            "films": {NORMAL: len(normal), OPACITY: len(sick)},
            "components": COMPONENTS,
            "spread": SPREAD,
            "seeds": {NORMAL: given["seed"], OPACITY: given["opacity_seed"]},
            "nearest_training_film": {name: round(value, 4) for name, value in found.items()},
        }
        (out / "samples.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")
        self.stdout.write(json.dumps(told, indent=2))
