"""Letters to staff about their webinars: on time in their zone, once, and not when there is nothing to say."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.factories import make_registration, make_user, make_webinar
from tests.support.queries import count_queries
from tests.support.staff import sign_in
from webinars import commands
from webinars.accounts.models import AuditEntry, User
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.delivery import deliver_due
from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import Message
from webinars.schedule import service as schedule
from webinars.schedule.team import set_team
from webinars.staff.readiness import digest_rules as rules
from webinars.staff.readiness import digests, service

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
#: a Monday on which clocks stand still
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(zone, *when):
    return datetime(*when, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "when", "monday"),
    [
        (NEW_YORK, (2026, 11, 23, 6, 59), None),
        (NEW_YORK, (2026, 11, 23, 7, 0), "2026-11-23"),
        (NEW_YORK, (2026, 11, 24, 6, 59), "2026-11-23"),
        (NEW_YORK, (2026, 11, 24, 7, 0), None),
        # The clocks go back in the night before, and forward.
        (NEW_YORK, (2026, 11, 2, 6, 59), None),
        (NEW_YORK, (2026, 11, 2, 7, 0), "2026-11-02"),
        (BERLIN, (2027, 3, 29, 6, 59), None),
        (BERLIN, (2027, 3, 29, 7, 0), "2027-03-29"),
        # Monday begins there while it is Sunday elsewhere.
        ("Pacific/Auckland", (2026, 11, 23, 7, 0), "2026-11-23"),
    ],
)
def test_letter_of_monday_comes_at_seven_by_the_readers_clock(zone, when, monday):
    found = rules.week_due(zone, at(zone, *when))
    assert (found.isoformat() if found else None) == monday


@pytest.mark.parametrize(
    ("start", "now", "due"),
    [
        ((2026, 12, 3, 13), (2026, 12, 2, 8, 59), False),
        ((2026, 12, 3, 13), (2026, 12, 2, 9, 0), True),
        # Late, and still in time.
        ((2026, 12, 3, 13), (2026, 12, 3, 12, 59), True),
        ((2026, 12, 3, 13), (2026, 12, 3, 13, 0), False),
        # A night with one hour more, and one with one hour less.
        ((2026, 11, 1, 13), (2026, 10, 31, 8, 59), False),
        ((2026, 11, 1, 13), (2026, 10, 31, 9, 0), True),
        ((2027, 3, 14, 13), (2027, 3, 13, 8, 59), False),
        ((2027, 3, 14, 13), (2027, 3, 13, 9, 0), True),
    ],
)
def test_letter_of_the_day_before_comes_at_nine_the_day_before(start, now, due):
    assert rules.is_day_before(at(NEW_YORK, *start), NEW_YORK, at(NEW_YORK, *now)) is due


def test_day_before_is_the_readers(app):
    start = at(NEW_YORK, 2026, 12, 3, 20)
    # It is Friday already in Berlin when it begins.
    assert not rules.is_day_before(start, BERLIN, at(BERLIN, 2026, 12, 2, 12))
    assert rules.is_day_before(start, BERLIN, at(BERLIN, 2026, 12, 3, 9))


def staffed(part="responsible", *, now=MONDAY, email="ana@example.org", starts_in=timedelta(days=5), **fields):
    webinar = make_webinar(now=now, starts_in=starts_in, **fields)
    user = db.session.query(User).filter_by(email=email).one_or_none() or make_user(email, "host")
    with transaction():
        set_team(webinar, {user.id: [part]}, now)
    return webinar


def derive(now):
    with transaction():
        digests.derive_due(now)


def letters(now=None):
    """Give what each letter that was owed says, or why there is none."""
    wanted = select(Message).where(Message.occasion.like("week-ahead-%") | Message.occasion.like("day-before-%"))
    found = db.session.scalars(wanted.order_by(Message.id)).all()
    return [digests.prepare(one, now) for one in found] if now else found


def test_each_gets_the_letter_of_monday_once_however_often_anybody_looks(app):
    staffed()
    staffed(email="ben@example.org", title="Other")
    for minutes in (0, 1, 60, 600):
        derive(MONDAY + timedelta(minutes=minutes))
    assert len(letters()) == 2
    derive(MONDAY + timedelta(days=7))
    assert len(letters()) == 4


def test_several_workers_owe_it_once(app):
    staffed(starts_in=timedelta(hours=20))
    db.session.remove()

    def work():
        with app.app_context():
            derive(MONDAY + timedelta(hours=3))

    with ThreadPoolExecutor(3) as threads:
        for done in [threads.submit(work) for _ in range(3)]:
            done.result(30)
    assert sorted(one.occasion.split("-")[0] for one in letters()) == ["day", "week"]


def test_late_tick_still_brings_it_and_a_day_later_none(app):
    staffed()
    derive(MONDAY + timedelta(hours=30))
    assert letters() == []
    derive(MONDAY + timedelta(hours=20))
    assert len(letters()) == 1


def test_letter_of_monday_tells_what_is_ahead_and_open_and_numbers_but_nobodys_name(app):
    webinar = staffed(title="Low energy", capacity=500, now=MONDAY)
    make_registration(webinar, "Zebedee", email="zebedee@example.net", now=MONDAY)
    derive(MONDAY)
    [letter] = letters(MONDAY)
    for text in (str(letter.text), str(letter.html)):
        assert "Low energy" in text and "1 of 500" in text and "1 of them new this week" in text
        assert "Captioner or interpreter booked: late" in text and "Slides sent" in text
        assert f"/staff/webinars/{webinar.slug}/readiness" in text and "/staff/digests" in text
        assert "ebedee" not in text
    assert (letter.to_address, letter.subject) == ("ana@example.org", "Your webinars this week")


def test_nothing_to_say_is_no_letter(app):
    staffed(starts_in=timedelta(days=90))
    derive(MONDAY)
    assert letters(MONDAY) == [NotSent("nothing to say")]


def test_who_has_no_part_gets_nothing(app):
    make_user("ana@example.org")
    make_webinar(now=MONDAY, starts_in=timedelta(hours=20))
    derive(MONDAY)
    assert letters() == []


@pytest.mark.parametrize("part", ["responsible", "moderator", "speaker"])
def test_everybody_with_a_part_is_told_the_day_before(app, part):
    staffed(part, starts_in=timedelta(hours=26), title="Low energy")
    now = MONDAY + timedelta(hours=4)
    derive(now)
    [letter] = [one for one in letters(now) if isinstance(one, Letter) and "Low energy" in one.subject]
    for text in (str(letter.text), str(letter.html)):
        assert "https://meet.example.org/room" in text and "1-800-555-0142" in text and "4471" in text
        # They are hosts, who see nobody's name and so no call list.
        assert "2:00 – 3:00" not in text and "/sheets" not in text
    assert letter.subject == "Tuesday 24 November: Low energy"


def test_who_may_look_at_names_is_led_to_the_call_list_the_day_before(app):
    make_user("ana@example.org", "viewer")
    webinar = staffed(starts_in=timedelta(hours=26), title="Low energy")
    now = MONDAY + timedelta(hours=4)
    derive(now)
    [letter] = [one for one in letters(now) if isinstance(one, Letter) and "Low energy" in one.subject]
    for text in (str(letter.text), str(letter.html)):
        assert f"/staff/webinars/{webinar.slug}/sheets" in text


def days_before():
    return [one for one in letters() if one.occasion.startswith("day-before")]


def test_moved_webinar_is_told_on_its_own_day(app):
    webinar = staffed(starts_in=timedelta(hours=26))
    derive(MONDAY + timedelta(hours=4))
    [first] = days_before()
    with transaction():
        db.session.refresh(webinar)
        schedule.move_webinar(webinar, datetime(2026, 11, 26, 13), now=MONDAY + timedelta(hours=5))
    derive(MONDAY + timedelta(hours=6))
    assert len(days_before()) == 1 and digests.prepare(first, MONDAY + timedelta(hours=6)) == NotSent("moved since")
    derive(at(NEW_YORK, 2026, 11, 25, 9))
    [_, second] = days_before()
    assert "Thursday 26 November" in digests.prepare(second, at(NEW_YORK, 2026, 11, 25, 9)).subject


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_what_does_not_take_place_is_not_told(app, state):
    staffed(starts_in=timedelta(hours=26), state=state)
    derive(MONDAY + timedelta(hours=4))
    assert days_before() == []


def test_cancelled_meanwhile_is_not_told(app):
    webinar = staffed(starts_in=timedelta(hours=26))
    derive(MONDAY + timedelta(hours=4))
    webinar.state = "cancelled"
    db.session.commit()
    [one] = days_before()
    assert isinstance(digests.prepare(one, MONDAY + timedelta(hours=5)), NotSent)


CHOICE = {"weekly": True, "day_before": True, "language": "es", "time_zone": BERLIN}


def choose(email="ana@example.org", **changes):
    with transaction():
        user = db.session.query(User).filter_by(email=email).one()
        service.choose_digests(user.id, CHOICE | changes, MONDAY)


@pytest.mark.parametrize(("off", "left"), [("weekly", "day-before"), ("day_before", "week-ahead")])
def test_each_letter_can_be_switched_off_alone(app, off, left):
    staffed(starts_in=timedelta(hours=20))
    choose(**{off: False})
    derive(MONDAY)
    [one] = letters()
    assert one.occasion.startswith(left)


def test_letter_switched_off_meanwhile_is_not_sent(app):
    staffed()
    derive(MONDAY)
    choose(weekly=False)
    assert letters(MONDAY) == [NotSent("they want no more of these")]


def test_letters_speak_the_readers_language_and_zone(app):
    staffed(starts_in=timedelta(days=3))
    choose()
    derive(MONDAY)
    [letter] = letters(MONDAY)
    assert (letter.subject, letter.language) == ("Sus seminarios web de esta semana", "es")
    assert "13:00" in str(letter.text) and "/es/staff/" in str(letter.text)


def test_whoever_left_gets_nothing(app):
    staffed()
    derive(MONDAY)
    db.session.query(User).filter_by(email="ana@example.org").update({"active": False})
    db.session.commit()
    assert isinstance(letters(MONDAY)[0], NotSent)
    derive(MONDAY + timedelta(days=7))
    assert len(letters()) == 1


def test_choosing_is_a_form_of_ones_own(client):
    sign_in(client, "viewer")
    page = client.get("/staff/digests")
    client.submit(page, "/digests", day_before=None, language="es", time_zone=BERLIN)
    user = db.session.query(User).filter_by(email="viewer@harbor.example").one()
    [entry] = db.session.query(AuditEntry).filter_by(action="digests chosen").all()
    assert (entry.object_id, entry.before) == (str(user.id), None)
    assert entry.after == {"weekly": True, "day_before": False, "language": "es", "time_zone": BERLIN}
    client.submit(client.get("/staff/digests"), "/digests")
    assert db.session.query(AuditEntry).filter_by(action="digests chosen").count() == 1


def test_looking_costs_the_same_however_many_webinars(app):
    now = MONDAY + timedelta(hours=3)
    staffed(starts_in=timedelta(hours=20))
    derive(now)
    one = count_queries(lambda: derive(now))
    for number in range(3):
        staffed(starts_in=timedelta(hours=20), title=f"More {number}", email=f"n{number}@example.org")
    derive(now)
    assert count_queries(lambda: derive(now)) == one <= 3


def test_webinar_written_since_monday_morning_waits_for_the_next_letter(app):
    staffed(created_at=MONDAY + timedelta(minutes=5))
    derive(MONDAY + timedelta(minutes=10))
    assert letters(MONDAY + timedelta(minutes=10)) == [NotSent("nothing to say")]


def test_worker_owes_and_sends_them_like_any_letter(app, smtp_sink, make_app):
    now = utc_now()
    zones = ("Pacific/Honolulu", NEW_YORK, "Europe/London", "Asia/Kolkata", "Asia/Tokyo")
    daytime = next(zone for zone in zones if 9 <= now.astimezone(ZoneInfo(zone)).hour < 19)
    staffed(starts_in=timedelta(hours=20), title="Low energy", now=now)
    choose(weekly=False, time_zone=daytime, language="en")
    with make_app(mail_server="127.0.0.1", mail_port=smtp_sink.port).app_context():
        for _ in range(2):
            derive(utc_now())
            deliver_due(commands._prepare)
    [received] = smtp_sink.received
    assert received.rcpt_to == ["ana@example.org"] and received.message["Subject"].endswith(": Low energy")
