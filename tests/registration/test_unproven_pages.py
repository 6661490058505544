"""What a browser reads that did not prove the place: nothing that tells whether an address was known."""

import pytest

from tests.factories import make_registration, make_webinar
from tests.registration.test_pages import manage, path, sign_up
from tests.support.pages import parse, text_of
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.registration import links


@pytest.fixture
def webinar(app):
    return make_webinar(now=utc_now(), capacity=2)


def test_a_browser_that_keeps_no_cookies_reads_what_may_be_the_cause(client, app, webinar):
    alice = make_registration(webinar, "Alice")
    cookieless = app.test_client(use_cookies=False)
    shown = cookieless.get(path(links.manage_url(alice)), follow_redirects=True)
    assert shown.status_code == 403
    words = text_of(parse(shown))
    assert "Your browser keeps no cookies" in words and "Open the link in your letter again" in words
    # Whether there is such a place is told to nobody.
    nobody = cookieless.get(f"/registrations/{'x' * 22}")
    assert (nobody.status_code, text_of(parse(nobody))) == (403, words)


def test_a_broken_link_does_not_blame_the_browser(client, webinar):
    words = text_of(parse(client.get("/r/nonsense")))
    assert "cookies" not in words and "Open the newest letter" in words


def test_everybody_reads_on_the_page_after_the_form_that_an_earlier_place_stays(client, app, webinar):
    sign_up(client, webinar, "Alice")
    webinar.capacity = 1
    db.session.commit()
    told = []
    for name, place in (("Bob", 1), ("Alice", 2)):
        page = parse(sign_up(app.test_client(), webinar, name))
        assert text_of(page.h1) == f"You are waiting, place {place}"
        (notice,) = page.select(".join-sheet .notice")
        assert not notice.find_parent(class_="small")
        told.append(text_of(notice))
    assert told[0] == told[1] and "it stays yours" in told[0]
    # Who came by the link from the letter knows.
    assert not parse(manage(client)).select(".join-sheet .notice")
