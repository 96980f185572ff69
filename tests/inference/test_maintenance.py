"""Loading, dropping and freeing between the runs of users."""

from __future__ import annotations

import pytest

from project.inference.device_lease import DeviceLease, Rank
from project.inference.errors import ModelInUse
from project.inference.maintenance import Maintenance
from tests.inference.fakes import FakeLoads, until_waiting
from tests.inference.test_run import host_of


@pytest.fixture
def lease():
    return DeviceLease()


@pytest.fixture
def freed(lease):
    """Whether the device was held each time its cache was freed."""
    return []


@pytest.fixture
def host():
    return host_of(FakeLoads())


@pytest.fixture
def maintenance(host, lease, freed):
    return Maintenance(
        host=host, lease=lease, free=lambda: freed.append(lease.watch.report().is_held)
    )


def test_a_warm_up_waits_for_the_runs_of_users(maintenance, host, lease, threads):
    loaded_before_the_user = []

    def interactive_run():
        with lease.hold(Rank(lane="interactive")):
            loaded_before_the_user.append(host.is_loaded("a"))

    with lease.hold(Rank()):
        threads.start(lambda: maintenance.warm("a"))
        until_waiting(lease, 1)
        threads.start(interactive_run)
        until_waiting(lease, 2)
    threads.join()
    assert loaded_before_the_user == [False]
    assert host.is_loaded("a")


def test_unloading_frees_the_device_under_its_lease(maintenance, host, freed):
    maintenance.warm("a")
    assert maintenance.unload("a") == 60
    assert freed == [True]
    assert maintenance.unload("a") == 0
    assert len(freed) == 1, "nothing was dropped, so nothing is freed"


def test_a_model_in_use_stays(maintenance, host, freed):
    with host.use("a"), pytest.raises(ModelInUse):
        maintenance.unload("a")
    assert freed == []
