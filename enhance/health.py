"""What `/health` says about enhance."""

from enhance.services.networks import installed_networks
from project.web.health.registry import AppHealth


def check() -> AppHealth:
    """Degraded while weights of the embedded set are missing: their jobs would fail."""
    if all(network.state == "present" for network in installed_networks() if network.embedded):
        return AppHealth(status="healthy")
    return AppHealth(status="degraded", reason="weights_missing")
