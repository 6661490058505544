"""Registering once for several dates of a series, as a visitor meets it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.factories import make_registration, make_series, make_webinar
from tests.registration.deeds import assert_true_counters
from tests.registration.test_questions import add
from tests.support.pages import parse, text_of
from tests.support.queries import sent_queries
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.links import address_key
from webinars.mail.limits import note_proven
from webinars.mail.models import Message
from webinars.registration import links, proofs, waves
from webinars.registration.models import Registration
from webinars.registration.questions import service as questions
from webinars.schedule.models import Webinar

FORM = "/series/side-effects/register"


@pytest.fixture
def series(app):
    return make_series()


def make_dates(series, number=3, **fields):
    """Make webinars that begin 10, 20, 30 … days from now."""
    return [
        make_webinar(series, now=utc_now(), starts_in=timedelta(days=10 * one), title=f"Part {one}", **fields)
        for one in range(1, number + 1)
    ]


def register(client, name="Alice", **fields):
    fields = {"name": name, "email": f"{name.lower()}@example.org"} | fields
    return client.submit(client.get(FORM), "/register", **fields)


def places():
    """Give (title, name, state) of all registrations, in order of time."""
    db.session.rollback()
    rows = select(Webinar.title, Registration.name, Registration.state).join(Registration.webinar)
    return [tuple(row) for row in db.session.execute(rows.order_by(Webinar.starts_at, Registration.id))]


def letters():
    """Give (kind, title of the webinar) of all letters that wait, as they were owed."""
    db.session.rollback()
    of = {one.subject: one.webinar.title for one in db.session.scalars(select(Registration))}
    found = db.session.scalars(select(Message).where(Message.state == "pending").order_by(Message.id))
    return [(one.notice, of[one.subject]) for one in found]


def test_one_form_takes_all_dates_and_is_answered_by_one_list_and_an_invitation_to_each(client, series):
    make_dates(series)
    page = client.get("/series/side-effects")
    assert "Register for several dates" in text_of(parse(page))
    answer = register(client)
    assert answer.status_code == 200 and answer.request.path == "/series/side-effects/places"
    words = text_of(parse(answer))
    assert "You have a place on 3 dates" in words and words.count("Confirmed") == 3
    assert places() == [(f"Part {one}", "Alice", "confirmed") for one in (1, 2, 3)]
    assert letters() == [("dates", "Part 1"), *(("confirmation", f"Part {one}") for one in (1, 2, 3))]


def test_only_the_dates_that_are_ticked_are_taken(client, series):
    first, _second, third = make_dates(series)
    register(client, date=[first.slug, third.slug])
    assert [title for title, *_ in places()] == ["Part 1", "Part 3"]


def test_one_date_is_answered_as_by_its_own_form(client, series):
    first, *_ = make_dates(series)
    assert "You have a place on 1 date" in text_of(parse(register(client, date=[first.slug])))
    assert letters() == [("confirmation", "Part 1")]


def test_each_date_gives_what_it_has(client, series):
    free, full, closed = make_dates(series)
    full.capacity, closed.capacity, closed.waiting_list, closed.recorded = 0, 0, False, False
    db.session.commit()
    page = text_of(parse(client.get(FORM)))
    assert "on the waiting list it would be place 1" in page and "Part 3" not in page
    words = text_of(parse(register(client)))
    assert "You have a place on 1 date" in words and "Waiting, place 1" in words
    assert places() == [("Part 1", "Alice", "confirmed"), ("Part 2", "Alice", "waitlisted")]
    assert letters() == [("dates", "Part 1"), ("confirmation", "Part 1")]


def test_dates_that_fill_up_meanwhile_or_are_called_off_keep_nobody_from_the_others(client, series):
    _first, second, third = make_dates(series, waiting_list=False, recorded=False)
    page = client.get(FORM)
    second.capacity, third.state = 0, "cancelled"
    db.session.commit()
    words = text_of(parse(client.submit(page, "/register", name="Alice", email="alice@example.org")))
    assert "You have a place on 1 date" in words and places() == [("Part 1", "Alice", "confirmed")]
    assert "Part 2: All places are taken" in words and "Part 3: This webinar was cancelled" in words


def test_a_date_that_is_called_off_meanwhile_asks_nothing_any_more(client, series):
    _first, second = make_dates(series, 2)
    add(second, "Where do you live?", required=True)
    page = client.get(FORM)
    db.session.merge(second).state = "cancelled"
    db.session.commit()
    words = text_of(parse(client.submit(page, "/register", name="Alice", email="alice@example.org")))
    assert places() == [("Part 1", "Alice", "confirmed")] and "Part 2: This webinar was cancelled" in words


def test_what_a_date_asks_that_is_full_meanwhile_stands_above_the_form(client, series):
    _first, second = make_dates(series, 2, waiting_list=False, recorded=False)
    add(second, "Where do you live?", required=True)
    page = client.get(FORM)
    db.session.merge(second).capacity = 0
    db.session.commit()
    answer = client.submit(page, "/register", name="Alice", email="alice@example.org")
    assert answer.status_code == 422 and places() == []
    assert "That did not work" in text_of(parse(answer)) and "Where do you live?" not in text_of(parse(answer))


def test_when_no_date_takes_anybody_any_more_each_reason_is_said(client, series):
    webinars = make_dates(series, 2, waiting_list=False, recorded=False)
    page = client.get(FORM)
    for webinar in webinars:
        webinar.state = "cancelled"
    db.session.commit()
    answer = client.submit(page, "/register", name="Alice", email="alice@example.org")
    words = text_of(parse(answer))
    assert answer.status_code == 409 and places() == []
    assert "Part 1: This webinar was cancelled" in words and "Part 2: This webinar was cancelled" in words


def test_without_a_date_or_an_address_nothing_is_taken_and_all_that_was_typed_stays(client, series):
    make_dates(series)
    answer = client.submit(client.get(FORM), "/register", name="Alice", email="alice@", date=["part-2-2"])
    page = parse(answer)
    assert answer.status_code == 422 and "looks incomplete" in text_of(page)
    assert [box["value"] for box in page.select("[name=date][checked]")] == ["part-2-2"]
    assert page.select_one("[name=name]")["value"] == "Alice"
    answer = client.submit(client.get(FORM), "/register", name="Alice", email="alice@example.org", date=[])
    assert answer.status_code == 422 and "choose at least one date" in text_of(parse(answer))
    assert client.post(FORM).status_code == 422
    for nonsense in (["x"], ["part-1-1\0x"], ["part-1-1/../x"], ["a" * 500] * 50):
        fields = {"name": "A", "email": "a@example.org", "date": nonsense}
        assert client.submit(client.get(FORM), "/register", **fields).status_code == 422
    assert places() == [] and letters() == []


def test_the_same_form_once_more_takes_and_sends_nothing_more(client, app, series):
    make_dates(series)
    page = client.get(FORM)
    sent = [client.submit(page, "/register", name="Alice", email="alice@example.org") for _ in range(3)]
    other = register(app.test_client())
    assert len({text_of(parse(one)) for one in (*sent, other)}) == 1
    assert len(places()) == 3 and len(letters()) == 4


def test_who_has_one_date_already_is_shown_the_same_as_anybody(client, app, series):
    first, *_ = make_dates(series)
    make_registration(first, name="Alice", email="alice@example.org", created_at=utc_now())
    known = text_of(parse(register(client))).replace("alice", "x")
    stranger = text_of(parse(register(app.test_client(), "Bob"))).replace("bob", "x")
    assert known == stranger
    assert letters()[:3] == [("dates", "Part 2"), ("confirmation", "Part 2"), ("confirmation", "Part 3")]


def test_each_date_has_a_page_of_its_own_where_it_can_be_cancelled(client, series):
    make_dates(series)
    page = parse(register(client))
    first = page.select_one("main .item a")["href"]
    shown = client.get(first)
    assert parse(shown).find("a", string="All your dates of Side Effects")["href"] == "/series/side-effects/places"
    answer = client.submit(client.get(first), "/cancel", "Cancel my place")
    assert "cancelled" in text_of(parse(answer))
    assert [state for *_, state in places()] == ["cancelled", "confirmed", "confirmed"]
    assert "You have a place on 2 dates" in text_of(client.page("/series/side-effects/places"))


def test_a_mistyped_address_is_put_right_for_all_dates_at_once(client, series):
    make_dates(series)
    answer = client.submit(register(client, email="alice@exmaple.org"), "/places/address", "Correct", email="a@b.org")
    assert "go to a@b.org now" in text_of(parse(answer))
    db.session.rollback()
    assert set(db.session.scalars(select(Registration.email))) == {"a@b.org"}
    assert letters()[4:] == [("dates", "Part 1"), *(("confirmation", f"Part {one}") for one in (1, 2, 3))]


def test_putting_the_address_right_looks_the_same_for_who_was_known(client, app, series):
    webinars = make_dates(series)
    for webinar in webinars:
        make_registration(webinar, name="Carol", email="carol@example.org", created_at=utc_now())
    pages = []
    for browser, name in ((client, "Alice"), (app.test_client(), "Carol")):
        answer = browser.submit(register(browser, name), "/places/address", "Correct", email=f"{name.lower()}@new.org")
        pages.append(text_of(parse(answer)).replace(name.lower(), "x"))
    assert pages[0] == pages[1]
    assert sum(name == "Carol" for _, name, _ in places()) == 6, "who was known keeps all, and the typed one is new"


def test_nobody_sees_the_page_of_somebody_elses_dates(client, app, series):
    make_dates(series)
    register(client)
    assert app.test_client().get("/series/side-effects/places").status_code == 403


def test_the_page_takes_as_many_statements_for_three_dates_as_for_one(client, series):
    def count(number):
        dates = [one.slug for one in make_dates(series, number)]
        register(client, f"Name {number}", email=f"n{number}@example.org", date=dates)
        with sent_queries() as seen:
            client.get("/series/side-effects/places")
        return len(seen)

    assert count(1) == count(3)
    place = db.session.scalars(select(Registration)).first()
    client.page(links.my_url(place, utc_now()).partition("8000")[2])
    assert count(2) == count(3)


def test_the_form_takes_as_many_statements_for_three_dates_as_for_one(client, series):
    def count():
        with sent_queries() as seen:
            client.submit(client.get(FORM), "/register", name="Alice", email="alice@")
        return len(seen)

    make_dates(series, 1)
    one = count()
    make_dates(series, 2)
    assert count() == one


def test_all_counters_are_true_afterwards(client, app, series):
    webinars = make_dates(series, capacity=1)
    register(client)
    register(app.test_client(), "Bob")
    for webinar in webinars:
        assert_true_counters(db.session.merge(webinar))


def test_who_registers_for_many_dates_is_no_crowd(client, series):
    """Five people on twelve dates each make sixty registrations, the number that one network may have in an hour."""
    make_dates(series, 12)
    for name in ("Alice", "Bob", "Carol", "Dan", "Eve"):
        register(client, name, date=[one.slug for one in db.session.scalars(select(Webinar))])
    db.session.execute(update(Registration).values(client_key="ward", suspicious=False))
    assert len(places()) == waves.FROM_NETWORK and waves.notice(utc_now()) == []


def test_letters_of_one_form_go_together_and_those_of_the_next_wait_for_their_turn(make_app, series):
    """Whoever types somebody else's address into one series after the other floods no mailbox."""
    make_dates(series, 5)
    other = make_app(ratelimit_enabled=True)
    with other.app_context():
        for name in ("Ann", "Ben", "Cleo"):
            register(other.test_client(), name, email="victim@example.org")
        db.session.rollback()
        now, found = utc_now(), db.session.scalars(select(Message).order_by(Message.id)).all()
    turns = [one.next_attempt_at for one in found]
    assert len(turns) == 3 * 6 and all(turn <= now for turn in turns[:6])
    assert all(turn > now + timedelta(hours=23) for turn in turns[6:])


