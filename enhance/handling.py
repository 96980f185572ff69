"""How one request is to be answered; nothing here changes a pixel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

MIN_TTL_SECONDS = 60
MAX_TTL_SECONDS = 366 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Handling:
    """`use_cache`: an equal earlier result may be the answer. `ttl_seconds`: how long original
    and result are kept, from the submit on; None means the server's own time. `sync`: the client
    waits for the picture."""

    use_cache: bool = True
    ttl_seconds: int | None = None
    sync: bool = False

    def expires_at(self, now: datetime) -> datetime | None:
        """When the pictures of a request made `now` go, if its owner said so."""
        return None if self.ttl_seconds is None else now + timedelta(seconds=self.ttl_seconds)


class HandlingSerializer(serializers.Serializer[Handling]):
    """The fields of a request that are no options of the picture."""

    cache = serializers.BooleanField(
        default=True,
        help_text=_("Answer with your own earlier result of the same file and options, if any."),
    )
    ttl = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=MIN_TTL_SECONDS,
        max_value=MAX_TTL_SECONDS,
        help_text=_("Seconds after which original and result are deleted."),
    )
    sync = serializers.BooleanField(
        default=False,
        help_text=_("Wait up to 30 seconds and answer with the picture itself, else with 202."),
    )


def split_handling(data: Mapping[str, Any]) -> tuple[Handling, dict[str, Any]]:
    """The handling that `data` asks for, and the rest of `data`.

    Raises rest_framework ValidationError.
    """
    names = set(HandlingSerializer().fields)
    given = {name: data[name] for name in names & set(data) if data[name] not in ("", None)}
    serializer = HandlingSerializer(data=given)
    serializer.is_valid(raise_exception=True)
    valid = serializer.validated_data
    rest = {name: value for name, value in data.items() if name not in names}
    return (
        Handling(use_cache=valid["cache"], ttl_seconds=valid["ttl"], sync=valid["sync"]),
        rest,
    )
