"""What people read about a place that is held until their address is proven."""

import re
from datetime import timedelta

import pytest

from tests.factories import make_series
from tests.registration.deeds import registration_of
from tests.registration.deeds import sign_up as enter
from tests.registration.proving import letters_to, make_proving, pass_on, prove, proved_before
from tests.registration.test_pages import database_content, manage, path, press, sign_up
from tests.registration.test_questions import switch
from tests.support.pages import find_form, parse, text_of
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.links import address_key
from webinars.mail.limits import is_proven
from webinars.registration import links, service
from webinars.schedule.models import Series


@pytest.fixture
def webinar(app):
    return make_proving(now=utc_now(), capacity=4)


def words(answer):
    return text_of(parse(answer))


# --- the page after the form -----------------------------------------------------------------------------------------


def test_the_page_says_that_the_place_is_held_and_shows_no_way_in(client, webinar):
    answer = sign_up(client, webinar)
    page, alice = parse(answer), registration_of("Alice")
    assert text_of(page.h1) == "Your place is held"
    assert "look into your mailbox" in text_of(page) and "within a day" in text_of(page)
    for secret in (links.join_url(alice), links.calendar_url(alice), links.manage_url(alice), "4471"):
        assert secret not in answer.text
    # The same some time later, and however the page is asked for.
    assert "/join" not in str(client.page(answer.request.path))


def test_the_form_says_beforehand_what_it_takes(client, webinar):
    assert "you press a button in that letter" in text_of(client.page(f"/webinars/{webinar.slug}"))
    with transaction():
        switch(db.session.get_one(Series, webinar.series_id), require_proof=False)
    assert "you press a button" not in text_of(client.page(f"/webinars/{webinar.slug}"))


def shape(answer):
    """Give a page without what is one sign-up's own: ids, tokens, the address as typed."""
    public_id = answer.request.path.rpartition("/")[2]
    page = answer.text.replace(public_id, "ID")
    page = re.sub(r'(name="csrf_token"[^>]*value=")[^"]+|(value=")[^"]+("[^>]*name="csrf_token")', "CSRF", page)
    page = re.sub(r'(<meta name="csrf-token"[^>]*content=")[^"]+', "CSRF", page)
    return re.sub(r'nonce="[^"]+"', "NONCE", page)


def as_known(webinar):
    """Let Alice be what an address can be; by name of the case."""
    return {
        "never heard of": lambda: None,
        "registered and unproven": lambda: enter(webinar, "Alice", now=utc_now() - timedelta(hours=5)),
        "registered and proven": lambda: (enter(webinar, "Alice", now=utc_now()), prove("Alice", utc_now())),
        "registered by staff": lambda: enter(webinar, "Alice", now=utc_now(), by_staff=True),
        "proven elsewhere": lambda: proved_before("Alice"),
    }


CASES = (
    "never heard of",
    "registered and unproven",
    "registered and proven",
    "registered by staff",
    "proven elsewhere",
)


@pytest.mark.parametrize("fields", [{}, {"mode": "recording"}], ids=["live", "recording"])
@pytest.mark.parametrize("capacity", [9, 0], ids=["seats", "full"])
def test_nobody_learns_what_an_address_is_known_for(installation, app, capacity, fields):
    read = {case: pages_of(installation, app, case, capacity, fields) for case in CASES}
    newcomer = read["never heard of"]
    for case, pages in read.items():
        for shown, expected in zip(pages, newcomer, strict=True):
            assert shown == expected, case


def pages_of(installation, app, case, capacity, fields):
    """Give what a stranger reads who signs Alice up, cancels, takes that back and puts the address right.

    On a database of its own.
    """
    db.session.remove()
    installation.database.reset(app)
    webinar = make_proving(
        make_series(title="Proven"),
        now=utc_now().replace(minute=0, second=0, microsecond=0),
        capacity=capacity,
        slug="the-webinar",
    )
    as_known(webinar)[case]()
    if case in {"never heard of", "proven elsewhere"}:
        enter(webinar, "Somebody", now=utc_now())
    stranger = app.test_client()
    first = sign_up(stranger, webinar, "Alice", **fields)
    again = stranger.get(first.request.path)
    gone = press(stranger, again, "Cancel my place")
    back = stranger.submit(gone, "/undo")
    put_right = stranger.submit(back, "/address", email="alba@example.org")
    return [shape(answer) for answer in (first, again, gone, back, put_right)]