@pytest.fixture
def asking_for_proof(series):
    make_dates(series)
    series.require_proof = True
    questions.settle(series)
    db.session.commit()
    return series


def test_where_proof_is_asked_one_letter_asks_for_it_and_one_press_keeps_all_dates(client, app, asking_for_proof):
    words = text_of(parse(register(client)))
    assert "A place is held for you on 3 dates" in words and words.count("Held, not confirmed") == 3
    assert letters() == [("proof", "Part 1")]
    browser = app.test_client()
    first = db.session.scalars(select(Registration).order_by(Registration.id)).first()
    page = browser.get(links.manage_url(first).partition("8000")[2], follow_redirects=True)
    browser.submit(page, "/keep", "Yes, I want this place")
    assert letters()[1:] == [("confirmation", f"Part {one}") for one in (1, 2, 3)]
    db.session.rollback()
    assert set(db.session.scalars(select(Registration.proof_until))) == {None}


def test_where_proof_is_asked_the_page_tells_nobody_who_has_proven(client, app, asking_for_proof):
    with transaction():
        note_proven(address_key("bob@example.org"), utc_now())
    pages = {text_of(parse(register(app.test_client(), name))).replace(name.lower(), "x") for name in ("Ann", "Bob")}
    assert len(pages) == 1
    assert [kind for kind, _ in letters()] == ["proof", "dates", *["confirmation"] * 3]


def test_where_proof_is_asked_who_opened_my_webinars_reads_where_they_stand(client, asking_for_proof):
    with transaction():
        note_proven(address_key("alice@example.org"), utc_now())
    assert "A place is held for you on 3 dates" in text_of(parse(register(client)))
    place = db.session.scalars(select(Registration)).first()
    client.page(links.my_url(place, utc_now()).partition("8000")[2])
    words = text_of(client.page("/series/side-effects/places"))
    assert "You have a place on 3 dates" in words and "Held, not confirmed" not in words


def test_a_date_whose_letter_still_waits_is_held_as_long_as_the_one_that_asks(client, asking_for_proof):
    register(client)
    tomorrow = utc_now() + timedelta(hours=25)
    with transaction():
        assert proofs.pass_on(tomorrow) == 0
    assert len(places()) == 3
    db.session.execute(update(Message).values(state="sent", sent_at=utc_now()))
    db.session.commit()
    with transaction():
        assert proofs.pass_on(tomorrow + timedelta(hours=25)) == 3
    assert places() == []
