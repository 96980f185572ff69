"""Networks that operators of this server added, as the rest of the service sees them.

Rows are read when somebody asks: a network works in every process as soon as its check ended,
and after every restart, without being registered anywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from enhance.nets.network import Network

if TYPE_CHECKING:
    from enhance.operator_model import EnhanceModel
    from project.inference.registry import ModelSpec
    from project.inference.weights import WeightsEntry


def is_operator_model(name: str) -> bool:
    """Whether everybody may choose it now."""
    from enhance.operator_model import EnhanceModel

    return EnhanceModel.objects.offered().filter(name=name).exists()


def operator_networks() -> list[Network]:
    """Those that everybody may choose now, by name."""
    from enhance.operator_model import EnhanceModel

    return [row.network for row in EnhanceModel.objects.offered()]


def resolve_spec(host_name: str) -> ModelSpec | None:
    """For the registry of models. A network that was disabled still serves what was queued."""
    row = _row_of(host_name)
    return None if row is None else row.spec()


def resolve_weights(host_name: str) -> WeightsEntry | None:
    """For the weights manifest."""
    row = _row_of(host_name)
    return None if row is None else row.weights()


def keys_of_models(keys: Collection[str]) -> set[str]:
    """Those of the storage keys that belong to a network; the sweep of orphans leaves them."""
    from enhance.operator_model import EnhanceModel

    owned: set[str] = set()
    for field in ("file", "upload"):
        found = EnhanceModel.objects.filter(**{f"{field}__in": keys})
        owned |= set(found.values_list(field, flat=True))
    return owned


def _row_of(host_name: str) -> EnhanceModel | None:
    from enhance.operator_model import HOST_PREFIX, EnhanceModel

    name, _, digest = host_name.removeprefix(HOST_PREFIX).rpartition("-")
    if not host_name.startswith(HOST_PREFIX) or not name:
        return None
    return EnhanceModel.objects.checked().filter(name=name, sha256__startswith=digest).first()
