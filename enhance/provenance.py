"""Where a result comes from, line by line: network, machine, time, file, marking."""

from __future__ import annotations

from django.utils.translation import gettext as _

from enhance.marking import marking_payload
from enhance.models import Enhancement
from enhance.plan import NO_NETWORK
from enhance.words import DEVICES, NUMBER_FORMATS, Fact, stage_word
from project.inference import weights
from project.inference.errors import ModelUnavailable


def provenance_facts(row: Enhancement) -> list[Fact]:
    """Network, licence, device and number format; of a finished one also file and marking."""
    network = row.plan["network"]
    device = row.plan["device"]
    facts = [
        Fact(label=_("Network"), value=_network_word(network)),
        *_versions(row),
        *_licence(network),
        Fact(label=_("Device"), value=str(DEVICES.get(device, device))),
    ]
    if row.dtype:
        facts.append(
            Fact(label=_("Number format"), value=str(NUMBER_FORMATS.get(row.dtype, row.dtype)))
        )
    if row.plan["passes"]:
        facts.append(Fact(label=_("Tiles"), value=_tiles(row)))
    if row.result is not None:
        facts += [
            *_marking(row),
            Fact(label=_("sha256 of the file"), value="", code=row.result.sha256),
        ]
    return facts


def stage_seconds(row: Enhancement) -> list[Fact]:
    """Seconds by stage as the worker measured them."""
    return [
        Fact(label=stage_word(stage), value=_("%(seconds)s s") % {"seconds": f"{value:.1f}"})
        for stage, value in row.timings.items()
    ]


def _versions(row: Enhancement) -> list[Fact]:
    versions = row.job.model_versions
    return [
        Fact(label=_("Version"), value=name if len(versions) > 1 else "", code=str(version))
        for name, version in versions.items()
    ]


def _network_word(network: str) -> str:
    return _("none, the picture was only resampled") if network == NO_NETWORK else network


def _licence(network: str) -> list[Fact]:
    """A network that is no longer offered has no licence to show."""
    try:
        entry = weights.get(network)
    except ModelUnavailable:
        return []
    use = _("commercial use allowed") if entry.commercial else _("not for commercial use")
    return [Fact(label=_("Licence"), value=f"{entry.licence} · {use}")]


def _tiles(row: Enhancement) -> str:
    steps = [
        _("%(columns)s × %(rows)s of %(tile)s + %(pad)s pixels") % step
        for step in row.plan["passes"]
    ]
    return " · ".join(steps)


def _marking(row: Enhancement) -> list[Fact]:
    """The IPTC term, and whether the file is signed; a row without a marking is older than that."""
    marking = marking_payload(row.marking)
    if marking["c2pa"] == "signed":
        signed = _("Signed by %(signer)s (C2PA)") % {"signer": marking["signer"]}
    else:
        signed = _("Not signed: %(reason)s") % {"reason": marking["detail"]}
    term = str(marking["iptc"]).rsplit("/", 1)[-1]
    return [
        Fact(label=_("Marking"), value=_("Edited with generative AI (IPTC)"), code=term),
        Fact(label=_("Content credentials"), value=signed),
    ]
