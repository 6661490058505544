"""What the tests of this folder may ask for."""

import pytest

from tests.calendars.world import NASTY, Post, Service
from webinars.registration import service


@pytest.fixture
def world(app) -> Service:
    return Service()


@pytest.fixture
def confirmation(world) -> Post:
    world.edit(title=NASTY, summary="What a trial asks;\nand gives, maybe")
    world.register()
    return world.letter()


@pytest.fixture
def both(world, confirmation) -> list[Post]:
    """Give the invitation and its withdrawal."""
    world.to(1, service.cancel)
    return [confirmation, world.letter()]
