"""A clean outbox and an application that talks to the sink."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.mail.support import reset_control
from tests.support.smtp_sink import SmtpSink
from webinars.core.database import db


@pytest.fixture
def post(app: Flask, smtp_sink: SmtpSink) -> Iterator[Callable[..., None]]:
    """Make the application use the sink; the function changes further settings for this test."""
    state, settings = app.extensions["mail"], app.extensions["settings"]
    before = vars(state).copy()
    reset_control()

    def change(**changes: Any) -> None:
        app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], **changes)

    state.server, state.port = smtp_sink.host, smtp_sink.port
    change(mail_retry_base_seconds=60, worker_lease_seconds=60)
    yield change
    vars(state).update(before)
    app.extensions["settings"] = settings
    db.session.rollback()
    reset_control()
