"""What the public pages promise: cookies only on a deed, and no call to an office that gave no number."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories import make_registration, make_series, make_topic, make_video, make_webinar
from tests.support.pages import CheckedClient, parse, text_of
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.registration.links import manage_url
from webinars.schedule.models import Webinar

READ = (
    "/", "/series", "/series/side-effects", "/topics/immunotherapy", "/videos", "/videos?q=call", "/privacy",
    "/videos/when-to-call-your-care-team", "/accessibility", "/time-zone", "/es/",
)  # fmt: skip


def fill() -> str:
    make_topic()
    webinar = make_webinar(make_series(), now=utc_now())
    make_video()
    return f"/webinars/{webinar.slug}"


def test_who_only_reads_gets_no_cookie(client: CheckedClient) -> None:
    for path in (*READ, fill()):
        assert client.get(path).headers.getlist("Set-Cookie") == [], path
    words = text_of(client.page("/privacy"))
    assert "While you only read, we keep nothing on your device" in words


def test_cookies_of_deeds_last_as_long_as_the_privacy_page_says(client: CheckedClient) -> None:
    page = client.page(fill())
    client.submit(page, "/register", name="Ann", email="ann@example.org")
    client.post("/time-zone", data={"zone": "Europe/Madrid"})
    lasting = {name: cookie.max_age for (_, _, name), cookie in client._cookies.items()}
    assert lasting == {"places": 2 * 3600, "tz": 365 * 24 * 3600, "session": None}


@pytest.mark.parametrize("path", ["/privacy", "/accessibility", "/videos/when-to-call-your-care-team", "/nowhere"])
def test_nobody_is_asked_to_call_or_write_where_no_way_is_configured(client: CheckedClient, path: str) -> None:
    fill()
    words = text_of(parse(client.get(path)).find("main")).lower()
    assert not any(asks in words for asks in ("call us", "us or call", "or write to us", "tell us"))


@pytest.mark.parametrize("path", ["/privacy", "/accessibility", "/videos/when-to-call-your-care-team"])
def test_number_and_address_are_named_where_they_are_configured(make_app: Callable[..., Flask], path: str) -> None:
    app = make_app(organization_phone="1-800-555-0199", mail_reply_to="help@harbor.example")
    with app.app_context():
        fill()
    words = text_of(parse(app.test_client().get(path)).find("main"))
    assert "Call us: 1-800-555-0199. Write to us: help@harbor.example." in words


def test_discretion_is_explained_in_one_way_wherever_somebody_may_ask_for_it(client: CheckedClient) -> None:
    path = fill()
    webinar = path.rpartition("/")[2]
    alice = make_registration(db.session.query(Webinar).filter_by(slug=webinar).one(), "Alice", now=utc_now())
    mine = client.get(manage_url(alice).removeprefix("http://127.0.0.1:8000"), follow_redirects=True)
    staff = sign_in(client)
    pages = [client.page(path), client.page("/privacy"), parse(mine)]
    pages += [staff.page(f"/staff{path}/registrations/new"), staff.page(f"/staff/registrations/{alice.public_id}")]
    for page in pages:
        assert "Sender, subject, text and calendar entry then name neither the topic nor us." in text_of(page)
