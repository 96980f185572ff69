"""The self-test of the networks: real weights pass, other weights are found."""

import pytest

from enhance.nets.catalogue import NETWORKS
from enhance.self_test import examine
from enhance.services.networks import installed_networks
from project.doctor.findings import Level
from project.inference import runtime as shared
from project.inference.errors import ModelUnavailable

EMBEDDED = [network.entry.name for network in installed_networks() if network.entry.embedded]
HAVE_WEIGHTS = all(
    network.state == "present" for network in installed_networks() if network.entry.embedded
)


@pytest.fixture
def tiny(monkeypatch, runtime):
    runtime.device = "cpu"
    monkeypatch.setattr(shared, "_runtime", runtime)
    return runtime


def test_every_embedded_network_of_the_catalogue_has_a_reference():
    assert set(EMBEDDED) == {name for name in NETWORKS if examine.reference_of(name).is_file()}


@pytest.mark.weights
@pytest.mark.skipif(not HAVE_WEIGHTS, reason="needs the weights: manage.py models pull --embedded")
def test_the_installed_networks_pass():
    found = list(examine.examine())
    assert [(f.level, f.text.split()[0]) for f in found] == [(Level.OK, n) for n in EMBEDDED]


def test_a_network_with_other_weights_is_an_error(tiny):
    found = list(examine.examine())
    assert [finding.level for finding in found] == [Level.ERROR] * len(EMBEDDED)
    assert all("another picture" in finding.text for finding in found)


def test_a_network_that_cannot_run_is_an_error_with_its_code(tiny, monkeypatch):
    def fail(name, **more):
        raise ModelUnavailable("no weights")

    monkeypatch.setattr(tiny.host, "use", fail)
    finding = examine.examine_network(EMBEDDED[0])
    assert finding.level is Level.ERROR
    assert "model_unavailable: no weights" in finding.text
