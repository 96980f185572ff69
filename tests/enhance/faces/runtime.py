"""A model host around given face networks."""

from __future__ import annotations

from enhance.nets.face_catalogue import PARSENET
from project.inference.device_lease import DeviceLease
from project.inference.devices import Format, Placement
from project.inference.memory_budget import MemoryBudget
from project.inference.micro_batcher import MicroBatcher
from project.inference.model_host import ModelHost
from project.inference.model_loading import Loaded

RESTORER = "gfpgan-1.4"


class FaceRuntime:
    """What a worker process shares. `calls` notes how many faces each call of GFPGAN had."""

    def __init__(self, network, parsing, *, dtype="float32", device="cpu"):
        self.calls = []
        networks = {PARSENET: parsing}

        def restoring(*args, **kwargs):
            self.calls.append(len(args[0]))
            return network(*args, **kwargs)

        restoring.parameters = network.parameters
        self.lease = DeviceLease()
        self.host = ModelHost(
            store=None,
            place=lambda spec: Placement(device=device, format=Format(dtype=dtype)),
            budget=MemoryBudget(1 << 30),
            load=lambda spec, store, placement: Loaded(
                network=networks.get(spec.name, restoring), sha256="5eed" * 16, bytes=1
            ),
        )
        self.batcher = MicroBatcher.beside(self.lease, self.host)
