"""A service whose letters go to a real SMTP server, and whose clock obeys."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from tests.factories import NOW
from tests.journeys.story import Story
from tests.mail.support import reset_control
from tests.support.smtp_sink import SmtpSink
from webinars.core.database import db


@pytest.fixture
def story(app: Flask, smtp_sink: SmtpSink) -> Iterator[Story]:
    """Begin a story on an empty database, on Sunday 22 November 2026 at 15:00 UTC."""
    state = app.extensions["mail"]
    before = vars(state).copy()
    reset_control()
    state.server, state.port = smtp_sink.host, smtp_sink.port
    with time_machine.travel(NOW, tick=True) as clock:
        begun = Story(app, smtp_sink, clock)
        begun.staff_begins()
        yield begun
    vars(state).update(before)
    db.session.rollback()
    reset_control()
