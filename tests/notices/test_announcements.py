"""Announcements: whom they reach, when they go out, how they are stopped, and what each reader gets."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import html5lib
import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from tests.calendars.test_feeds import count_queries
from tests.factories import NOW, make_registration, make_series, make_webinar
from tests.mail.conftest import post  # noqa: F401
from tests.notices import test_letters as letters_seen
from webinars.accounts.models import AuditEntry
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict
from webinars.core.language import speaking
from webinars.core.text import email_key
from webinars.core.zones import AmbiguousTime
from webinars.mail.classes import EVERYWHERE, MailClass, join_again, leave, list_of
from webinars.mail.delivery import deliver_due
from webinars.mail.letters import Letter, NotSent
from webinars.mail.limits import note_proven
from webinars.mail.models import Address, Mailing, Message
from webinars.notices import announcement_queries as queries
from webinars.notices import announcement_rules as rules
from webinars.notices import announcement_service as service
from webinars.notices.announcement_queries import Reach, Tally
from webinars.notices.announcement_rules import Stage
from webinars.notices.derive import derive_due
from webinars.notices.facts import address_key
from webinars.notices.kinds import Notice, Reason
from webinars.notices.letters import Writer
from webinars.notices.models import Announcement
from webinars.notices.prepare import prepare
from webinars.notices.wording import Wording
from webinars.registration import erasure
from webinars.registration import service as registrations
from webinars.registration.models import Registration
from webinars.schedule.cleaning import Problems
from webinars.schedule.models import Series, Webinar

LONG_AGO = NOW - timedelta(days=30)
MINUTE = timedelta(minutes=1)
TEXT = {"subject_en": "News: {title}", "body_en": "{greeting}\n\nThe **slides** are at https://example.org/slides."}
OF_SERIES = {"subject_en": "News of {series}", "body_en": "{greeting}\n\nThere is more."}


@pytest.fixture
def webinar(app):
    return make_webinar(make_series())


def draft(about, **fields) -> int:
    texts = TEXT if isinstance(about, Webinar) else OF_SERIES
    kind, number = type(about), about.id
    with transaction():
        return service.write_announcement(db.session.get_one(kind, number), {**texts, **fields}, NOW).id


def do(deed, announcement_id, *args, **more):
    with transaction():
        return deed(queries.get_announcement(announcement_id), *args, **more)


def sent_off(about, now=NOW, **fields) -> int:
    """Write an announcement and let it go out at once."""
    announcement_id = draft(about, **fields)
    do(service.send_now, announcement_id, now)
    derive(now)
    return announcement_id


def derive(now):
    with transaction():
        derive_due(now)


def owed() -> list[str]:
    rows = db.session.query(Message).filter_by(notice="announcement").order_by(Message.id)
    return [message.subject for message in rows]


def reach(announcement_id) -> Reach:
    return queries.reach(queries.get_announcement(announcement_id))


def registered(webinar, name, **fields) -> Registration:
    return make_registration(webinar, name, now=LONG_AGO, **fields)


def stage(announcement_id) -> Stage:
    db.session.rollback()
    found = queries.get_announcement(announcement_id)
    return rules.stage(found, queries.tallies([found]).get(found.id, Tally()).open)


def test_announcement_reaches_everybody_who_still_takes_part_in_any_way(webinar):
    states = ("confirmed", "waitlisted", "offered", "recording-only")
    people = [registered(webinar, f"P{number}", state=state) for number, state in enumerate(states)]
    registered(webinar, "Gone", state="cancelled")
    registered(webinar, "Caller", email=None)
    registered(make_webinar(title="Another"), "Elsewhere")
    announcement = draft(webinar)
    assert reach(announcement) == Reach(people=4, without_address=1, left=0, bounced=0)
    do(service.send_now, announcement, NOW)
    derive(NOW)
    assert sorted(owed()) == sorted(person.subject for person in people)


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, ["Ann", "Ben", "Cleo", "Dora", "Eva"]),
        ({"states": ["confirmed"]}, ["Ann", "Ben"]),
        ({"states": ["waitlisted"]}, ["Cleo", "Dora"]),
        ({"states": ["confirmed", "recording-only"]}, ["Ann", "Ben", "Eva"]),
        ({"modes": ["phone"]}, ["Ben"]),
        ({"languages": ["es"]}, ["Ann", "Dora"]),
        ({"states": ["waitlisted"], "languages": ["es"]}, ["Dora"]),
        ({"states": ["confirmed", "waitlisted", "recording-only"]}, ["Ann", "Ben", "Cleo", "Dora", "Eva"]),
        (
            {"states": ["cancelled", "nonsense"], "modes": [], "languages": ["fr"]},
            ["Ann", "Ben", "Cleo", "Dora", "Eva"],
        ),
    ],
)
def test_filter_chooses_by_state_mode_and_language(webinar, chosen, names):
    registered(webinar, "Ann", language="es")
    registered(webinar, "Ben", mode="phone")
    registered(webinar, "Cleo", state="waitlisted")
    registered(webinar, "Dora", state="offered", language="es")
    registered(webinar, "Eva", state="recording-only", mode="recording")
    announcement = sent_off(webinar, **chosen)
    found = db.session.query(Registration.name).filter(Registration.id.in_([int(one[1:]) for one in owed()]))
    assert sorted(name for (name,) in found) == names
    assert len(names) == reach(announcement).people


def test_series_gives_each_address_one_letter_at_its_newest_place(webinar):
    other = make_webinar(webinar.series, title="Earlier")
    draft_webinar = make_webinar(webinar.series, title="Not public", state="draft", published_at=None)
    registered(webinar, "Alice", email="Alice@Example.org")
    newest = registered(other, "Alice", email="alice@example.org")
    registered(other, "Gone", email="gone@example.org", state="cancelled")
    still = registered(webinar, "Gone", email="gone@example.org")
    registered(draft_webinar, "Early")
    registered(make_webinar(make_series(title="Other series")), "Elsewhere")
    announcement = sent_off(webinar.series)
    assert sorted(owed()) == sorted([newest.subject, still.subject])
    assert reach(announcement).people == 2
    [mailing] = db.session.query(Mailing).filter_by(notice="announcement")
    assert (mailing.about, mailing.occasion) == (f"s{webinar.series.id}", str(announcement))


def test_count_leaves_out_who_left_this_class_and_whose_mailbox_is_dead(webinar):
    people = [registered(webinar, f"P{number}") for number in range(6)]
    keys = [address_key(email_key(person.email)) for person in people]
    with transaction() as session:
        leave(keys[0], MailClass.NEWS, list_of(webinar.series_id), NOW)
        leave(keys[1], MailClass.NEWS, EVERYWHERE, NOW)
        leave(keys[2], MailClass.FOLLOW_UP, EVERYWHERE, NOW)
        leave(keys[3], MailClass.NEWS, list_of(webinar.series_id + 1), NOW)
        session.add_all([Address(key=keys[4], bounced_at=NOW), Address(key=keys[0], bounced_at=NOW)])
    assert reach(draft(webinar)) == Reach(people=3, without_address=0, left=2, bounced=1)


def test_nothing_is_written_before_its_moment_and_once_only(webinar):
    alice = registered(webinar, "Alice")
    announcement = draft(webinar)
    derive(NOW + timedelta(days=1))
    assert owed() == [] and stage(announcement) is Stage.DRAFT
    do(service.send_later, announcement, "2026-11-23T13:00", NOW)
    moment = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    derive(moment - timedelta(seconds=1))
    assert owed() == [] and stage(announcement) is Stage.WAITING
    derive(moment)
    registered(webinar, "Late")
    for later in (0, 1, 6, 600):
        derive(moment + later * MINUTE)
    assert owed() == [alice.subject] and stage(announcement) is Stage.GOING_OUT
    [message] = db.session.query(Message).filter_by(notice="announcement")
    assert (message.lane, message.about, message.occasion) == ("b", f"w{webinar.id}", str(announcement))


def test_two_announcements_are_two_letters(webinar):
    alice = registered(webinar, "Alice")
    sent_off(webinar)
    sent_off(webinar)
    assert owed() == [alice.subject] * 2


def test_workers_that_look_at_the_same_instant_write_each_letter_once(app, webinar):
    for number in range(40):
        registered(webinar, f"P{number}")
    announcement = draft(webinar)
    do(service.send_now, announcement, NOW)
    ready, written = threading.Barrier(4), []

    def look():
        with app.app_context():
            ready.wait()
            with transaction():
                written.append(derive_due(NOW))
            db.session.remove()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [0, 0, 0, 40]
    assert len(owed()) == len(set(owed())) == 40


def test_ten_thousand_letters_are_one_insert_and_as_many_queries_as_ten(app, webinar):
    webinar_id, statements = webinar.id, []

    def listen(*args):
        statements.append(args[2])

    counts = []
    for people in (10, 10_000):
        many(webinar_id, people)
        announcement = draft(db.session.get(Webinar, webinar_id))
        do(service.send_now, announcement, NOW)
        statements.clear()
        sa.event.listen(db.engine, "before_cursor_execute", listen)
        derive(NOW)
        sa.event.remove(db.engine, "before_cursor_execute", listen)
        counts.append(len(statements))
        assert len([one for one in statements if "INSERT INTO messages" in one]) == 1
    assert counts[0] == counts[1]
    assert len(owed()) == 10 + 10_010
    ids = [row.id for row in db.session.query(Message).filter_by(occasion=str(announcement)).limit(200)]
    messages = db.session.query(Message).filter(Message.id.in_(ids)).all()
    for message in messages:
        db.session.expunge(message)

    def made(some):
        db.session.rollback()
        return count_queries(lambda: [make() for make in prepare(some, NOW)])

    assert made(messages[:1]) == made(messages)


def many(webinar_id, people):
    """Register many people in one statement."""
    start = db.session.scalar(sa.select(sa.func.count()).select_from(Registration))
    rows = [
        {"public_id": f"p{number:021}", "webinar_id": webinar_id, "name": "P", "name_key": "p",
         "email": f"p{number}@example.org", "email_key": f"p{number}@example.org", "state": "confirmed", "mode": "live",
         "time_zone": "America/New_York", "language": "en", "uid": f"{number}", "state_since": LONG_AGO,
         "created_at": LONG_AGO, "state_changes": 1}
        for number in range(start, start + people)
    ]  # fmt: skip
    with transaction() as session:
        session.execute(sa.insert(Registration), rows)


def letters(now=NOW) -> dict[str, Letter | NotSent]:
    """Give each person's latest announcement, made."""
    messages = db.session.query(Message).filter_by(notice="announcement").order_by(Message.id).all()
    made = dict(
        zip([message.subject for message in messages], [make() for make in prepare(messages, now)], strict=True)
    )
    db.session.rollback()
    return made


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


