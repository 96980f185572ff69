"""`manage.py xray_gate`: the share of a pack or a folder of pictures that the gate refuses."""

from __future__ import annotations

import hashlib
import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from xray.services.shipped import shipped_gate

DATA_VARIABLE = "OMNILENS_XRAY_DATA"
LABELS = "labels.csv"
PARTS = ("all", "train", "validation", "heldout")
# Beside pictures, a folder may hold notes and checksums; these are not counted.
NOT_PICTURES = {".txt", ".md", ".csv", ".json", ".sha256", ".html", ".xml", ".npy"}


class Command(BaseCommand):
    """Every picture takes the path of an upload: door, cheap checks, network."""

    help = "Measure which share of a data pack or a folder of pictures the gate refuses, and why."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A pack has labels.csv; any other folder is taken as pictures."""
        parser.add_argument(
            "--data", type=Path, default=os.environ.get(DATA_VARIABLE),
            help=f"folder or tar with {LABELS}, or a folder of pictures",
        )  # fmt: skip
        parser.add_argument(
            "--gate", type=Path, default=shipped_gate(), help="default: the shipped file"
        )
        parser.add_argument(
            "--part", choices=PARTS, default="all",
            help="of a pack, parted by patient as for training the gate with --seed",
        )  # fmt: skip
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--list", action="store_true", help="name each refused picture")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **given: Any) -> None:
        """Judge all, then sum up."""
        del args
        from xray.gate_share import Judged, judged, summed_up
        from xray.pipeline.checkpoint import CheckpointError
        from xray.pipeline.gate import load_gate
        from xray.training.packs import PackError

        if given["data"] is None:
            raise CommandError(f"say where the pictures are: --data or {DATA_VARIABLE}")
        refused: list[Judged] = []

        def noted(outcomes: Iterator[Judged]) -> Iterator[Judged]:
            for one in outcomes:
                if one.code:
                    refused.append(one)
                yield one

        try:
            gate = load_gate(given["gate"])
            pictures = _pictures(Path(given["data"]), given["part"], given["seed"])
            told = summed_up(noted(judged(pictures, gate)))
        except (PackError, CheckpointError, OSError) as error:
            raise CommandError(str(error)) from error
        except ValueError as error:
            raise CommandError(f"{given['data']} holds no picture") from error
        told |= {
            "part": given["part"],
            "gate_sha256": hashlib.sha256(given["gate"].read_bytes()).hexdigest(),
        }
        if given["list"]:
            told["refused_pictures"] = [
                {"name": one.name, "code": one.code, "stage": one.stage, "detail": one.detail,
                 "score": one.score, "repair": one.repair}
                for one in refused
            ]  # fmt: skip
        self._tell(told, as_json=given["json"])

    def _tell(self, told: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(told, indent=2))
            return
        for name, share in {"refused": told["refused"], **told["by_reason"]}.items():
            low, high = share["ci95"]
            self.stdout.write(
                f"{name}: {share['count']} of {told['n']}"
                f" ({share['share']:.2%}, 95 % {low:.2%} to {high:.2%})"
            )
        for check, count in told["by_check"].items():
            self.stdout.write(f"  {check}: {count}")
        for one in told.get("refused_pictures", ()):
            score = "" if one["score"] is None else f" score {one['score']:.4f}"
            self.stdout.write(
                f"  {one['name']}: {one['code']} ({one['stage']} {one['detail']}{score})"
            )


def _pictures(path: Path, part: str, seed: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the wanted part of a pack, or of a folder without labels.csv."""
    from xray.training.gate_data import parts_of
    from xray.training.packs import PackError, open_pack

    if path.is_dir() and not (path / LABELS).is_file():
        if part != "all":
            raise PackError(f"{path} has no {LABELS}: it cannot be parted")
        for file in sorted(path.rglob("*")):
            if file.is_file() and file.suffix.lower() not in NOT_PICTURES:
                yield str(file.relative_to(path)), file.read_bytes()
        return
    pack = open_pack(path)
    rows = pack.rows if part == "all" else parts_of(pack, seed=seed).rows[part]
    for row in rows:
        yield row.path, pack.read(row.path)
