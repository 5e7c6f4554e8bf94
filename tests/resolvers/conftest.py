"""The demo's staff, as actors."""

import pytest

from hotelmate.database import Database
from hotelmate.identity.actors import StaffActor
from tests.resolvers.steps import actor


@pytest.fixture
def anna(database: Database) -> StaffActor:
    """On the staff of killarney."""
    return actor(database, "demo-anna")


@pytest.fixture
def ben(database: Database) -> StaffActor:
    """On the staff of killarney."""
    return actor(database, "demo-ben")


@pytest.fixture
def carla(database: Database) -> StaffActor:
    """On the staff of dublin."""
    return actor(database, "demo-carla")