def deliver(now=NOW):
    deliver_due(prepare, clock=lambda: now)


def stopping_after(app, sink, announcement, count):
    """Stop an announcement from another connection while its letters leave."""

    def answer(_content):
        if len(sink.received) == count:
            with app.app_context():
                do(service.stop, announcement, NOW)
                db.session.remove()

    sink.answer["DATA"] = answer


@pytest.mark.parametrize("stopped", [False, True], ids=["control", "stopped"])
def test_stopping_takes_back_what_waits(app, webinar, smtp_sink, post, stopped):  # noqa: F811
    for number in range(120):
        registered(webinar, f"P{number}")
    announcement = draft(webinar)
    do(service.send_now, announcement, NOW)
    derive(NOW)
    if stopped:
        stopping_after(app, smtp_sink, announcement, 3)
    deliver()
    if not stopped:
        assert len(smtp_sink.received) == 120 and stage(announcement) is Stage.SENT
        return
    # What one worker had claimed by then may still leave, and nothing else.
    assert 4 <= len(smtp_sink.received) <= 60 and stage(announcement) is Stage.STOPPED
    tally = queries.tallies([queries.get_announcement(announcement)])[announcement]
    assert tally.sent == len(smtp_sink.received) and (tally.open, tally.failed, tally.withheld) == (0, 0, 0)
    assert tally.sent + tally.stopped == tally.total == 120
    assert {row.last_error for row in db.session.query(Message).filter_by(state="superseded")} == {Reason.STOPPED}
    assert db.session.query(Mailing).filter_by(notice="announcement").one().stopped_at == NOW


