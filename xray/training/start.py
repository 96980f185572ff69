"""The weights that training starts from."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from xray.pipeline.checkpoint import load_classifier
from xray.pipeline.network import classifier


def starting_network(init: str) -> nn.Module | None:
    """None for `none`: random weights, drawn with the recipe's seed. A path: that classifier.

    `imagenet` fetches torchvision's weights by URL and keeps all but the last layer. Raises
    CheckpointError for a file of another kind and OSError where the weights cannot be fetched.
    """
    if init == "none":
        return None
    if init != "imagenet":
        return load_classifier(Path(init))[0]
    from torchvision.models import ResNet50_Weights

    network = classifier()
    state = ResNet50_Weights.IMAGENET1K_V2.get_state_dict(progress=False, check_hash=True)
    network.load_state_dict(
        {name: tensor for name, tensor in state.items() if not name.startswith("fc.")},
        strict=False,
    )
    return network
