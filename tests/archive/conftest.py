"""What tests of the archive share."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from tests.archive.stores import bucket, far_store, keys, place, s3_server, store
from tests.support.pages import CheckedClient
from tests.support.staff import sign_in

__all__ = ["bucket", "far_store", "keys", "place", "s3_server", "store"]


@pytest.fixture
def staff(app: Flask) -> CheckedClient:
    """Give a browser of its own in which an editor is signed in."""
    browser = app.test_client()
    assert isinstance(browser, CheckedClient)
    return sign_in(browser)


@pytest.fixture
def spoken() -> Iterator[None]:
    """Give translated sentences an application to speak in, without a database."""
    bare = Flask("bare")
    Babel(bare)
    with bare.test_request_context():
        yield
