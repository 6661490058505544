"""What every test may ask for."""

import dataclasses
import gc
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask

from config import Settings, settings_from
from tests.support import browser, kept, postgres
from tests.support.databases import PostgresDatabase, SqliteDatabase
from tests.support.pages import CheckedClient
from tests.support.smtp_sink import SmtpSink
from tests.support.staff import sign_in
from webinars import create_app
from webinars.archive.processing import ffmpeg
from webinars.core.database import db
from webinars.core.organization import standing

IN_CI = os.environ.get("CI") == "true"


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once, in the process that spreads the tests, and say loudly what is missing."""
    # How long an example takes says how busy the machine is.
    hypothesis.settings.register_profile("patient", deadline=None)
    hypothesis.settings.load_profile("patient")
    # Whoever waits for a film in a test has nothing better to do, and its neighbours are not to hold it up.
    ffmpeg.NICE = 0
    if hasattr(config, "workerinput"):
        return
    kept.begin()
    if not browser.chromium_path() and not IN_CI:
        warnings.warn("TESTS IN A BROWSER ARE SKIPPED: there is no Chromium (apt-get install chromium)", stacklevel=1)
    if os.environ.get("WEBINARS_TEST_SERVER"):
        return
    try:
        os.environ["WEBINARS_TEST_SERVER"] = postgres.server_url()
    except postgres.Unavailable as reason:
        if IN_CI:
            raise
        warnings.warn(f"TESTS ON POSTGRESQL ARE SKIPPED: {reason}", stacklevel=1)


def pytest_collection_finish() -> None:
    """Keep the collector from looking through all that stays to the end, the program and its tests, time and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give this process' folder for databases, queue and media."""
    return tmp_path_factory.mktemp("instance")


def test_settings(instance: Path, database_url: str, **changes: Any) -> Settings:
    """Make settings for a test: no limits, quick retries, the given changes."""
    environ = {"DATABASE_URL": database_url, "SECRET_KEY": "0123456789abcdef" * 4, "RATELIMIT_ENABLED": "0",
               "MAIL_DEFAULT_SENDER": "webinars@harbor.example", "SITE_URL": "http://127.0.0.1:8000"}  # fmt: skip
    return dataclasses.replace(settings_from(environ, instance), **changes)


test_settings.__test__ = False  # type: ignore[attr-defined]


class Installation:
    """An application on a migrated database, reused by all tests of one process."""

    def __init__(self, database: SqliteDatabase | PostgresDatabase, instance: Path) -> None:
        self.database = database
        self.settings = test_settings(instance, database.url)
        self.app = self.another()
        database.migrate(self.app)

    def another(self, **changes: Any) -> Flask:
        """Make an application with other settings, in which every page is checked."""
        app = kept.share_templates(create_app(dataclasses.replace(self.settings, **changes)))
        app.test_client_class = CheckedClient
        # Passwords are kept as in truth, only with the least effort; test_passwords asks for the true one.
        app.extensions["security"].pwd_context.update(argon2__memory_cost=8, argon2__time_cost=1)
        return app


@pytest.fixture(scope="session")
def installations(instance: Path) -> Callable[[str], Installation]:
    """Make the application of a database kind, once."""
    made: dict[str, Installation] = {}

    def find(kind: str) -> Installation:
        if kind not in made:
            folder = instance / kind
            folder.mkdir(exist_ok=True)
            made[kind] = Installation(_database(kind, folder), folder)
        return made[kind]

    return find


def _database(kind: str, folder: Path) -> SqliteDatabase | PostgresDatabase:
    if kind == "sqlite":
        return SqliteDatabase(folder)
    server = os.environ.get("WEBINARS_TEST_SERVER")
    if not server:
        pytest.skip("no PostgreSQL here")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return PostgresDatabase(postgres.make_database(server, f"webinars_test_{os.getpid()}_{worker}"))


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, installations: Callable[[str], Installation]) -> Installation:
    """Give the application on an empty database, once on each kind."""
    found = installations(request.param)
    found.database.reset(found.app)
    standing.look_again(found.app)
    return found


@pytest.fixture
def app(installation: Installation) -> Iterator[Flask]:
    """Give the application with its context pushed."""
    with installation.app.app_context():
        yield installation.app
        db.session.remove()


@pytest.fixture
def settings(installation: Installation) -> Settings:
    """Give the settings the application runs with."""
    return installation.settings


@pytest.fixture
def make_app(installation: Installation) -> Callable[..., Flask]:
    """Make another application on the same database with other settings."""
    return installation.another


@pytest.fixture
def client(installation: Installation, app: Flask) -> CheckedClient:
    """Give a browser that checks every page it fetches."""
    made = app.test_client()
    assert isinstance(made, CheckedClient)
    return made


@pytest.fixture
def editor(client: CheckedClient) -> CheckedClient:
    """Sign an editor in, in that browser."""
    return sign_in(client)


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """Give a real SMTP server on loopback that keeps what it gets."""
    with SmtpSink() as sink:
        yield sink
