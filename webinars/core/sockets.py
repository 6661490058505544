"""Looking at a connection without waiting for it."""

import select


def has_input(descriptor: int, seconds: float = 0) -> bool:
    """Say whether there is something to read, its end included, within so many seconds."""
    line = select.poll()
    line.register(descriptor, select.POLLIN)
    return bool(line.poll(seconds * 1000))
