"""Announcements: how they are stopped, edited, and told of in the audit trail."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import NOW, make_series, make_webinar
from tests.mail.conftest import post  # noqa: F401
from tests.notices.announcing import MINUTE, TEXT, derive, do, draft, letters, owed, registered, sent_off, stage
from tests.support.queries import count_queries
from webinars.accounts.models import AuditEntry
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict
from webinars.core.zones import AmbiguousTime
from webinars.mail.delivery import deliver_due
from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import Mailing, Message
from webinars.notices import announcement_queries as queries
from webinars.notices import announcement_rules as rules
from webinars.notices import announcement_service as service
from webinars.notices.announcement_rules import Stage
from webinars.notices.kinds import Reason
from webinars.notices.models import Announcement
from webinars.notices.prepare import prepare
from webinars.schedule.cleaning import Problems
from webinars.schedule.models import Series, Webinar


@pytest.fixture
def webinar(app):
    return make_webinar(make_series())


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