def test_stopped_announcement_goes_on_to_those_who_have_not_got_it(app, webinar, smtp_sink, post):  # noqa: F811
    people = [registered(webinar, f"P{number}").email for number in range(60)]
    announcement = draft(webinar)
    do(service.send_now, announcement, NOW)
    derive(NOW)
    stopping_after(app, smtp_sink, announcement, 3)
    deliver()
    registered(db.session.query(Webinar).one(), "Late")
    smtp_sink.answer.clear()
    later = NOW + timedelta(days=20)
    derive(later)
    deliver(later)
    assert len(smtp_sink.received) < 60
    do(service.resume, announcement, later)
    derive(later)
    deliver(later)
    assert sorted(smtp_sink.recipients) == sorted(people) and stage(announcement) is Stage.SENT
    assert set(smtp_sink.message_ids.values()) == {1}


def test_letter_in_a_workers_hands_is_checked_when_it_is_made(webinar):
    alice = registered(webinar, "Alice")
    announcement = sent_off(webinar)
    with transaction() as session:
        session.execute(sa.update(Message).values(state="sending", claim_token="x", lease_until=NOW + MINUTE))
    do(service.stop, announcement, NOW)
    assert letters()[alice.subject] == NotSent(Reason.STOPPED)
    do(service.resume, announcement, NOW)
    assert isinstance(letters()[alice.subject], Letter)


