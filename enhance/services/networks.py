"""Which networks this server has, and which of them a choice of options means."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from enhance.nets.catalogue import EMBEDDED, GENERAL, LEVELS, NETWORKS, choose_network
from enhance.nets.network import Network
from enhance.operator_models import operator_networks
from enhance.options import AUTO_MODEL, EnhanceOptions, QualityLevel
from project.errors import ServiceError
from project.inference.weight_store import WeightStore, configured_store
from project.inference.weights import WeightsEntry


@dataclass(frozen=True, kw_only=True)
class InstalledNetwork:
    """One network, the weights entry behind it, and whether that is on disk.

    `quality_levels` choose it, none where only its name does. `task` is what it does.
    """

    quality_levels: tuple[QualityLevel, ...]
    scale: int
    entry: WeightsEntry
    state: str
    embedded: bool
    task: str = "background"

    @property
    def command(self) -> str | None:
        """What an operator runs to repair it, or None when nothing is to be done."""
        return None if self.state == "present" else pull_command(self.entry.name)


def pull_command(*names: str) -> str:
    """What an operator runs to fetch weights."""
    return f"manage.py models pull {' '.join(names)}"


def installed_networks() -> list[InstalledNetwork]:
    """Every network of the catalogue; compares sizes only, so it is cheap enough for a page."""
    store = configured_store()
    found = []
    for network in NETWORKS.values():
        status = store.status(network.name)
        found.append(
            InstalledNetwork(
                quality_levels=tuple(
                    level for level, means in LEVELS.items() if network in means.networks
                ),
                scale=network.scale,
                entry=status.entry,
                state=status.state,
                embedded=network.name in EMBEDDED,
            )
        )
    return found


def chosen_network(options: EnhanceOptions) -> Network:
    """The network of these options as this server would run them.

    Weights of the embedded set are taken for granted: a job without them fails with the remedy.
    Raises ServiceError 422: `model_missing` for a network that is fetched on request and was
    not, `denoise_unavailable` for a strength that the network does not have, or whose weights
    are missing.
    """
    store = configured_store()
    operators = [] if options.model in (AUTO_MODEL, *NETWORKS) else operator_networks()
    try:
        network = choose_network(options, installed=_present(store), operators=operators)
    except KeyError:
        raise ServiceError(
            _("This network is not offered any more."), code="model_missing", status=422
        ) from None
    if options.denoise is not None:
        _check_denoise(store, network)
    elif network.name in NETWORKS and network.name not in EMBEDDED:
        _check_present(store, network.name)
    return network


def missing_for_denoise() -> list[str]:
    """Weights without which the option `denoise` cannot be used."""
    return _missing(configured_store(), GENERAL.name, GENERAL.softer)


def _present(store: WeightStore) -> frozenset[str]:
    optional = (network for network in NETWORKS.values() if network.name not in EMBEDDED)
    found = {network.name for network in optional if not _missing(store, network.name)}
    return EMBEDDED | found


def _missing(store: WeightStore, *names: str) -> list[str]:
    return [name for name in names if not store.status(name).present]


def _check_present(store: WeightStore, name: str) -> None:
    if _missing(store, name):
        raise ServiceError(
            _("The weights of the network %(network)s are not installed on this server. An operator can fetch them with: %(command)s")
            % {"network": name, "command": pull_command(name)},
            code="model_missing",
            status=422,
            extra={"command": pull_command(name)},
        )  # fmt: skip


def _check_denoise(store: WeightStore, network: Network) -> None:
    if not network.softer:
        raise ServiceError(
            _("Only the network %(network)s can choose how much noise it removes.")
            % {"network": GENERAL.name},
            code="denoise_unavailable",
            status=422,
            extra={"allowed_models": [GENERAL.name]},
        )
    missing = _missing(store, network.name, network.softer)
    if missing:
        command = pull_command(*missing)
        raise ServiceError(
            _("Choosing how much noise is removed needs two networks that are not installed on this server. An operator can fetch them with: %(command)s")
            % {"command": command},
            code="denoise_unavailable",
            status=422,
            extra={"command": command},
        )  # fmt: skip
