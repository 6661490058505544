"""What a browser reads that did not prove the place: nothing that tells whether an address was known."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.factories import make_registration, make_webinar
from tests.registration.test_pages import manage, path, press, sign_up
from tests.support.pages import parse, text_of
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.formats import clock
from webinars.mail.models import Message
from webinars.notices import owed
from webinars.registration import links
from webinars.registration.models import Registration


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


def test_everybody_reads_in_one_small_line_after_the_form_that_an_earlier_place_stays(client, app, webinar):
    sign_up(client, webinar, "Alice")
    webinar.capacity = 1
    db.session.commit()
    told = []
    for name, place in (("Bob", 1), ("Alice", 2)):
        page = parse(sign_up(app.test_client(), webinar, name))
        assert text_of(page.h1) == f"You are waiting, place {place}"
        [line] = [line for line in page.select("main p.small") if "have a place already" in text_of(line)]
        assert not page.select(".join-sheet .notice"), "the good news stands alone"
        told.append(text_of(line))
    assert told[0] == told[1] and "it stays yours" in told[0]
    # Who came by the link from the letter knows.
    assert "have a place already" not in text_of(parse(manage(client)))


# --- when the letter goes --------------------------------------------------------------------------------------------


@pytest.fixture
def limited(make_app):
    """Give an application that limits letters."""
    other = make_app(ratelimit_enabled=True)
    with other.app_context():
        yield other
        db.session.remove()


def sign_up_for_several(client, number, **fields):
    """Register Alice for several webinars, one after the other; give what the last page says."""
    for _ in range(number):
        answer = sign_up(client, make_webinar(now=utc_now(), **fields))
    return text_of(parse(answer))


def test_page_names_the_time_at_which_a_letter_goes_that_is_held(limited):
    client = limited.test_client()
    assert "usually within a few minutes" in sign_up_for_several(client, 3)
    words = sign_up_for_several(client, 1)
    held = db.session.scalars(select(Message).order_by(Message.id)).all()[-1]
    assert held.next_attempt_at > utc_now() + timedelta(minutes=55)
    assert f"Your letter goes out at {clock(held.next_attempt_at, 'America/New_York')} (Eastern time" in words
    assert "usually within a few minutes" not in words


def test_page_of_a_webinar_that_starts_soon_promises_the_letter_at_once(limited):
    client = limited.test_client()
    sign_up_for_several(client, 3)
    words = sign_up_for_several(client, 1, starts_in=timedelta(minutes=50))
    assert "usually within a few minutes" in words and "goes out at" not in words
    assert db.session.scalars(select(Message).order_by(Message.id)).all()[-1].next_attempt_at <= utc_now()


def test_page_tells_nobody_that_others_had_letters_at_this_address(limited):
    for _ in range(2):
        sign_up_for_several(limited.test_client(), 3)
    words = sign_up_for_several(limited.test_client(), 1)
    assert db.session.scalars(select(Message).order_by(Message.id)).all()[-1].next_attempt_at > utc_now()
    assert "usually within a few minutes" in words and "goes out at" not in words


def test_sending_the_same_form_twice_is_no_second_letter(limited):
    client = limited.test_client()
    sign_up_for_several(client, 2)
    webinar = make_webinar(now=utc_now())
    page = client.get(f"/webinars/{webinar.slug}")
    for _ in range(2):
        answer = client.submit(page, "/register", name="Alice", email="alice@example.org")
    assert "usually within a few minutes" in text_of(parse(answer))


def bare(answer):
    """Give a page without what differs by nature: ids and tokens, the name and the address that were typed."""
    return re.sub(r"[\w-]{20,}(\.[\w-]+)*", "ID", re.sub("alice|bob", "X", answer.text, flags=re.IGNORECASE))


def send_again_and_again(client, where, name, **fields):
    """Send one form five times; give what each page says."""
    page, fields = client.get(where), {"name": name, "email": f"{name.lower()}@example.org"} | fields
    return [bare(client.submit(page, "/register", **fields)) for _ in range(5)]


def test_the_same_form_again_and_again_reads_alike_for_known_and_unknown_addresses(limited):
    webinar = make_webinar(now=utc_now())
    make_registration(webinar, "Alice", now=utc_now() - timedelta(days=2))
    known, unknown = (
        send_again_and_again(limited.test_client(), f"/webinars/{webinar.slug}", name) for name in ("Alice", "Bob")
    )
    assert known == unknown
    assert "usually within a few minutes" in known[-1] and "goes out at" not in known[-1]


def test_the_same_form_for_several_dates_reads_alike_and_is_no_second_letter(limited):
    for _ in range(3):
        make_registration(make_webinar(now=utc_now()), "Alice", now=utc_now() - timedelta(days=2))
    known, unknown = (
        send_again_and_again(limited.test_client(), "/series/side-effects/register", name) for name in ("Alice", "Bob")
    )
    assert known == unknown
    assert "usually within a few minutes" in known[-1] and "go out at" not in known[-1]


def test_the_same_person_by_a_form_fetched_anew_is_no_second_letter(limited):
    client, webinar = limited.test_client(), make_webinar(now=utc_now())
    for _ in range(4):
        words = text_of(parse(sign_up(client, webinar)))
    assert "usually within a few minutes" in words and "goes out at" not in words
    assert db.session.query(Message).count() == 1


def test_who_came_by_the_link_is_told_when_the_letter_goes_that_they_ask_for(limited):
    client = limited.test_client()
    sign_up_for_several(client, 3)
    with transaction():
        for place in db.session.query(Registration):
            place.answered_at = place.created_at = utc_now() - timedelta(minutes=10)
    first = db.session.scalars(select(Registration).order_by(Registration.id)).first()
    answer = client.get(path(links.manage_url(first)), follow_redirects=True)
    words = text_of(parse(press(client, answer, "Send me the letter again")))
    held = db.session.scalars(select(Message).order_by(Message.id)).all()[-1]
    assert f"This one goes out at {clock(held.next_attempt_at, 'America/New_York')}" in words


def test_who_had_the_letters_of_a_day_is_not_promised_another(limited):
    client = limited.test_client()
    place = make_registration(make_webinar(now=utc_now()), "Alice", now=utc_now() - timedelta(hours=5))
    for number in range(5):
        with transaction() as session:
            owed.owe_again(session.get_one(Registration, place.id), str(number), utc_now() - timedelta(hours=9))
        with transaction() as session:
            session.execute(update(Message).values(state="sent", sent_at=Message.next_attempt_at))
    words = text_of(parse(press(client, manage(client), "Send me the letter again")))
    assert "No letter goes out now" in words and db.session.query(Message).count() == 5


def test_asking_for_the_links_again_and_again_is_answered_alike_and_promises_no_hour(limited):
    client = limited.test_client()
    sign_up_for_several(limited.test_client(), 3)
    told = set()
    for address in ("alice@example.org", "alice@example.org", "nobody@example.org"):
        answer = client.submit(client.get("/my"), "/my", email=address)
        told.add(text_of(parse(answer)))
    [words] = told
    assert "only a few letters from us within an hour and a day" in words


# --- where a form leads ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_one_form_leads_to_one_page_without_cookies_too(client, app, webinar, known):
    if known:
        sign_up(client, webinar, "Alice")
    page = app.test_client().page(f"/webinars/{webinar.slug}")
    sent = {one["name"]: one.get("value", "") for one in page.select("form[action$=register] input[type=hidden]")}
    sent |= {"name": "Alice", "email": "alice@example.org", "mode": "live"}

    def led_to(**changed):
        newcomer = app.test_client(use_cookies=False)
        return newcomer.post(f"/webinars/{webinar.slug}/register", data=sent | changed).headers["Location"]

    first = led_to()
    assert [led_to(), led_to()] == [first] * 2
    assert led_to(mode="recording") != first
    assert led_to(nonce="") != led_to(nonce="")
