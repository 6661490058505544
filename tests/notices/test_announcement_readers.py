"""Whom a letter of an announcement goes to when places came, went and changed after it was written."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import NOW, make_registration, make_series, make_webinar
from tests.mail.conftest import post  # noqa: F401
from tests.support.queries import count_queries
from webinars.core.database import db, transaction
from webinars.mail.classes import MailClass, leave, list_of
from webinars.mail.delivery import deliver_due
from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import Message
from webinars.notices import announcement_queries as queries
from webinars.notices import announcement_service as service
from webinars.notices import announcements
from webinars.notices.derive import derive_due
from webinars.notices.kinds import Reason
from webinars.notices.prepare import prepare
from webinars.registration import corrections
from webinars.registration import service as registrations
from webinars.registration.models import Registration
from webinars.schedule import service as schedule
from webinars.schedule.models import Series, Webinar

LONG_AGO = NOW - timedelta(days=30)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def first(app):
    return make_webinar(make_series())


@pytest.fixture
def second(first):
    return make_webinar(first.series, title="The second")


def registered(webinar, name="Alice", **fields):
    return make_registration(webinar, name, now=LONG_AGO, **{"entered_by_staff": True, **fields})


def sent_off(about, **chosen) -> int:
    kind, number = type(about), about.id
    with transaction() as session:
        words = {"subject_en": "News of {series}", "body_en": "{greeting}\n\nThere is more."}
        found = service.write_announcement(session.get_one(kind, number), words | chosen, NOW)
        service.send_now(found, NOW)
    with transaction():
        derive_due(NOW)
    return found.id


def do(deed, place, *args):
    with transaction() as session:
        deed(session.get(Registration, place.id), *args)


def made():
    """Make the letters of all announcements, in the order in which they were written."""
    messages = db.session.query(Message).filter_by(notice="announcement").order_by(Message.id).all()
    letters = [make() for make in prepare(messages, NOW + MINUTE)]
    db.session.rollback()
    return letters


def place_of(letter):
    """Give the public id of the place that a letter leads to."""
    return str(letter.text).partition("/r/")[2].partition(".")[0]


def test_whoever_gives_up_one_place_of_two_gets_the_letter_about_the_other(first, second, smtp_sink, post):  # noqa: F811
    kept, newest = registered(first), registered(second)
    sent_off(first.series)
    do(registrations.cancel, newest, NOW)
    [letter] = made()
    assert isinstance(letter, Letter) and place_of(letter) == kept.public_id
    deliver_due(prepare, clock=lambda: NOW + MINUTE)
    to_alice = [str(one.message["Subject"]) for one in smtp_sink.received if one.rcpt_to == ["alice@example.org"]]
    assert to_alice.count("News of Side Effects") == 1


def test_whoever_leaves_the_filter_at_one_place_gets_the_letter_about_another_within_it(first, second):
    kept, newest = registered(first, language="es"), registered(second)
    sent_off(first.series, states=["confirmed"])
    do(registrations.change_mode, newest, "recording", NOW)
    [letter] = made()
    assert place_of(letter) == kept.public_id and letter.language == "es"


def test_place_outside_the_filter_of_another_series_or_of_a_draft_is_no_way_to_be_reached(first, second):
    draft = make_webinar(first.series, title="Draft", state="draft", published_at=None)
    registered(first, state="waitlisted")
    registered(draft)
    registered(make_webinar(make_series(title="Other"), title="Elsewhere"))
    newest = registered(second)
    sent_off(first.series, states=["confirmed"])
    do(registrations.cancel, newest, NOW)
    assert made() == [NotSent(Reason.PLACE_CANCELLED)]


def test_two_people_of_one_mailbox_at_one_webinar_are_one_reader(first):
    kept, newest = (
        registered(first, "Alice", email="home@example.org"),
        registered(first, "Bob", email="home@example.org"),
    )
    sent_off(first)
    do(registrations.cancel, newest, NOW)
    [letter] = made()
    assert place_of(letter) == kept.public_id and "Hello Alice," in str(letter.text)


def test_own_place_is_kept_while_the_announcement_reaches_it(first, second):
    older, later = registered(first), registered(second)
    sent_off(first.series)
    registered(make_webinar(first.series, title="The third"))
    [letter] = made()
    assert place_of(letter) == later.public_id != older.public_id


def test_discreet_place_in_the_others_stead_gets_a_discreet_letter(first, second):
    kept, newest = registered(first, discreet=True), registered(second)
    sent_off(first.series)
    do(registrations.cancel, newest, NOW)
    [letter] = made()
    assert place_of(letter) == kept.public_id and letter.discreet and "Side Effects" not in str(letter.text)


def test_page_of_the_place_that_the_letter_leads_to_shows_the_news(first, second):
    kept, newest = registered(first, discreet=True), registered(second)
    elsewhere = registered(make_webinar(make_series(title="Other"), title="Elsewhere"))
    waiting = registered(make_webinar(first.series, title="Full"), state="waitlisted")
    announcement = sent_off(first.series, states=["confirmed"])
    do(registrations.cancel, newest, NOW)
    with transaction() as session:
        session.execute(sa.update(Message).where(Message.notice == "announcement").values(state="sent"))
    shown = {
        place.id: [one.subject for one in announcements.news_of(db.session.get(Registration, place.id))]
        for place in (kept, newest, elsewhere, waiting)
    }
    assert shown == {
        kept.id: ["News of Side Effects"],
        newest.id: ["News of Side Effects"],
        elsewhere.id: [],
        waiting.id: [],
    }
    [(found, _at)] = queries.given_to(db.session.get(Registration, kept.id))
    assert found.id == announcement


@pytest.mark.parametrize("one_sent", [False, True])
@pytest.mark.parametrize("corrected", ["first", "second"])
def test_address_that_was_corrected_to_that_of_another_reader_gets_one_letter(first, second, corrected, one_sent):
    places = {"first": registered(first, "Alise"), "second": registered(second, "Alice")}
    right = places["second" if corrected == "first" else "first"].email
    sent_off(first.series)
    do(corrections.correct_address, places[corrected], right, NOW)
    with transaction() as session:
        last = session.query(Message).filter_by(notice="announcement").order_by(Message.id.desc()).first()
        last.state = "sent" if one_sent else "sending"
    letters = made()
    told = [NotSent(Reason.ALREADY_TOLD)]
    if one_sent:
        assert letters[:1] == told
    else:
        assert letters[1:] == told and letters[0].to_address == right


def test_letter_that_comes_to_nothing_keeps_no_other_from_its_address(first, second):
    places = [registered(first, "Alise"), registered(second, "Alice")]
    sent_off(first.series)
    do(corrections.correct_address, places[0], places[1].email, NOW)
    for state in ("failed", "superseded", "expired"):
        with transaction() as session:
            session.query(Message).filter_by(notice="announcement").order_by(Message.id).first().state = state
        assert isinstance(made()[1], Letter)


def test_another_announcement_is_another_letter(first, second):
    registered(first)
    registered(second)
    for _ in range(2):
        sent_off(first.series)
    assert [isinstance(letter, Letter) for letter in made()] == [True, True]


def test_whoever_left_these_letters_gets_none_about_another_place(first, second):
    _kept, newest = registered(first), registered(second)
    sent_off(first.series)
    do(registrations.cancel, newest, NOW)
    with transaction():
        leave(newest.address_key, MailClass.NEWS, list_of(first.series_id), NOW)
    assert made() == [NotSent(Reason.UNSUBSCRIBED)]


def test_place_at_a_webinar_called_off_since_is_none_and_another_one_is(first, second):
    kept, newest, alone = registered(first), registered(second), registered(second, "Bob")
    sent_off(first.series)
    with transaction() as session:
        schedule.cancel_webinar(session.get(Webinar, second.id), "Speaker ill", NOW + MINUTE)
    # Which of the two was written first, a database may choose.
    written = db.session.scalars(sa.select(Message.subject).filter_by(notice="announcement").order_by(Message.id))
    letters = dict(zip(written.all(), made(), strict=True))
    assert place_of(letters[newest.subject]) == kept.public_id
    assert letters[alone.subject] == NotSent(Reason.WEBINAR_CANCELLED)


def test_series_is_written_to_about_a_webinar_that_had_been_called_off(first, second):
    alone = registered(second)
    with transaction() as session:
        schedule.cancel_webinar(session.get(Webinar, second.id), "Speaker ill", NOW - MINUTE)
    sent_off(first.series)
    assert [place_of(letter) for letter in made()] == [alone.public_id]


def test_many_readers_with_many_places_need_as_many_queries_as_one(first, second):
    series = first.series_id
    for number in range(6):
        registered(first, f"P{number}")
        do(registrations.cancel, registered(second, f"P{number}"), LONG_AGO)
        registered(make_webinar(db.session.get(Series, series), title=f"W{number}"), f"P{number}")
    sent_off(db.session.get(Series, series))
    for place in db.session.query(Registration).filter(Registration.id % 3 == 0).all():
        do(registrations.cancel, place, NOW)
    messages = db.session.query(Message).filter_by(notice="announcement").order_by(Message.id).all()
    for message in messages:
        db.session.expunge(message)

    def count(some):
        db.session.rollback()
        return count_queries(lambda: [make() for make in prepare(some, NOW)])

    assert count(messages[:1]) == count(messages) and len(messages) == 6
