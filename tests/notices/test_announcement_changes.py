"""Announcements when the world moves on: webinars called off or moved, text changed, stopped and resumed in a hurry."""

import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import NOW, make_registration, make_series, make_webinar
from tests.mail.conftest import post  # noqa: F401
from webinars.accounts.models import AuditEntry
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict
from webinars.mail.delivery import deliver_due
from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import Mailing, Message
from webinars.notices import announcement_queries as queries
from webinars.notices import announcement_rules as rules
from webinars.notices import announcement_service as service
from webinars.notices.announcement_rules import Since
from webinars.notices.derive import derive_due
from webinars.notices.kinds import Reason
from webinars.notices.models import Announcement
from webinars.notices.prepare import prepare
from webinars.schedule import service as schedule
from webinars.schedule.models import Webinar

MINUTE = timedelta(minutes=1)
TEXT = {"subject_en": "See you: {title}", "body_en": "{greeting}\n\nWe look forward to {date} at {time}."}
OF_SERIES = {"subject_en": "News of {series}", "body_en": "{greeting}\n\nThere is more."}
TOMORROW = datetime(2026, 11, 23, 13)


@pytest.fixture
def webinar(app):
    found = make_webinar(make_series())
    make_registration(found, "Alice", now=NOW - timedelta(days=1), told_sequence=0)
    return found


def draft(about, now=NOW, **fields) -> int:
    kind, number = type(about), about.id
    texts = TEXT if kind is Webinar else OF_SERIES
    with transaction() as session:
        return service.write_announcement(session.get_one(kind, number), {**texts, **fields}, now).id


def do(deed, announcement_id, *args, **more):
    with transaction():
        return deed(queries.get_announcement(announcement_id), *args, **more)


def planned(about) -> int:
    announcement_id = draft(about)
    do(service.send_later, announcement_id, TOMORROW, NOW)
    return announcement_id


def going_out(about) -> int:
    announcement_id = draft(about)
    do(service.send_now, announcement_id, NOW)
    derive(NOW)
    return announcement_id


def derive(now):
    with transaction():
        derive_due(now)


def call_off(webinar_id, now=NOW + MINUTE):
    with transaction() as session:
        schedule.cancel_webinar(session.get(Webinar, webinar_id), "Speaker ill", now)


def move(webinar_id, now=NOW + MINUTE):
    with transaction() as session:
        schedule.move_webinar(session.get(Webinar, webinar_id), datetime(2026, 12, 9, 13), now=now)


def since(announcement_id):
    db.session.rollback()
    return rules.changed_since(queries.get_announcement(announcement_id))


def state(announcement_id):
    db.session.rollback()
    found = db.session.get(Announcement, announcement_id)
    return found.state, found.send_at


def letters(now=NOW + 2 * MINUTE):
    messages = db.session.query(Message).filter_by(notice="announcement").order_by(Message.id).all()
    made = [make() for make in prepare(messages, now)]
    db.session.rollback()
    return made


def test_webinar_called_off_takes_back_what_was_planned_about_it(webinar, smtp_sink, post):  # noqa: F811
    announcement = planned(webinar)
    call_off(webinar.id)
    assert state(announcement) == ("draft", None) and since(announcement) is Since.CALLED_OFF
    later = NOW + timedelta(days=2)
    derive(later)
    deliver_due(prepare, clock=lambda: later)
    assert [str(one.message["Subject"]).partition(":")[0] for one in smtp_sink.received] == ["Cancelled"]
    entry = db.session.query(AuditEntry).filter_by(object_kind="announcement").order_by(AuditEntry.id.desc()).first()
    assert entry.action == "announcement taken back"


def test_webinar_called_off_leaves_other_announcements_alone(webinar):
    series, other = webinar.series, make_webinar(webinar.series, title="Another")
    written, unsent = going_out(webinar), draft(webinar)
    others = [planned(series), planned(other)]
    call_off(webinar.id)
    assert [state(one)[0] for one in (written, unsent, *others)] == ["scheduled", "draft", "scheduled", "scheduled"]
    assert [since(one) for one in (unsent, *others)] == [Since.CALLED_OFF, None, None]


def test_letters_that_had_not_left_when_the_webinar_was_called_off_stay(webinar):
    announcement = going_out(webinar)
    assert isinstance(letters()[0], Letter)
    call_off(webinar.id)
    assert letters() == [NotSent(Reason.WEBINAR_CANCELLED)] and since(announcement) is Since.CALLED_OFF


def test_what_staff_send_knowing_that_it_was_called_off_goes_out(webinar):
    announcement = planned(webinar)
    call_off(webinar.id)
    do(service.edit_announcement, announcement, {**TEXT, "body_en": "We are sorry."}, NOW + 2 * MINUTE)
    assert since(announcement) is None
    do(service.send_now, announcement, NOW + 3 * MINUTE)
    derive(NOW + 3 * MINUTE)
    assert isinstance(letters(NOW + 3 * MINUTE)[0], Letter)


def test_stopped_one_goes_on_about_a_webinar_called_off_only_when_staff_say_so(webinar):
    announcement = going_out(webinar)
    call_off(webinar.id)
    do(service.stop, announcement, NOW + 2 * MINUTE)
    assert since(announcement) is Since.CALLED_OFF
    do(service.resume, announcement, NOW + 3 * MINUTE)
    assert since(announcement) is None and isinstance(letters(NOW + 3 * MINUTE)[0], Letter)


