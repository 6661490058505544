"""`flask zones update`."""

from datetime import timedelta

from tests.factories import make_webinar
from webinars.core.clock import utc_now
from webinars.core.database import db


def run(app):
    result = app.test_cli_runner().invoke(args=["zones", "update"])
    db.session.expire_all()
    return result


def test_zones_update_tells_what_moved(app):
    webinar = make_webinar(now=utc_now())
    starts_at = webinar.starts_at
    # As under the zone's rules before an update.
    webinar.starts_at -= timedelta(hours=1)
    db.session.commit()
    result = run(app)
    assert result.exit_code == 0, result.output
    assert "moved: 1" in result.output and webinar.slug in result.output
    assert (webinar.starts_at, webinar.start_sequence) == (starts_at, 1)
    assert "moved: 0" in run(app).output


def test_zones_update_fails_for_a_zone_that_is_gone(app):
    webinar = make_webinar(now=utc_now())
    webinar.time_zone = "Mars/Olympus"
    db.session.commit()
    result = run(app)
    assert result.exit_code == 1
    assert "unresolved: 1" in result.output and webinar.slug in result.output
