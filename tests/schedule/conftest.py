"""What the schedule's tests share: a heard() that notes what was announced."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from webinars.schedule import events
from webinars.schedule.models import Webinar

Heard = list[tuple[str, str]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Note (event, slug) of everything the schedule announces."""
    notes: Heard = []
    listeners: list[tuple[Any, Callable[..., None]]] = []
    for name in ("published", "moved", "changed", "cancelled"):
        signal = getattr(events, f"webinar_{name}")
        listeners.append((signal, _listener(notes, name)))
    listeners.append((events.capacity_changed, _listener(notes, "capacity")))
    for signal, listener in listeners:
        signal.connect(listener, weak=False)
    yield notes
    for signal, listener in listeners:
        signal.disconnect(listener)


def _listener(notes: Heard, name: str) -> Callable[..., None]:
    def note(webinar: Webinar, *, now: datetime, **_more: object) -> None:
        notes.append((name, webinar.slug))

    return note