def test_mailing_that_was_stopped_elsewhere_counts_as_stopped(webinar):
    alice = registered(webinar, "Alice")
    sent_off(webinar)
    with transaction() as session:
        session.execute(sa.update(Mailing).values(stopped_at=NOW))
    assert letters()[alice.subject] == NotSent(Reason.STOPPED)


def test_one_that_is_not_written_yet_becomes_a_draft_again(webinar):
    registered(webinar, "Alice")
    announcement = draft(webinar)
    do(service.send_later, announcement, "2026-11-23T13:00", NOW)
    do(service.stop, announcement, NOW)
    assert stage(announcement) is Stage.DRAFT
    derive(NOW + timedelta(days=2))
    assert owed() == []
    do(service.edit_announcement, announcement, {**TEXT, "subject_en": "Other"}, NOW)


def test_only_drafts_are_edited_deleted_or_sent(webinar):
    registered(webinar, "Alice")
    announcement = sent_off(webinar)
    for deed, *more in (
        (service.edit_announcement, TEXT, NOW), (service.delete_announcement, NOW), (service.send_now, NOW),
        (service.send_later, "2026-12-01T10:00", NOW), (service.resume, NOW),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            do(deed, announcement, *more)
    do(service.stop, announcement, NOW)
    with pytest.raises(Conflict):
        do(service.stop, announcement, NOW)
    unsent = draft(webinar)
    do(service.delete_announcement, unsent, NOW)
    assert db.session.query(Announcement).count() == 1


def test_draft_that_reaches_nobody_is_not_sent(webinar):
    with pytest.raises(Conflict, match="Nobody would get it"):
        do(service.send_now, draft(webinar), NOW)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"subject_en": "", "body_en": ""}, "subject_en"),
        ({"subject_en": ""}, "subject_en"),
        ({"body_en": " "}, "body_en"),
        ({"body_en": "{reason}"}, "body_en"),
        ({"subject_en": "{name}"}, "subject_en"),
        ({"subject_es": "Hola", "body_es": "{nombre}"}, "body_es"),
    ],
)
def test_mistakes_in_an_announcement_are_told_by_field(webinar, typed, field):
    with pytest.raises(Problems) as refused:
        draft(webinar, **typed)
    assert set(refused.value.fields) == {field} and db.session.query(Announcement).count() == 0


