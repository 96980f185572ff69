"""The job kind `enhance.photo`: its stages, its errors in words, its cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enhance.face import describe, title_contains
from enhance.nets.catalogue import NETWORKS
from enhance.nets.network import Network
from enhance.options import EnhanceOptions
from enhance.plan import Limits, Plan, make_plan
from enhance.policy import intake_warnings
from enhance.serializers import ParamsSerializer
from project.errors import ServiceError
from project.jobs.kinds import Kind

if TYPE_CHECKING:
    from project.jobs.models import Job

KEY = "enhance.photo"

STAGES = {
    "decode": _("Reading the picture"),
    "loading_model": _("Loading the network"),
    "detect": _("Looking for faces"),
    "background": _("Enlarging"),
    "resample": _("Bringing it to the exact size"),
    "faces": _("Restoring faces"),
    "paste": _("Putting the faces in"),
    "encode": _("Writing the result"),
}
# Codes that every kind shares are in project.jobs.codes; these say what to do here.
ERRORS = {
    "model_unavailable": _(
        "The weights of the network are missing on this server. An operator can fetch them with: manage.py models pull --embedded"
    ),
    "face_model_missing": _(
        "The weights of the face network are missing on this server. An operator can fetch them with: manage.py models pull gfpgan-1.4"
    ),
    "out_of_memory": _(
        "The picture does not fit into memory even in small tiles. Try quality fast or a smaller picture."
    ),
    "invalid_output": _(
        "The network returned no usable picture. Please try again or choose another quality."
    ),
    "invalid_input": _(
        "The stored original cannot be read any more. Please upload it again."
    ),
    "deadline_exceeded": _(
        "The enlargement took longer than this server allows. Try quality fast or a smaller picture."
    ),
    "cancelled": _("The enlargement was cancelled."),
}  # fmt: skip
# The limits were applied at submit; what was accepted then must run now.
_ACCEPTED = Limits(output_pixels=2**62, high_quality_cpu_pixels=2**62)


def params_for(
    plan: Plan,
    options: EnhanceOptions,
    *,
    source_format: str,
    bit_depth: int,
    has_alpha: bool = False,
) -> dict[str, Any]:
    """What the job row keeps: enough to make the same plan again.

    `bit_depth` and `has_alpha` are those of the source. A network of the catalogue is kept by
    name, one of the operators as it was when the job was queued.
    """
    known = NETWORKS.get(plan.net.name) == plan.net
    return {
        **options.as_json(),
        "width": plan.passes[0].width,
        "height": plan.passes[0].height,
        "source_format": source_format,
        "bit_depth": bit_depth,
        "has_alpha": has_alpha,
        "device": plan.device,
        "passes": len(plan.passes),
        "tile": plan.passes[0].tile,
        "network": plan.net.name if known else plan.net.as_json(),
    }


def options_of(params: Mapping[str, Any]) -> EnhanceOptions:
    """The options part of the parameters; an option that is younger than the job has its default."""
    known = EnhanceOptions.__dataclass_fields__
    return EnhanceOptions(**{name: params[name] for name in known if name in params})


def plan_of(params: Mapping[str, Any]) -> Plan:
    """The plan that was accepted at submit."""
    # Jobs without a depth are older than WEBP as a result; they were planned as PNG.
    is_old = "bit_depth" not in params
    source_format = params["source_format"]
    options = options_of(params)
    if "tile" in params:
        options = replace(options, tile_size=params["tile"])
    return make_plan(
        width=params["width"],
        height=params["height"],
        source_format="PNG" if is_old and source_format == "WEBP" else source_format,
        bit_depth=params.get("bit_depth", 8),
        has_alpha=params.get("has_alpha", False),
        network=_network_of(params),
        options=options,
        limits=_ACCEPTED,
        device=params["device"],
        max_passes=params["passes"],
    )


def _network_of(params: Mapping[str, Any]) -> Network | None:
    """The one that was chosen at submit; None for a job that is older than that record."""
    kept = params.get("network")
    if isinstance(kept, str):
        return NETWORKS[kept]
    return None if kept is None else Network.of_json(kept)


def download_path(job: Job) -> str:
    """Where clients fetch the result."""
    return reverse("enhance_api:download", args=[job.pk])


def resubmit(old: Job, new: Job) -> None:
    """A retry works on the same stored original. Raises ServiceError `source_gone` (409)."""
    from enhance.models import Enhancement

    previous = Enhancement.objects.select_related("source").get(job=old)
    if previous.source is None:
        raise ServiceError(
            gettext("The original has been deleted. Please upload it again."),
            code="source_gone",
            status=409,
        )
    Enhancement.objects.create(
        id=new.pk,
        job=new,
        source=previous.source,
        source_name=previous.source_name,
        options=options_of(new.params).as_json(),
        plan=plan_of(new.params).as_json(),
        warnings=intake_warnings(previous.source),
    )


PHOTO = Kind(
    key=KEY,
    label=_("Enlarge a photo"),
    params_serializer=ParamsSerializer,
    handler="enhance.handler:handle",
    stages=STAGES,
    unit=_("tile"),
    errors=ERRORS,
    units=lambda params: plan_of(params).units,
    rate_bucket=lambda params: plan_of(params).rate_bucket,
    retryable=frozenset({"storage"}),
    result_url=lambda job: download_path(job) if job.state == "succeeded" else None,
    resubmit=resubmit,
    service="enhance",
    describe=describe,
    title_contains=title_contains,
)
