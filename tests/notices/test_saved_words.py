"""Words of staff for the letters of a series: saved, kept apart, and in the letters that go out."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_registration, make_series, make_webinar
from tests.support.queries import count_queries
from webinars.accounts.models import AuditEntry
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict
from webinars.mail.letters import Letter
from webinars.mail.models import Message
from webinars.notices import owed, wording_queries, wording_service
from webinars.notices.derive import derive_due
from webinars.notices.kinds import Notice
from webinars.notices.models import LetterText
from webinars.notices.prepare import prepare
from webinars.notices.wording_service import Typed, save_words
from webinars.schedule.cleaning import Problems
from webinars.schedule.models import Series

LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture
def series(app):
    return make_series()


def save(series, notice=Notice.REMINDER, *, seen=None, now=NOW, **texts):
    """Save words given as en=(subject, body)."""
    typed = {language: Typed(*texts.get(language, ("", ""))) for language in ("en", "es")}
    with transaction():
        save_words(db.session.get(Series, series.id), notice, typed, now, seen=seen)


def stored():
    rows = db.session.query(LetterText).order_by(LetterText.language)
    return [(row.notice, row.language, row.subject, row.body) for row in rows]


def test_saving_keeps_what_differs_from_the_usual_and_emptying_it_goes_back(series):
    save(series, en=(" A  subject ", "Text\r\n\r\n"), es=("", "Texto"))
    assert stored() == [("reminder", "en", "A subject", "Text"), ("reminder", "es", "", "Texto")]
    save(series, en=("", ""), es=("", "Texto"))
    assert stored() == [("reminder", "es", "", "Texto")]
    assert wording_queries.changed_letters(series.id) == {"reminder": {"es"}}


def test_mistakes_are_told_by_field_and_nothing_is_saved(series):
    with pytest.raises(Problems) as refused:
        save(series, en=("{x}", "fine"), es=("fine", "{name"))
    assert set(refused.value.fields) == {"subject_en", "body_es"} and stored() == []


def test_somebody_elses_words_are_not_written_over(series):
    seen = wording_service.words_version(series.id, Notice.REMINDER)
    save(series, en=("One", ""))
    with pytest.raises(Conflict):
        save(series, en=("Two", ""), seen=seen)
    save(series, en=("Two", ""), seen=wording_service.words_version(series.id, Notice.REMINDER))
    assert stored() == [("reminder", "en", "Two", "")]


def test_every_change_is_in_the_audit_trail_with_before_and_after(series):
    save(series, en=("One", "x"))
    save(series, en=("One", "x"))
    save(series, en=("Two", "x"), es=("Dos", ""))
    save(series, en=("", ""), es=("Dos", ""))
    trail = [
        (one.action, one.note, one.before, one.after) for one in db.session.query(AuditEntry).order_by(AuditEntry.id)
    ]
    one, two = {"subject_en": "One"}, {"subject_en": "Two", "subject_es": "Dos"}
    assert trail == [
        ("letter words changed", "reminder", {"subject_en": "", "body_en": ""}, one | {"body_en": "x"}),
        ("letter words changed", "reminder", one | {"subject_es": ""}, two),
        ("letter words changed", "reminder", {"subject_en": "Two", "body_en": "x"}, {"subject_en": "", "body_en": ""}),
    ]


def prepared(notice: str, now) -> list[Letter]:
    messages = db.session.query(Message).filter_by(notice=notice).order_by(Message.id).all()
    letters = [make() for make in prepare(messages, now)]
    db.session.rollback()
    return letters


def test_letters_of_the_outbox_have_the_words_of_their_series_and_language(series):
    save(series, en=("Soon: {title}", "{greeting}\n\nSee you."), es=("Pronto: {title}", ""))
    mine, other = make_webinar(series), make_webinar(make_series(title="Other"), title="Other webinar")
    for webinar in (mine, other):
        make_registration(webinar, "Alice", now=LONG_AGO, entered_by_staff=True)
    make_registration(mine, "Bruno", now=LONG_AGO, language="es")
    due = mine.starts_at - timedelta(hours=1)
    with transaction():
        derive_due(due)
    by_subject = {made.subject.partition(":")[0]: made for made in prepared("reminder", due)}
    assert by_subject.keys() == {"Soon", "Pronto", "Today at 10"}
    assert "Hello Alice,\n\nSee you." in str(by_subject["Soon"].text)
    assert "recordatorio" in str(by_subject["Pronto"].text)


def test_letter_sent_once_more_has_the_words_of_the_letter_it_repeats(series):
    save(series, Notice.CONFIRMATION, en=("Welcome", ""))
    place = make_registration(make_webinar(series), "Alice")
    with transaction():
        owed.owe_again(db.session.merge(place), "again", NOW)
    [letter] = prepared("repeated", NOW)
    assert letter.subject == "Welcome"


def test_words_saved_while_a_letter_waits_are_in_the_letter(series):
    place = make_registration(make_webinar(series), "Alice")
    with transaction():
        owed.owe_confirmation(db.session.merge(place), NOW)
    save(series, Notice.CONFIRMATION, en=("First", ""))
    assert prepared("confirmation", NOW)[0].subject == "First"
    save(series, Notice.CONFIRMATION, en=("Second", ""))
    assert prepared("confirmation", NOW)[0].subject == "Second"


def test_words_cost_one_query_a_batch_whether_there_are_any_or_not(series):
    webinar = make_webinar(series)
    for number in range(4):
        make_registration(webinar, f"P{number}", now=LONG_AGO)
    due = webinar.starts_at - timedelta(hours=1)
    with transaction():
        derive_due(due)
    messages = db.session.query(Message).all()
    for message in messages:
        db.session.expunge(message)

    def count(some):
        db.session.rollback()
        return count_queries(lambda: [make() for make in prepare(some, due)])

    before = count(messages[:1]), count(messages)
    save(series, en=("Soon", "x {greeting}"))
    assert (count(messages[:1]), count(messages)) == before and before[0] == before[1]
