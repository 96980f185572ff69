"""Networks in miniature from a seed, in the real model host: no weights, no download."""

from __future__ import annotations

from enhance.nets.architecture import Rrdb, Srvgg
from enhance.nets.catalogue import ANIMEVIDEO, X4PLUS, X4PLUS_ANIME
from enhance.nets.face_catalogue import MTCNN
from project.inference.device_lease import DeviceLease
from project.inference.devices import Format, Placement
from project.inference.memory_budget import MemoryBudget
from project.inference.micro_batcher import MicroBatcher
from project.inference.model_host import ModelHost
from project.inference.model_loading import Loaded

TINY = {
    X4PLUS.name: Rrdb(blocks=1, features=8, growth=4),
    X4PLUS_ANIME.name: Rrdb(blocks=1, features=6, growth=3),
    ANIMEVIDEO.name: Srvgg(convolutions=2, features=8),
}
SHA256 = "5eed" * 16


def tiny_network(name, dtype="float32"):
    """The network of that name with few layers; the same weights every time."""
    import torch

    from enhance.nets.loader import build

    torch.set_num_threads(1)
    if name not in TINY:
        return blind_detector() if name == MTCNN else tiny_face_network()
    generator = torch.Generator().manual_seed(7)
    network = build(TINY[name])
    with torch.no_grad():
        for parameter in network.parameters():
            spread = 1.0 / max(1, parameter[0].numel()) ** 0.5
            parameter.copy_((torch.rand(parameter.shape, generator=generator) - 0.5) * spread)
        if isinstance(TINY[name], Rrdb):
            network.conv_last.bias += 0.5
    network = network.to(dtype=getattr(torch, dtype), memory_format=torch.channels_last)
    return network.eval().requires_grad_(False)


def blind_detector():
    """MTCNN in its full size that is sure of nothing, so that no picture has a face."""
    import torch

    from enhance.nets.mtcnn import Mtcnn

    network = Mtcnn()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.proposal.conv4_1.bias.copy_(torch.tensor([9.0, -9.0]))
    return network.eval()


def tiny_face_network():
    """Takes the place of GFPGAN: the negative of a face."""
    import torch

    class Negative(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.strength = torch.nn.Parameter(torch.ones(1), requires_grad=False)

        def forward(self, faces, **options):
            return (-faces * self.strength, None)

    return Negative().eval()


class TinyRuntime:
    """What a worker process shares; `wrap(network)` may put a fault in front of a network."""

    def __init__(self, *, wrap=lambda network: network, dtype="float32"):
        self.lease = DeviceLease()
        self.host = ModelHost(
            store=None,
            place=lambda spec: Placement(
                device="cpu", format=Format(dtype=dtype, channels_last=True)
            ),
            budget=MemoryBudget(1 << 30),
            load=lambda spec, store, placement: Loaded(
                network=wrap(tiny_network(spec.name, dtype)), sha256=SHA256, bytes=1
            ),
        )
        self.batcher = MicroBatcher.beside(self.lease, self.host)
