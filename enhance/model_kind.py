"""The job kind `enhance.model_check`: a network that an operator uploaded is looked at."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from project.jobs.kinds import Kind

KEY = "enhance.model_check"


class ModelCheckSerializer(serializers.Serializer[object]):
    """The row of the network."""

    model = serializers.IntegerField(min_value=1)


MODEL_CHECK = Kind(
    key=KEY,
    label=_("Check a network"),
    params_serializer=ModelCheckSerializer,
    handler="enhance.model_check:handle",
    stages={
        "read": _("Reading the file"),
        "build": _("Building the network"),
        "measure": _("Measuring the network"),
    },
    unit=_("step"),
    errors={
        "invalid_input": _(
            "The file is no network that can be used here: it must hold nothing but the tensors of a known architecture that enlarges RGB pictures."
        ),
    },
    retryable=frozenset({"storage"}),
    units=lambda params: 3,
    service="enhance",
)
