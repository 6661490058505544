"""Announcements: what each reader gets, in which words."""

from dataclasses import replace
from datetime import timedelta

import html5lib
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from tests.factories import NOW, make_series, make_webinar
from tests.mail.conftest import post  # noqa: F401
from tests.notices import test_letters as letters_seen
from tests.notices.announcing import letters, registered, sent_off
from webinars.core.database import db, transaction
from webinars.core.language import speaking
from webinars.mail.classes import EVERYWHERE, MailClass, join_again, leave, list_of
from webinars.mail.letters import Letter, NotSent
from webinars.mail.limits import note_proven
from webinars.mail.models import Address
from webinars.notices.facts import address_key
from webinars.notices.kinds import Notice, Reason
from webinars.notices.letters import Writer
from webinars.notices.models import Announcement
from webinars.notices.wording import Wording
from webinars.registration import erasure
from webinars.registration import service as registrations
from webinars.registration.models import Registration


@pytest.fixture
def webinar(app):
    return make_webinar(make_series())


def test_letter_has_the_words_the_facts_and_no_calendar_part(webinar):
    alice = registered(webinar, "Alice", entered_by_staff=True)
    sent_off(webinar)
    letter = letters()[alice.subject]
    assert letter.subject == "News: Immunotherapy & Side Effects" and letter.calendar is None
    text = str(letter.text)
    assert text.startswith(
        "News: Immunotherapy & Side Effects\n\nHello Alice,\n\nThe slides are at https://example.org/"
    )
    assert "What: Immunotherapy" in text and "When: Wednesday 2 December 2026" in text and "/r/" in text
    assert "/join" not in text and letter.told_sequence is None
    page = BeautifulSoup(str(letter.html), "html.parser")
    assert page.find("a", href="https://example.org/slides") and page.find("strong", string="slides")
    assert len(page.find_all("h1")) == 1 and page.h1.get_text(strip=True) == letter.subject


def test_letter_to_a_series_says_nothing_of_a_single_webinar(webinar):
    alice = registered(webinar, "Alice", entered_by_staff=True)
    sent_off(webinar.series)
    letter = letters()[alice.subject]
    assert letter.subject == "News of Side Effects" and "There is more." in str(letter.text)
    for part in (str(letter.text), str(letter.html)):
        assert webinar.title.split(" & ")[0] not in part and "2 December" not in part


def test_unproven_reader_is_not_named_and_a_proven_one_is(webinar):
    unproven, proven = registered(webinar, "Visit evil.example"), registered(webinar, "Berta")
    with transaction():
        note_proven(address_key(proven.email_key), NOW)
    sent_off(webinar)
    made = letters()
    assert "\n\nHello,\n\n" in str(made[unproven.subject].text) and "evil" not in str(made[unproven.subject].html)
    assert "\n\nHello Berta,\n\n" in str(made[proven.subject].text)


def test_discreet_reader_learns_no_more_than_that_there_is_news(webinar):
    dora = registered(webinar, "Dora", discreet=True, entered_by_staff=True)
    announcement = {"subject_en": "Immunotherapy news", "body_en": "About {title} of {series} by {organization}"}
    sent_off(webinar, **announcement)
    letter = letters()[dora.subject]
    assert (letter.subject, letter.sender_name, letter.headers) == ("News about your appointment", "Appointments", ())
    for part in (str(letter.text), str(letter.html)):
        assert "There is news about your appointment" in part and "/r/" in part
        for secret in ("Immuno", "Side Effects", "side-effects", "Harbor Cancer", "slides"):
            assert secret not in part


