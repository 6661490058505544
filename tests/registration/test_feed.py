"""A person's own calendar feed: secret, theirs to take back, and never a lie."""

from datetime import timedelta
from urllib.parse import urlsplit

import icalendar
import pytest
from sqlalchemy import delete

from tests.factories import make_registration, make_series, make_webinar
from tests.registration.deeds import registration_of
from tests.support.pages import parse, text_of
from tests.support.queries import sent_queries
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.links import keyed_hash, sign
from webinars.core.logs import scrub
from webinars.mail.limits import is_proven
from webinars.mail.models import Address
from webinars.notices.facts import gather_links
from webinars.notices.letters import Writer
from webinars.registration import corrections, feed, links, service
from webinars.registration.models import Registration
from webinars.site import privacy

KEY = "alice@example.org"


@pytest.fixture
def webinar(app):
    return make_webinar(now=utc_now(), title="Trials, and you")


@pytest.fixture
def alice(webinar):
    return make_registration(webinar, "Alice", now=utc_now())


def path(url):
    return urlsplit(url).path


def version():
    return feed.version_of(db.session(), KEY)


def prove(client):
    """Open the link to all of Alice's places."""
    first = db.session.query(Registration).filter_by(email_key=KEY).order_by(Registration.id).first()
    return client.get(path(links.my_url(first, utc_now())), follow_redirects=True)


def press(client, button):
    return client.submit(client.get("/my"), "/my/calendar", button, deed=DEEDS[button])


DEEDS = {"Make my calendar address": "make", "Make a new address": "renew", "Stop this address": "stop"}


def secret(client):
    """Read the address off the page."""
    return str(client.page("/my").find(id="calendar-address")["value"])


def made(client):
    prove(client)
    press(client, "Make my calendar address")
    return path(secret(client))


def read(answer):
    assert answer.status_code == 200
    return icalendar.Calendar.from_ical(answer.data)


def entries(answer):
    return {str(one["SUMMARY"]): one for one in read(answer).events}


def test_looking_at_my_webinars_makes_no_secret(client, alice):
    page = prove(client)
    assert "Make my calendar address" in page.text and "/my/calendar/" not in page.text
    client.get("/my")
    assert version() == 0


def test_button_makes_an_address_that_any_calendar_may_read(client, stranger, alice, webinar):
    address = made(client)
    page = client.page("/my")
    [button] = [link for link in page.find_all("a") if "Subscribe in my calendar" in text_of(link)]
    assert button["href"] == f"webcal://127.0.0.1:8000{address}"
    assert "Google Calendar" in text_of(page)
    answer = stranger.get(address)
    assert answer.content_type == "text/calendar; charset=utf-8" and "Set-Cookie" not in answer.headers
    [entry] = read(answer).events
    assert str(entry["SUMMARY"]) == webinar.title and entry["STATUS"] == "CONFIRMED"
    assert entry["CONFERENCE"] == entry["LOCATION"] == links.join_url(registration_of("Alice"))
    assert "meet.example.org" not in answer.text and "ATTENDEE" not in answer.text
    assert links.token_for(links.MANAGE, registration_of("Alice")) not in answer.text.replace("\r\n ", "")


def test_making_it_shows_that_the_address_is_theirs(client, alice):
    made(client)
    assert is_proven(keyed_hash("address", KEY))


def test_address_names_nobody_and_stays_out_of_search_and_logs(client, stranger, alice):
    address = made(client)
    answer = stranger.get(address)
    assert "alice" not in address.lower() and "%40" not in address
    assert "noindex" in answer.headers["X-Robots-Tag"] and answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"].startswith("private")
    token = address.rpartition("/")[2]
    assert token not in scrub(f"GET {address} 200")


def test_feed_is_sent_again_only_when_something_changed(client, stranger, alice, webinar):
    address = made(client)
    first = stranger.get(address)
    same = {"If-None-Match": first.headers["ETag"]}
    for ask in (same, {"If-Modified-Since": first.headers["Last-Modified"]}):
        again = stranger.get(address, headers=ask)
        assert (again.status_code, again.data) == (304, b"") and "no-store" not in again.headers["Cache-Control"]
    assert not stranger.head(address).data and stranger.head(address).headers["ETag"] == first.headers["ETag"]
    with transaction():
        service.cancel(registration_of("Alice"), utc_now() + timedelta(seconds=2))
    for ask in (same, {"If-Modified-Since": first.headers["Last-Modified"]}):
        assert stranger.get(address, headers=ask).status_code == 200


def test_entry_is_another_one_than_the_invitation_and_always_the_same(client, stranger, alice):
    address, invited = made(client), alice.uid
    [first], [second] = (read(stranger.get(address)).events for _ in range(2))
    assert str(first["UID"]) == str(second["UID"]) != invited


