"""A clean outbox, an application that talks to the sink, and workers in processes of their own."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config import Settings
from tests.mail.support import reset_control
from tests.mail.worker_process import Nursery, Worker
from tests.support.smtp_sink import SmtpSink
from webinars.core.database import db
from webinars.mail.queue import Queue

Start = Callable[..., Worker]


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


@pytest.fixture
def web(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The application as a web process with a queue of its own, since other tests may have left wake-ups behind."""
    settings: Settings = app.extensions["settings"]
    before = app.extensions["mail_queue"]
    app.extensions["mail_queue"] = Queue(_with_queue(settings, tmp_path))
    reset_control()
    yield app
    app.extensions["mail_queue"].waker.flush()
    app.extensions["mail_queue"].close()
    app.extensions["mail_queue"] = before
    db.session.rollback()
    reset_control()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """A process that has loaded the program and forks workers."""
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def environ(web: Flask, smtp_sink: SmtpSink, tmp_path: Path) -> dict[str, str]:
    """The settings of a worker that talks to the sink."""
    settings = web.extensions["settings"]
    return {
        "DATABASE_URL": settings.database_url,
        "QUEUE_URL": _with_queue(settings, tmp_path).queue_url,
        "INSTANCE_PATH": str(settings.instance),
        "SECRET_KEY": settings.secret_key,
        "MAIL_SERVER": smtp_sink.host,
        "MAIL_PORT": str(smtp_sink.port),
        "MAIL_DEFAULT_SENDER": settings.mail_default_sender,
        "MAIL_RETRY_BASE_SECONDS": "0.2",
        "WORKER_LEASE_SECONDS": "2",
        "WORKER_TICK_SECONDS": "60",
        "RATELIMIT_ENABLED": "0",
    }


@pytest.fixture
def start(nursery: Nursery, environ: dict[str, str]) -> Iterator[Start]:
    """Start workers; what still runs at the end is killed."""
    started: list[Worker] = []

    def begin(**changes: str) -> Worker:
        started.append(nursery.start(environ | changes))
        return started[-1]

    yield begin
    for worker in started:
        worker.kill()


def _with_queue(settings: Settings, folder: Path) -> Settings:
    url = f"sqlite:///{folder / 'queue'}" if settings.database_url.startswith("sqlite") else settings.database_url
    return dataclasses.replace(settings, queue_url=url)


@pytest.fixture(params=[True, False], ids=["pipelined", "one-by-one"])
def pipelining(smtp_sink: SmtpSink, request: pytest.FixtureRequest) -> bool:
    """Speak to servers of both kinds (RFC 2920)."""
    smtp_sink.pipelining = request.param
    return smtp_sink.pipelining
