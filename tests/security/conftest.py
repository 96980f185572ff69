import pytest

from tests.security.world import add_batch, add_study, build_world


@pytest.fixture
def world(db):
    """One owner with one object of each sort, and four other callers."""
    world = build_world()
    add_batch(world)
    add_study(world)
    return world