def test_all_places_of_the_address_are_in_it_and_nobody_elses(client, stranger, alice):
    now = utc_now()
    over = make_webinar(now=now, title="Just over", starts_in=timedelta(days=-59))
    long_over = make_webinar(now=now, title="Long over", starts_in=timedelta(days=-61))
    full = make_webinar(now=now, title="Full")
    later = make_webinar(now=now, title="Watched later")
    make_registration(over, "Alice", now=now)
    make_registration(long_over, "Alice", now=now)
    make_registration(full, "Alice", now=now, state="waitlisted")
    make_registration(later, "Alice", now=now, state="recording-only")
    make_registration(make_webinar(now=now, title="Not hers"), "Bob", now=now)
    found = entries(stranger.get(made(client)))
    assert set(found) == {"Just over", "Trials, and you", "Waiting list: Full"}
    waiting = found["Waiting list: Full"]
    assert waiting["STATUS"] == "TENTATIVE" and "/join" not in waiting.to_ical().decode().replace("\r\n ", "")


def test_cancelled_places_stay_and_say_so(client, stranger, alice, webinar):
    now = utc_now()
    off = make_webinar(now=now, title="Called off", state="cancelled", sequence=1)
    make_registration(off, "Alice", now=now)
    address = made(client)
    before = entries(stranger.get(address))["Trials, and you"]
    with transaction():
        service.cancel(registration_of_webinar(webinar), now)
    found = entries(stranger.get(address))
    assert set(found) == {"Cancelled: Trials, and you", "Cancelled: Called off"}
    for entry in found.values():
        assert entry["STATUS"] == "CANCELLED" and "CONFERENCE" not in entry and "LOCATION" not in entry
    gone = found["Cancelled: Trials, and you"]
    assert gone["UID"] == before["UID"] and gone["SEQUENCE"] > before["SEQUENCE"]


def registration_of_webinar(webinar):
    return db.session.query(Registration).filter_by(webinar_id=webinar.id).one()


def test_one_discreet_place_makes_the_whole_feed_neutral(client, stranger, alice):
    make_registration(make_webinar(now=utc_now(), title="Lung cancer"), "Alice", now=utc_now(), discreet=True)
    answer = stranger.get(made(client))
    whole = read(answer)
    assert whole["NAME"] == whole["X-WR-CALNAME"] == "Appointments" and "DESCRIPTION" not in whole
    found = entries(answer)
    assert set(found) == {"Your appointment", "Trials, and you"}
    assert found["Your appointment"]["CLASS"] == "PRIVATE"
    assert "Lung" not in answer.text and "Harbor" not in answer.text


def test_people_who_share_a_mailbox_are_told_apart(client, stranger, alice, webinar):
    make_registration(webinar, "Adam", email="alice@example.org", now=utc_now())
    assert set(entries(stranger.get(made(client)))) == {"Trials, and you (Alice)", "Trials, and you (Adam)"}


def test_feed_speaks_the_language_of_the_page_that_offered_it(client, stranger, alice):
    prove(client)
    client.submit(client.get("/es/my"), "/my/calendar", deed="make")
    address = path(str(client.page("/es/my").find(id="calendar-address")["value"]))
    assert address.startswith("/es/my/calendar/")
    assert read(stranger.get(address))["NAME"] != read(stranger.get(address.removeprefix("/es")))["NAME"]


def test_new_address_ends_the_one_before(client, stranger, alice):
    old = made(client)
    press(client, "Make a new address")
    new = path(secret(client))
    assert new != old and stranger.get(new).status_code == 200
    gone = stranger.get(old)
    assert gone.status_code == 404 and "taken back" in text_of(parse(gone))


def test_stopped_address_opens_nothing_and_another_can_be_made(client, stranger, alice):
    old = made(client)
    stopped = press(client, "Stop this address")
    assert stranger.get(old).status_code == 404 and "Make my calendar address" in stopped.text
    press(client, "Make my calendar address")
    assert stranger.get(old).status_code == 404 and stranger.get(path(secret(client))).status_code == 200


def test_pressing_make_twice_keeps_the_address(client, alice):
    address = made(client)
    client.post("/my/calendar", data={"deed": "make", "csrf_token": csrf(client)})
    assert path(secret(client)) == address


def csrf(client):
    return str(client.page("/my").find("input", attrs={"name": "csrf_token"})["value"])


@pytest.mark.parametrize("deed", ["make", "renew", "stop"])
def test_nobody_makes_or_ends_it_without_the_link_from_a_letter(client, stranger, alice, deed):
    address = made(client)
    token = str(stranger.page("/my").find("input", attrs={"name": "csrf_token"})["value"])
    assert stranger.post("/my/calendar", data={"deed": deed, "csrf_token": token}).status_code == 403
    assert stranger.get(address).status_code == 200


