"""Fact sheets for the verifier's tests, and the three sets of sentences and answers."""

import json
from pathlib import Path

from tests.xray.factories import make_facts, make_finding
from xray.labels import Region, Side

HERE = Path(__file__).parent
SHEETS = {
    "above": {},
    "left_upper": {"probability": 0.731, "interval": (0.66, 0.79), "region": Region.LEFT_UPPER},
    "nowhere": {"region": Region.UNSPECIFIED, "inside_share": 0.31},
    "borderline": {"probability": 0.452, "interval": (0.391, 0.513)},
    "just_below": {"probability": 0.421, "interval": (0.36, 0.48)},
    "below": {"probability": 0.031, "interval": (0.012, 0.064)},
    "below_placed": {
        "probability": 0.031, "interval": (0.012, 0.064), "region": Region.LEFT_LOWER,
        "inside_share": 0.41,
    },
}  # fmt: skip


def sheet(name):
    """One of the fact sheets that `sentences.json` names."""
    return make_facts(findings=(make_finding(**SHEETS[name]),), warnings=(), indication="")


def facts_of(given):
    """The fact sheet of an answer in the truthful and adversarial sets."""
    probability = given["probability"]
    finding = make_finding(
        probability=probability,
        operating_point=given["operating_point"],
        interval=(max(0.0, probability - 0.03), min(1.0, probability + 0.03)),
        band=given["band"],
        region=Region(given["region"]),
        side=Side(given["side"]),
        inside_share=0.734 if given["region"] != "unspecified" else None,
    )
    prior = "r-0" if given["prior"] else ""
    return make_facts(findings=(finding,), indication="", warnings=(), prior_report_id=prior)


def load(name):
    """The parsed file `name`.json beside this module."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
