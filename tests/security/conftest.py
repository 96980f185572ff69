import pytest

from tests.security.world import build_world


@pytest.fixture
def world(db):
    """One owner with one object of each sort, and four other callers."""
    return build_world()