def test_words_to_a_series_name_no_webinar(webinar):
    with pytest.raises(Problems, match="{title} is not known here. You can use: {greeting}, {name}, {series}, {org"):
        draft(webinar.series, body_en="About {title}")


def test_moment_is_read_in_the_zone_of_the_webinar_or_series(webinar):
    series = make_series(title="In Berlin", time_zone="Europe/Berlin")
    for about, moment in ((webinar, 15), (series, 9)):
        announcement = draft(about)
        do(service.send_later, announcement, "2026-12-01T10:00", NOW)
        assert queries.get_announcement(announcement).send_at == datetime(2026, 12, 1, moment, tzinfo=UTC)


def test_moment_that_the_clocks_skip_or_double_is_asked_about(webinar):
    announcement = draft(webinar)
    for local in ("2027-03-14T02:30", "2027-11-07T01:30"):
        with pytest.raises(AmbiguousTime):
            do(service.send_later, announcement, local, NOW)
    do(service.send_later, announcement, "2027-11-07T01:30", NOW, fold=1)
    assert queries.get_announcement(announcement).send_at == datetime(2027, 11, 7, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize("local", ["2026-11-22T09:59", "2026-11-22", "", "tomorrow", "2026-11-22T09:59+01:00"])
def test_moment_that_has_passed_or_is_none_is_refused(webinar, local):
    with pytest.raises(Problems) as refused:
        do(service.send_later, draft(webinar), local, NOW)
    assert set(refused.value.fields) == {"local_start"}


def test_somebody_elses_changes_are_not_written_over(webinar):
    announcement = draft(webinar)
    seen = service.announcement_version(queries.get_announcement(announcement))
    do(service.edit_announcement, announcement, {**TEXT, "subject_en": "One"}, NOW, seen=seen)
    with pytest.raises(Conflict):
        do(service.edit_announcement, announcement, {**TEXT, "subject_en": "Two"}, NOW, seen=seen)


def test_every_deed_is_in_the_audit_trail(webinar):
    registered(webinar, "Alice")
    announcement = draft(webinar)
    do(service.edit_announcement, announcement, {**TEXT, "subject_en": "Other"}, NOW)
    do(service.send_now, announcement, NOW)
    derive(NOW)
    do(service.stop, announcement, NOW)
    do(service.resume, announcement, NOW)
    trail = list(db.session.query(AuditEntry).filter_by(object_kind="announcement").order_by(AuditEntry.id))
    assert [one.action for one in trail] == [
        f"announcement {deed}" for deed in ("written", "edited", "scheduled", "stopped", "resumed")
    ]
    assert (trail[1].before, trail[1].after) == ({"subject_en": "News: {title}"}, {"subject_en": "Other"})
    assert trail[3].after == {"letters taken back": 1} and "Alice" not in str([one.after for one in trail])


def test_sending_wakes_the_worker(webinar):
    registered(webinar, "Alice")
    announcement = draft(webinar)
    with transaction() as session:
        service.send_now(queries.get_announcement(announcement), NOW)
        assert session.info.get("letters_owed")


def test_lists_and_counts_need_the_same_few_queries_however_many(webinar):
    registered(webinar, "Alice")
    sent_off(webinar)

    def ask():
        db.session.rollback()
        db.session.expire_all()
        page = queries.list_announcements()
        queries.tallies(page.items)
        return [rules.series_of(one).title for one in page.items]

    ask()
    one = count_queries(ask)
    sent_off(webinar)
    sent_off(db.session.get(Series, webinar.series_id))
    assert count_queries(ask) == one


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