def test_webinar_moved_keeps_what_was_planned_with_the_new_time_and_staff_are_told(webinar):
    announcement = planned(webinar)
    move(webinar.id)
    assert state(announcement)[0] == "scheduled" and since(announcement) is Since.MOVED
    derive(NOW + timedelta(days=2))
    [letter] = letters(NOW + timedelta(days=2))
    assert "Wednesday 9 December 2026 at 1:00 pm" in str(letter.text)


def test_move_that_staff_knew_of_is_not_told(webinar):
    move(webinar.id, NOW - MINUTE)
    assert since(planned(webinar)) is None


def test_calling_off_at_the_moment_of_sending_comes_before_or_after_and_never_between(app, webinar):
    """Staff press Send while somebody calls the webinar off: it is refused, or taken back."""
    for number in range(6):
        about = make_webinar(title=f"W{number}")
        make_registration(about, f"P{number}")
        announcement, webinar_id = draft(about), about.id
        seen = service.sending_version(queries.get_announcement(announcement))
        db.session.rollback()
        ready, refused = threading.Barrier(2), []

        def send(announcement=announcement, seen=seen, ready=ready, refused=refused):
            try:
                ready.wait()
                do(service.send_later, announcement, TOMORROW, NOW, seen=seen)
            except Conflict:
                refused.append(announcement)

        run_together(app, send, lambda ready=ready, webinar_id=webinar_id: (ready.wait(), call_off(webinar_id)))
        assert state(announcement)[0] == "draft"


def run_together(app, *deeds):
    def run(deed):
        with app.app_context():
            deed()
            db.session.remove()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_nothing_is_sent_that_nobody_looked_at(webinar):
    announcement = draft(webinar)
    seen = service.sending_version(queries.get_announcement(announcement))
    changes = (
        lambda: do(service.edit_announcement, announcement, {**TEXT, "body_en": "Wrong."}, NOW),
        lambda: do(service.edit_announcement, announcement, {**TEXT, "states": ["waitlisted"]}, NOW),
        lambda: move(webinar.id),
        lambda: call_off(webinar.id),
    )
    for change in changes:
        change()
        for deed, *more in ((service.send_now, NOW), (service.send_later, TOMORROW, NOW)):
            with pytest.raises(Conflict, match="changed since you opened this page"):
                do(deed, announcement, *more, seen=seen)
        assert state(announcement) == ("draft", None)
        seen = service.sending_version(queries.get_announcement(announcement))
    do(service.edit_announcement, announcement, TEXT, NOW)
    do(service.send_now, announcement, NOW, seen=service.sending_version(queries.get_announcement(announcement)))


def elsewhere(app, deed, *args):
    """Do something from another connection."""
    run_together(app, lambda: do(deed, *args))


@pytest.mark.parametrize("resumed", [False, True], ids=["control", "resumed"])
def test_letter_that_a_worker_puts_away_after_staff_resumed_is_owed_again(app, webinar, smtp_sink, post, resumed):  # noqa: F811
    announcement, asked = going_out(webinar), []

    def hurried(messages, now):
        if not asked:
            elsewhere(app, service.stop, announcement, NOW)
        made = prepare(messages, now)
        db.session.rollback()
        if resumed and not asked:
            elsewhere(app, service.resume, announcement, NOW)
        asked.append(len(made))
        return made

    deliver_due(hurried, clock=lambda: NOW)
    [message] = db.session.query(Message).filter_by(notice="announcement")
    if not resumed:
        assert (message.state, message.last_error) == ("superseded", Reason.STOPPED)
        do(service.resume, announcement, NOW)
    else:
        assert (message.state, message.last_error) == ("pending", None)
    deliver_due(prepare, clock=lambda: NOW + MINUTE)
    assert [one.rcpt_to for one in smtp_sink.received] == [["alice@example.org"]]


def test_stopped_and_resumed_again_and_again_while_letters_leave_loses_none(app, webinar, smtp_sink, post):  # noqa: F811
    people = {make_registration(webinar, f"P{number}").email for number in range(60)} | {"alice@example.org"}
    announcement, over = going_out(webinar), threading.Event()

    def press():
        deeds = [service.stop, service.resume]
        for number in range(40):
            try:
                do(deeds[number % 2], announcement, NOW)
            except Conflict:
                break
        if db.session.get(Announcement, announcement).state == "stopped":
            db.session.rollback()
            do(service.resume, announcement, NOW)
        over.set()

    def work():
        while not over.is_set():
            deliver_due(prepare, clock=lambda: NOW + MINUTE)

    run_together(app, press, work)
    deliver_due(prepare, clock=lambda: NOW + 2 * MINUTE)
    assert sorted(smtp_sink.recipients) == sorted(people) and set(smtp_sink.message_ids.values()) == {1}


def test_letter_stopped_for_good_is_not_owed_again(webinar):
    going_out(webinar)
    with transaction() as session:
        session.execute(sa.update(Mailing).values(stopped_at=NOW))
        session.execute(sa.update(Message).values(state="superseded", last_error=Reason.STOPPED.value))
    with transaction():
        service.keep_owed(db.session.query(Message).filter_by(notice="announcement").one(), NOW)
    assert db.session.query(Message).filter_by(notice="announcement").one().state == "superseded"