def test_who_proved_the_address_elsewhere_reads_the_same_as_who_did_not_and_joins_by_the_letter(client, app, webinar):
    proved_before("Alice")
    answer = sign_up(client, webinar)
    assert text_of(parse(answer).h1) == "Your place is held" and letters_to("Alice") == ["confirmation"]
    assert links.join_url(registration_of("Alice")) in manage(app.test_client()).text, "no extra step by the letter"


def test_an_offered_seat_reads_as_a_held_one(client, app, webinar):
    """A seat is offered only to who is proven: that would tell."""
    webinar.capacity, webinar.offer_hours = 1, 4
    db.session.commit()
    proved_before("Alice")
    enter(webinar, "First", now=utc_now(), by_staff=True)
    page = sign_up(client, webinar).request.path
    with transaction():
        service.cancel(registration_of("First"), utc_now())
    assert registration_of("Alice").state == "offered"
    answer = client.get(page)
    assert text_of(parse(answer).h1) == "Your place is held" and "next in line" not in words(answer)


# --- behind the link -------------------------------------------------------------------------------------------------


def test_opening_the_link_changes_nothing_and_shows_one_button(client, app, webinar):
    sign_up(client, webinar)
    before = database_content()
    answer = manage(app.test_client())
    assert database_content() == before
    assert text_of(parse(answer).h1) == "Your place is held" and "/join" not in answer.text
    buttons = [text_of(button) for button in parse(answer).select("main form button")]
    assert buttons == ["Yes, I want this place", "No, thank you (Cancel my place)"]


def test_the_button_makes_the_place_theirs(client, app, webinar):
    sign_up(client, webinar)
    reader = app.test_client()
    done = press(reader, manage(reader), "Yes, I want this place")
    alice = registration_of("Alice")
    assert "It is certain now" in words(done) and text_of(parse(done).h1) == "Your place is confirmed"
    assert links.join_url(alice) in done.text and is_proven(alice.address_key)
    assert letters_to("Alice") == ["proof", "confirmation"]
    assert "My answers" not in words(done), "nothing else was asked"
    # The browser that sent the form sees no more than before.
    assert "/join" not in str(client.page(f"/registrations/{alice.public_id}"))


def test_the_button_serves_nobody_who_did_not_open_the_link(client, webinar):
    page = sign_up(client, webinar)
    form = find_form(parse(page), "/cancel")
    token = form.find("input", attrs={"name": "csrf_token"})["value"]
    alice = registration_of("Alice")
    answer = client.post(f"/registrations/{alice.public_id}/keep", data={"csrf_token": token})
    assert answer.status_code == 403 and registration_of("Alice").held


def test_no_gives_it_up_without_another_letter(client, app, webinar):
    sign_up(client, webinar)
    sign_up(client, webinar, "Anna", email="alice@example.org")
    reader = app.test_client()
    assert "Your place is cancelled" in words(press(reader, manage(reader), "No, thank you"))
    assert registration_of("Alice").state == "cancelled" and letters_to("Alice") == ["proof"]
    assert not registration_of("Anna").held, "the address is proven by any button"


def test_the_list_of_all_places_has_the_button_too(client, app, webinar):
    sign_up(client, webinar)
    reader = app.test_client()
    answer = reader.get(path(links.my_url(registration_of("Alice"), utc_now())), follow_redirects=True)
    assert "Held, not confirmed" in words(answer)
    done = reader.submit(answer, "/keep")
    assert done.request.path == "/my" and "Confirmed" in words(done)
    assert letters_to("Alice") == ["proof", "confirmation"]


def test_the_door_is_closed_until_then(client, webinar):
    sign_up(client, webinar)
    join = path(links.join_url(registration_of("Alice")))
    shown = client.get(join)
    assert "Your place is not confirmed yet" in words(shown) and "4471" not in shown.text
    entry = client.get(path(links.calendar_url(registration_of("Alice")))).text
    assert "STATUS:CANCELLED" in entry


def test_whose_place_has_ended_is_told_how_to_go_on(client, app, webinar):
    sign_up(client, webinar)
    link = path(links.manage_url(registration_of("Alice")))
    with transaction() as session:
        session.execute(db.text("UPDATE messages SET state = 'sent'"))
    assert pass_on(utc_now() + timedelta(days=2)) == 1
    answer = app.test_client().get(link)
    assert answer.status_code == 404 and "register again" in words(answer)
    assert not is_proven(address_key("alice@example.org"))