def test_form_of_another_site_makes_nothing(client, alice):
    prove(client)
    answer = client.post("/my/calendar", data={"deed": "make"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code in {400, 403} and version() == 0


@pytest.mark.parametrize("token", ["nonsense", "a.1.b", "x" * 300])
def test_made_up_address_opens_nothing(client, alice, token):
    made(client)
    assert client.get(f"/my/calendar/{token}.ics").status_code == 404


def test_token_for_another_purpose_opens_nothing(client, alice):
    made(client)
    content = f"{keyed_hash('address', KEY)}-{alice.public_id}"
    assert client.get(f"/my/calendar/{sign('manage', content, version())}.ics").status_code == 404
    assert client.get(f"/my/calendar/{links.token_for(links.CALENDAR, alice)}.ics").status_code == 404


def test_address_outlives_the_place_it_was_made_with(client, stranger, alice):
    now = utc_now()
    with transaction():
        later = service.register(
            make_webinar(now=now, title="Later").id, service.Application("Alice", "Alice@example.org"), now
        ).registration.id
    address = made(client)
    with transaction() as session:
        session.execute(delete(Registration).where(Registration.id != later))
    assert set(entries(stranger.get(address))) == {"Later"}


def test_address_leads_on_to_a_place_that_staff_entered(client, stranger, alice):
    """No letter that a visitor asked for names that place, so only the code of the address does."""
    address = made(client)
    later = make_registration(make_webinar(now=utc_now(), title="Later"), "Alice", now=utc_now()).id
    with transaction() as session:
        session.execute(delete(Registration).where(Registration.id != later))
    assert set(entries(stranger.get(address))) == {"Later"}


def test_address_put_right_by_staff_shows_the_wrong_mailbox_nothing(client, stranger, alice):
    address = made(client)
    with transaction():
        corrections.correct_address(registration_of("Alice"), "right@example.org", utc_now())
    assert stranger.get(address).status_code == 404


def test_erased_person_who_comes_back_is_not_shown_under_the_old_address(client, stranger, alice, webinar):
    now, webinar_id = utc_now(), webinar.id
    old = made(client)
    with transaction():
        privacy.erase(KEY, now)
    assert stranger.get(old).status_code == 404
    with transaction():
        service.register(webinar_id, service.Application("Alice", KEY), now)
        feed.make(KEY, now + timedelta(minutes=1))
    assert stranger.get(old).status_code == 404


def test_export_tells_of_the_feed(client, alice):
    made(client)
    [mailbox] = privacy.held(KEY)["mailbox"]
    assert mailbox["feed_version"] == version() > 0


def test_feed_costs_the_same_number_of_queries_for_one_and_three(client, stranger, alice):
    address = made(client)
    with sent_queries() as one:
        assert stranger.get(address).status_code == 200
    for number in range(2):
        series = make_series(title=f"Series {number}")
        make_registration(make_webinar(series, now=utc_now()), "Alice", now=utc_now())
    db.session.remove()
    with sent_queries() as three:
        assert len(read(stranger.get(address)).events) == 3
    assert len(one) == len(three)


def test_two_who_press_at_once_get_one_address(app, alice):
    now = utc_now()
    for _ in range(2):
        with transaction():
            feed.make(KEY, now)
    assert db.session.query(Address).count() == 1 and version() == int(now.timestamp()) // 60


# --- in the letter of links ---------------------------------------------------------------------------------------


def letter_of_links():
    """Write the letter that somebody who lost their links gets."""
    found = gather_links(KEY, utc_now())
    return Writer(utc_now()).link_letter(found)


def test_letter_of_links_brings_the_address_to_who_made_one(client, stranger, alice):
    address = f"http://127.0.0.1:8000{made(client)}"
    letter = letter_of_links()
    for words in (str(letter.text), str(letter.html)):
        assert address in words and address.replace("http://", "webcal://") in words
    assert stranger.get(path(address)).status_code == 200


def test_letter_of_links_makes_no_address_but_says_where_to(client, alice):
    text = str(letter_of_links().text)
    assert "/my/calendar/" not in text and version() == 0
    [page] = [line for line in text.splitlines() if "/my/" in line]
    assert "Make my calendar address" in client.get(path(page), follow_redirects=True).text


def test_discreet_letter_of_links_leads_to_no_calendar(client, alice):
    made(client)
    make_registration(make_webinar(now=utc_now()), "Alice", now=utc_now(), discreet=True)
    assert "/my/" not in str(letter_of_links().text) + str(letter_of_links().html)
