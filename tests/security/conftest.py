import pytest

from tests.security.world import add_batch, build_world


@pytest.fixture
def world(db):
    """One owner with one object of each sort, and four other callers."""
    world = build_world()
    add_batch(world)
    return world
