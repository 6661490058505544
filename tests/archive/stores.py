"""The media store of each kind, for tests that hold for both."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.support.s3_server import BUCKET, KEY, SECRET, S3Server
from webinars.archive.bucket import Bucket
from webinars.archive.store import Folder, Store


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Give the S3 server of this process."""
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the keys where the library looks for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.fixture
def bucket(s3_server: S3Server, keys: None, tmp_path: Path) -> Bucket:
    """Give an empty bucket: what is below a prefix that nobody else has."""
    s3_server.start()
    return Bucket(tmp_path / "work", BUCKET, secrets.token_hex(6), s3_server.address)


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Give an empty store of each kind."""
    if request.param == "folder":
        return Folder(tmp_path / "work")
    found: Bucket = request.getfixturevalue("bucket")
    return found


@pytest.fixture
def store(place: Store, app: Flask) -> Iterator[Store]:
    """Give the store that the application works with, of each kind."""
    yield from used_by(app, place)


@pytest.fixture
def far_store(bucket: Bucket, app: Flask) -> Iterator[Bucket]:
    """Let the application work with a bucket."""
    yield from used_by(app, bucket)


def used_by(app: Flask, place: Any) -> Iterator[Any]:
    usual = app.extensions["media_store"]
    app.extensions["media_store"] = place
    yield place
    app.extensions["media_store"] = usual


def put(store: Store, name: str, content: bytes) -> None:
    """Put a file into a store."""
    store.work.mkdir(parents=True, exist_ok=True)
    path = store.work / "outside"
    path.write_bytes(content)
    store.keep(path, name)
    path.unlink()


def read(store: Store, name: str) -> bytes:
    """Read a file of a store whole."""
    found = store.find(name)
    return b"".join(store.pieces(found, 0, found.size - 1))