def test_reader_gets_their_language_and_else_the_first_there_is(webinar):
    ana, bob = registered(webinar, "Ana", language="es"), registered(webinar, "Bob")
    spanish = {"subject_es": "Noticias: {title}", "body_es": "{greeting}\n\nEl {date}."}
    sent_off(webinar, **spanish)
    made = letters()
    assert made[ana.subject].subject.startswith("Noticias: ") and "de diciembre de 2026" in str(made[ana.subject].text)
    assert made[bob.subject].subject.startswith("News: ")
    sent_off(webinar, subject_en="", body_en="", **spanish)
    foreign = letters()[bob.subject]
    assert foreign.subject.startswith("Noticias: ") and "El miércoles, 2 de diciembre de 2026" in str(foreign.text)
    assert '<div lang="es">' in str(foreign.html) and "When: Wednesday" in str(foreign.text)


def test_letter_also_goes_out_after_the_webinar_and_after_it_was_called_off(webinar):
    alice = registered(webinar, "Alice")
    sent_off(webinar)
    after = webinar.ends_at + timedelta(days=1)
    assert isinstance(letters(after)[alice.subject], Letter) and "When:" not in str(letters(after)[alice.subject].text)
    webinar.state = "cancelled"
    db.session.commit()
    assert isinstance(letters()[alice.subject], Letter)


def test_whoever_leaves_in_between_gets_nothing_and_the_reason_is_named(webinar):
    gone, switched, left, dead, erased = (
        registered(webinar, name) for name in ("Gone", "Switched", "Left", "Dead", "E")
    )
    subjects = [person.subject for person in (gone, switched, left, dead, erased)]
    sent_off(webinar, states=["confirmed"])
    with transaction() as session:
        registrations.cancel(session.get(Registration, gone.id), NOW)
        registrations.change_mode(session.get(Registration, switched.id), "recording", NOW)
        leave(address_key(left.email_key), MailClass.NEWS, list_of(webinar.series_id), NOW)
        session.add(Address(key=address_key(dead.email_key), bounced_at=NOW))
    with transaction() as session:
        erasure.erase(session.get(Registration, erased.id), NOW)
    made = {subject: refusal for subject, refusal in letters().items() if isinstance(refusal, NotSent)}
    reasons = (Reason.PLACE_CANCELLED, Reason.STATE_CHANGED, Reason.UNSUBSCRIBED, Reason.BOUNCED, Reason.GONE)
    assert {subject: refusal.reason for subject, refusal in made.items()} == dict(zip(subjects, reasons, strict=True))


def test_who_comes_back_to_the_class_gets_the_letter(webinar):
    alice = registered(webinar, "Alice")
    key = address_key(alice.email_key)
    sent_off(webinar)
    with transaction():
        leave(key, MailClass.NEWS, EVERYWHERE, NOW)
    assert letters()[alice.subject] == NotSent(Reason.UNSUBSCRIBED)
    with transaction():
        join_again(key, MailClass.NEWS, EVERYWHERE)
    assert isinstance(letters()[alice.subject], Letter)


def test_announcement_that_is_gone_is_not_sent(webinar):
    alice = registered(webinar, "Alice")
    sent_off(webinar)
    with transaction() as session:
        session.execute(sa.delete(Announcement))
    assert letters()[alice.subject] == NotSent(Reason.ANNOUNCEMENT_GONE)


NEWS = Wording(
    "en",
    "The slides of {title}",
    "{greeting}\n\nThe slides are **ready**:\n\n- [part one](https://example.org/1)\n- part two",
)


@pytest.mark.parametrize("name", ["announcement", "announcement.series", "announcement.discreet"])
def test_announcement_reads_as_reviewed(app, name):
    whole_series = name.endswith("series")
    words = replace(NEWS, subject="News of {series}", whole_series=True) if whole_series else NEWS
    with speaking("en"):
        letter = Writer(letters_seen.NOW).place_letter(
            Notice.ANNOUNCEMENT, letters_seen.facts(name.endswith("discreet")), words
        )
    letters_seen.check(f"{name}.txt", letters_seen.shown(letter))
    letters_seen.check(f"{name}.html", str(letter.html))
    html5lib.HTMLParser(strict=True).parse(str(letter.html))
