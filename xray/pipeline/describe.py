"""What a classifier is made of, counted from the network itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

from torch import nn

from xray.pipeline.checkpoint import InputSpec
from xray.pipeline.network import ARCHITECTURE


def describe(network: nn.Module, spec: InputSpec) -> dict[str, Any]:
    """Parameters, layers by kind, classes and input."""
    kinds = Counter(
        type(layer).__name__ for layer in network.modules() if not list(layer.children())
    )
    weighted = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    return {
        "architecture": ARCHITECTURE,
        "parameters": sum(tensor.numel() for tensor in network.parameters()),
        "layers": {"with_weights": len(weighted), **dict(sorted(kinds.items()))},
        "classes": list(spec.classes),
        "input": {
            "channels": 3,
            "px": spec.px,
            "mean": spec.mean,
            "std": spec.std,
        },
    }
