"""`/health` tells when jobs of enhance would fail."""

from types import SimpleNamespace

import pytest

from enhance import health
from enhance.services.networks import installed_networks
from project.web.health import registry


def test_enhance_is_degraded_while_weights_are_missing_and_says_so_in_a_code(monkeypatch, tmp_path):
    from project.inference import config

    monkeypatch.setattr(config, "_config", config.InferenceConfig(model_root=tmp_path))
    assert {network.state for network in installed_networks()} == {"missing"}
    found = health.check()
    assert (found.status, found.reason) == ("degraded", "weights_missing")
    assert found.facts["face_restoration"] == "unavailable"
    assert {model["state"] for model in found.facts["models"]} == {"missing"}
    assert all(len(sha) == 64 for m in found.facts["models"] for sha in m["sha256"].values())


def test_enhance_takes_part_in_the_public_health(db):
    assert "enhance" in registry.apps()


@pytest.mark.parametrize(
    ("networks", "status"),
    [
        ([("present", True), ("missing", False)], "healthy"),
        ([("present", True), ("damaged", True)], "degraded"),
    ],
)
def test_every_network_of_the_embedded_set_must_be_whole(monkeypatch, networks, status):
    class Network:
        def __init__(self, state, embedded):
            self.state, self.embedded = state, embedded
            self.entry = SimpleNamespace(name="n", version="1", files=())

    monkeypatch.setattr(health, "installed_networks", lambda: [Network(*one) for one in networks])
    assert health.check().status == status
