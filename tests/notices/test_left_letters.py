"""Which letters stay away from people who left their class, and which go out all the same."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_registration, make_series, make_video, make_webinar
from tests.notices.test_subscriptions import leaves, owed
from tests.support.queries import sent_queries
from webinars.core.database import db
from webinars.mail.classes import EVERYWHERE, MailClass
from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import MessageState
from webinars.notices import facts, subscriptions
from webinars.notices.kinds import Notice, Reason
from webinars.notices.prepare import prepare


def answers(messages, now=NOW):
    return [make() for make in prepare(messages, now)]


def over(title, series=None):
    """Make a webinar that is over and whose recording is out."""
    found = make_webinar(series, starts_in=timedelta(days=-2), title=title)
    return found, make_video(found, title=title)


def test_only_the_letters_that_were_left_stay_away(app):
    side, trials = make_series(title="Side Effects"), make_series(title="Clinical Trials")
    (first, film), (second, other_film) = over("One", side), over("Two", trials)
    places = [make_registration(first, name) for name in ("Alice", "Bob", "Carol")]
    elsewhere = make_registration(second, "Alice")
    leaves("alice", MailClass.FOLLOW_UP, f"s{side.id}")
    leaves("bob", MailClass.FOLLOW_UP, EVERYWHERE)
    leaves("carol", MailClass.NEWS, EVERYWHERE)
    messages = [owed(Notice.RECORDING_READY, place, film.id) for place in places]
    messages.append(owed(Notice.RECORDING_READY, elsewhere, other_film.id))
    made = answers(messages)
    assert [isinstance(one, Letter) for one in made] == [False, False, True, True]
    assert made[0] == made[1] == NotSent(Reason.UNSUBSCRIBED, MessageState.SUPERSEDED)


def test_who_left_everything_still_gets_every_letter_about_a_place(app):
    webinar = make_webinar(starts_in=timedelta(minutes=50))
    alice = make_registration(webinar, "Alice", now=NOW - timedelta(days=20))
    for mail_class in (MailClass.FOLLOW_UP, MailClass.NEWS):
        leaves("alice", mail_class, EVERYWHERE)
    made = answers([owed(Notice.CONFIRMATION, alice, 1), owed(Notice.REMINDER, alice, "0-60")])
    assert all(isinstance(one, Letter) and "/join" in str(one.text) for one in made)


@pytest.mark.parametrize(("days", "comes"), [(1, False), (-1, True)])
def test_recording_that_was_asked_for_after_leaving_comes_all_the_same(app, days, comes):
    webinar, film = over("One")
    leaves("alice", MailClass.FOLLOW_UP, EVERYWHERE)
    asked = make_registration(
        webinar, "Alice", now=NOW - timedelta(days=days), state="recording-only", mode="recording"
    )
    [made] = answers([owed(Notice.RECORDING_READY, asked, film.id)])
    assert isinstance(made, Letter) is comes


def test_somebody_else_at_the_same_webinar_gets_the_letter(app):
    webinar, film = over("One")
    leaves("alice", MailClass.FOLLOW_UP, EVERYWHERE)
    [made] = answers([owed(Notice.RECORDING_READY, make_registration(webinar, "Bob"), film.id)])
    assert isinstance(made, Letter)


def test_batch_asks_once_who_left_and_not_at_all_for_letters_about_places(app):
    webinar, film = over("One")
    places = [make_registration(webinar, name) for name in ("Alice", "Bob", "Carol")]
    films = [owed(Notice.RECORDING_READY, place, film.id) for place in places]
    cancelled = [owed(Notice.OWN_CANCELLATION, place, 1) for place in places]
    db.session.rollback()
    found = subscriptions_asked(films[:1]), subscriptions_asked(films), subscriptions_asked(cancelled)
    assert found == (1, 1, 0)


def subscriptions_asked(messages):
    places = facts.gather(messages)
    with sent_queries() as sent:
        subscriptions.withheld(messages, places)
    return sum("unsubscriptions" in statement for statement in sent)
