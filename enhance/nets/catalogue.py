"""The networks that this service offers, without torch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from enhance.nets.architecture import SCALE, TAIL_PIXELS, Architecture, Rrdb, Srvgg
from enhance.nets.network import Network
from enhance.options import AUTO_MODEL, EnhanceOptions, QualityLevel

FEATURE_MAPS, FLOAT_BYTES = 3, 4


def body_bytes(architecture: Architecture) -> int:
    """Float32 bytes of feature maps for one input pixel at the peak: a dense block holds its
    inputs twice (apart and joined) beside the residuals around it; measured figures in
    docs/models/realesrgan.md."""
    if isinstance(architecture, Srvgg):
        return architecture.features * FLOAT_BYTES * FEATURE_MAPS
    joined = architecture.features + 4 * architecture.growth
    maps = 2 * joined + 3 * architecture.features
    return maps * FLOAT_BYTES // architecture.fold**2


def tail_bytes(architecture: Architecture) -> int:
    """Of one strip at the end of an Rrdb, which holds three maps of all features at full size."""
    if isinstance(architecture, Srvgg):
        return 0
    return TAIL_PIXELS * SCALE**2 * architecture.features * FLOAT_BYTES * FEATURE_MAPS


def _network(
    name: str, version: str, architecture: Architecture, megaflop: float, **more: str
) -> Network:
    exact_pad = architecture.receptive_radius if isinstance(architecture, Srvgg) else None
    return Network(
        name=name,
        version=version,
        scale=architecture.scale,
        exact_pad=exact_pad,
        megaflop_per_pixel=megaflop,
        bytes_per_pixel=body_bytes(architecture),
        tail_bytes=tail_bytes(architecture),
        **more,
    )


ARCHITECTURES: dict[str, Architecture] = {
    "realesrgan-x4plus": Rrdb(),
    "realesrgan-x4plus-anime": Rrdb(blocks=6),
    "realesr-animevideov3": Srvgg(),
    "realesr-general-x4v3": Srvgg(convolutions=32),
    "realesr-general-wdn-x4v3": Srvgg(convolutions=32),
    "realesrgan-x2plus": Rrdb(scale=2),
}


def _known(name: str, version: str, megaflop: float, **more: str) -> Network:
    return _network(name, version, ARCHITECTURES[name], megaflop, **more)


X4PLUS = _known("realesrgan-x4plus", "0.1.0", 35.85)
X4PLUS_ANIME = _known("realesrgan-x4plus-anime", "0.2.2.4", 11.41)
ANIMEVIDEO = _known("realesr-animevideov3", "0.2.5.0", 1.24)
# Mixed with the second network, which removes less noise, by the option `denoise`.
GENERAL = _known("realesr-general-x4v3", "0.2.5.0", 2.42, softer="realesr-general-wdn-x4v3")
X2PLUS = _known("realesrgan-x2plus", "0.2.1", 8.98)

NETWORKS: dict[str, Network] = {
    network.name: network for network in (X4PLUS, X4PLUS_ANIME, ANIMEVIDEO, GENERAL, X2PLUS)
}
# Their weights are part of what `make run` pulls.
EMBEDDED = frozenset({X4PLUS.name, X4PLUS_ANIME.name, ANIMEVIDEO.name})


@dataclass(frozen=True, kw_only=True)
class Level:
    """What a quality level means: networks in the order of preference, the border of a tile that
    has no exact one, and through how many turned and mirrored views each tile goes."""

    networks: tuple[Network, ...]
    pad: int
    views: int = 1

    @property
    def default(self) -> Network:
        """The one that is always there."""
        return self.networks[-1]


LEVELS: dict[QualityLevel, Level] = {
    "fast": Level(networks=(GENERAL, ANIMEVIDEO), pad=16),
    "medium": Level(networks=(X4PLUS,), pad=16),
    "high": Level(networks=(X4PLUS,), pad=32),
    "max": Level(networks=(X4PLUS,), pad=32, views=8),
}
# The work that a machine without a GPU may be asked for is counted in pixels of this network.
REFERENCE = LEVELS["high"].default
CHEAPEST = min(NETWORKS.values(), key=lambda network: network.megaflop_per_pixel)


def choose_network(
    options: EnhanceOptions,
    *,
    installed: Collection[str] = EMBEDDED,
    operators: Collection[Network] = (),
) -> Network:
    """The network that was named; otherwise the first of the quality level that is installed.

    `operators` are networks that this machine's operators added. Raises KeyError for a name that
    nobody knows.
    """
    if options.model != AUTO_MODEL:
        return {**NETWORKS, **{network.name: network for network in operators}}[options.model]
    if options.denoise is not None:
        return GENERAL
    level = LEVELS[options.quality_level]
    return next((known for known in level.networks if known.name in installed), level.default)
