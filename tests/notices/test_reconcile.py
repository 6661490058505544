"""What is planned against what is there: what is found, what is let pass, and how it is told."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import NOW, make_registration, make_video, make_webinar
from tests.mail.support import owe, owe_many, reset_control
from webinars.core.database import db, transaction
from webinars.core.language import speaking
from webinars.mail import outbox
from webinars.mail.models import Mailing, Message
from webinars.notices import derive, reconcile
from webinars.notices.models import Announcement
from webinars.notices.reconcile import Overdue, Seen, judge

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def quiet_outbox(app):
    reset_control()
    yield
    db.session.rollback()
    reset_control()


def figures(now=NOW):
    db.session.expire_all()
    return {name: number for name, number in reconcile.findings(now).figures.items() if number}


def change(**values):
    with transaction() as session:
        session.execute(sa.update(Message).values(**values))


def test_nothing_is_found_where_all_is_as_planned(app):
    make_registration(make_webinar(starts_in=timedelta(minutes=50)), now=NOW - timedelta(days=3))
    with transaction():
        derive.derive_due(NOW)
    assert figures() == {}
    assert figures(NOW + timedelta(minutes=4)) == {}


# --- planned and not written -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("late", "missing"), [(3, 0), (6, 1)])
def test_a_reminder_that_nobody_wrote_is_missing_after_five_minutes(app, late, missing):
    make_registration(make_webinar(starts_in=HOUR - timedelta(minutes=late)), now=NOW - timedelta(days=30))
    assert figures().get("planned_missing", 0) == missing
    with transaction():
        derive.derive_due(NOW)
    assert figures() == {}, "and is no more once it is written"


@pytest.mark.parametrize(("late", "missing"), [(3, 0), (6, 1)])
@pytest.mark.parametrize(
    "changes",
    [
        {"sequence": 1, "start_sequence": 1, "start_set_at": True},
        {"sequence": 1, "updated_at": True},
        {"sequence": 1, "state": "cancelled", "cancelled_at": True},
    ],
)
def test_news_that_nobody_wrote_is_missing_five_minutes_after_the_change(app, changes, late, missing):
    at = NOW - timedelta(minutes=late)
    fields = {name: at if value is True else value for name, value in changes.items()}
    make_registration(make_webinar(starts_in=timedelta(days=9), **fields), told_sequence=0)
    assert figures().get("planned_missing", 0) == missing


@pytest.mark.parametrize(("late", "missing"), [(3, 0), (6, 1)])
def test_a_recording_that_nobody_was_told_of_is_missing(app, late, missing):
    over = make_webinar(starts_in=timedelta(days=-3))
    make_registration(over)
    make_video(over, published_at=NOW - timedelta(minutes=late))
    assert figures().get("planned_missing", 0) == missing


@pytest.mark.parametrize(("late", "missing"), [(3, 0), (6, 1)])
def test_an_announcement_that_nobody_wrote_is_missing(app, late, missing):
    webinar = make_webinar(starts_in=timedelta(days=20))
    db.session.add(
        Announcement(
            webinar_id=webinar.id,
            texts={"en": {"subject": "Hello", "body": "Hello."}},
            audience={},
            state="scheduled",
            send_at=NOW - timedelta(minutes=late),
            created_at=NOW,
            updated_at=NOW,
        )  # fmt: skip
    )
    db.session.commit()
    assert figures().get("planned_missing", 0) == missing


# --- stuck -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("over", "stuck"), [(1, 0), (3, 1)])
def test_a_letter_whose_worker_died_is_stuck_two_minutes_after_its_lease(app, over, stuck):
    owe(now=NOW)
    change(state="sending", lease_until=NOW - timedelta(minutes=over))
    assert figures().get("stuck_sending", 0) == stuck


@pytest.mark.parametrize(("late", "stuck"), [(9, 0), (11, 1)])
def test_a_letter_that_should_have_left_ten_minutes_ago_is_stuck(app, late, stuck):
    owe(now=NOW - timedelta(minutes=late))
    assert figures().get("stuck_pending", 0) == stuck


def test_letters_that_wait_because_mail_is_on_hold_are_not_stuck(app):
    owe(now=NOW - HOUR)
    with transaction():
        outbox.hold()
    assert figures() == {}


def test_letters_of_a_mailing_that_moves_are_not_stuck(app):
    owe_many(3, now=NOW - HOUR)
    assert figures() == {"stuck_pending": 3}
    with transaction() as session:
        session.execute(sa.update(Message).where(Message.subject == "p0").values(state="sent", sent_at=NOW))
    assert figures() == {}


@pytest.mark.parametrize(
    ("began", "attempts", "wait", "unfinished"),
    [(1, 1, 1, 0), (3, 1, 1, 1), (3, 0, 1, 0), (3, 0, -1, 1), (96, 1, 1, 0)],
)
def test_a_mailing_with_letters_left_after_hours_is_unfinished(app, began, attempts, wait, unfinished):
    """Tried again or due: letters that are planned for later, as after quiet hours, are no trouble."""
    owe_many(1, now=NOW - began * HOUR, due_at=NOW - began * HOUR)
    change(attempts=attempts, next_attempt_at=NOW + wait * timedelta(minutes=5))
    assert figures().get("unfinished_mailings", 0) == unfinished


# --- lost ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ago", "found"), [(2, 1), (30, 0)])
@pytest.mark.parametrize("state", ["expired", "failed"])
def test_what_was_lost_counts_for_a_day(app, state, ago, found):
    owe(now=NOW - ago * HOUR)
    change(state=state, not_after=NOW - ago * HOUR, next_attempt_at=NOW - ago * HOUR)
    assert figures() == ({f"{state}_last_day": found} if found else {})


# --- judging and telling ---------------------------------------------------------------------------------------------


def test_judgement_lets_pass_what_is_known():
    seen = Seen(late_answers=2, late_bulk=3, undone=(Overdue("reminder", "", NOW, 4),))
    assert (judge(seen).late, len(judge(seen).undone)) == (5, 1)
    moving = Seen(late_answers=2, late_bulk=3, moving=True)
    assert judge(moving).late == 2, "an answer to a deed overtakes mailings, so that it is late all the same"
    blocked = Seen(late_answers=2, late_bulk=3, undone=seen.undone, lost=1, blocked=True)
    assert (judge(blocked).late, judge(blocked).undone, judge(blocked).lost) == (0, (), 1)


def test_everything_is_told_in_plain_words_with_the_webinars_name(app):
    webinar = make_webinar(starts_in=HOUR / 2, title="What to expect")
    make_registration(webinar, "Alice Private", now=NOW - timedelta(days=30))
    owe_many(2, now=NOW - 3 * HOUR, due_at=NOW - 3 * HOUR, about=f"w{webinar.id}", occasion="9-60")
    owe("late", now=NOW - HOUR)
    with app.test_request_context():
        said = reconcile.findings(NOW).sentences
    assert said == (
        "Not written yet: Reminder (What to expect), due 30 minutes ago.",
        "3 letters should have left more than 10 minutes ago.",
        "Not done with yet: Reminder (What to expect), due 3 hours ago. 2 letters are still tried.",
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_finding_has_words(app, language):
    one = Overdue("moved", "What to expect", NOW - HOUR, 2)
    report = judge(Seen((one,), (one,), lost=1, late_answers=1, expired=1, failed=2))
    with app.test_request_context(), speaking(language):
        said = list(reconcile.sentences(report, NOW))
    assert len(said) == len(report.figures()) == 6
    assert all(report.figures().values())
    assert not [sentence for sentence in said if "%(" in sentence]


def test_looking_changes_nothing(app):
    make_registration(make_webinar(starts_in=HOUR / 2), now=NOW - timedelta(days=30))
    reconcile.findings(NOW)
    db.session.rollback()
    assert db.session.query(Mailing).count() == db.session.query(Message).count() == 0
