"""Waiting for what another process or thread does."""

import time
from collections.abc import Callable

#: seconds until a test gives up: far more than it takes, since a busy machine is no fault of what is tested
PATIENCE = 90.0


def wait_until(fact: Callable[[], bool]) -> float:
    """Wait for something; give how many seconds it took."""
    begun = time.monotonic()
    while not fact():
        assert time.monotonic() - begun < PATIENCE, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - begun
