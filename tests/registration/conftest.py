"""What the tests of registration share."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import make_webinar
from webinars.core.clock import utc_now
from webinars.schedule.models import Webinar


@pytest.fixture
def webinar(app: Flask) -> Webinar:
    """Give a public webinar with two places."""
    return make_webinar(now=utc_now(), capacity=2)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Give another browser, in which nobody opened a link."""
    return app.test_client()
