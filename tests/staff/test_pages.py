"""Today, and one webinar at a glance."""

from datetime import UTC, timedelta

import pytest
import sqlalchemy as sa

from tests.accounts.test_sign_in import sign_in
from tests.factories import make_registration, make_series, make_user, make_video, make_webinar
from tests.support.pages import parse, text_of
from tests.support.queries import sent_queries
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.core.zones import get_zone
from webinars.mail import outbox
from webinars.mail.models import Heartbeat, Message
from webinars.registration import queries as registrations
from webinars.staff import queries


@pytest.fixture
def owner(client):
    make_user()
    sign_in(client)
    return client


def beat(ago=timedelta()):
    db.session.add(Heartbeat(worker="one", beat_at=utc_now() - ago))
    db.session.commit()


def tasks(client):
    return [text_of(task) for task in parse(client.get("/staff/")).select("li.notice")]


def test_nothing_that_is_fine_takes_room(owner):
    beat()
    make_video(make_webinar(now=utc_now(), starts_in=timedelta(days=-90)))
    page = parse(owner.get("/staff/"))
    assert "Nothing is late or broken." in text_of(page)
    assert not page.select("#attention, #week, #first-steps, .next-up") and tasks(owner) == []


@pytest.fixture
def held(app):
    """Put mail on hold; the row of the outbox outlives the emptying of the database."""
    outbox.hold()
    db.session.commit()
    yield
    db.session.rollback()
    outbox.release()
    db.session.commit()


def test_what_is_late_or_broken_is_said_with_the_action_beside_it(owner, held):
    now = utc_now()
    beat(timedelta(minutes=3))
    make_webinar(now=now, title="No way in", join_url="")
    make_webinar(now=now, title="Still a draft", state="draft", starts_in=timedelta(days=5))
    make_webinar(now=now, title="No recording", starts_in=timedelta(days=-3))
    make_video(make_webinar(now=now, title="With recording", starts_in=timedelta(days=-3)))
    outbox.owe(notice="confirmation", subject="r1", occasion="1", now=now - timedelta(hours=1))
    db.session.execute(sa.update(Message).values(state="failed"))
    db.session.commit()
    found = tasks(owner)
    assert found[0].startswith("Letters are not going out")
    assert found[1].endswith("Release it")
    assert found[2].startswith("“Still a draft” starts in 5 days and is still a draft.")
    noone = "nobody is responsible"
    assert found[3] == f"“No way in” starts in 10 days and has no join link yet. Add it : No way in {noone}"
    assert found[4].startswith("“No recording” ended 3 days ago and has no recording yet.")
    assert found[5] == "1 letter did not arrive. See which"
    week = [text_of(row) for row in parse(owner.get("/staff/")).select(".week li")]
    assert week[0].startswith("“Still a draft” starts in 5 days. Texts in both languages : Still a draft late")
    assert "join link" not in week[1].lower() and "Join link tested" not in week[1]
    links = [link["href"] for link in parse(owner.get("/staff/")).select("li.notice a, .week a")]
    assert "/staff/videos/new?webinar=no-recording-3" in links
    assert all(owner.get(link).status_code == 200 for link in links)


def test_viewer_is_not_offered_what_only_editors_may_do(client):
    make_user("viewer@example.org", "viewer")
    sign_in(client, "viewer@example.org")
    webinar = make_webinar(now=utc_now(), join_url="")
    pages = [parse(client.get(path)) for path in ("/staff/", f"/staff/webinars/{webinar.slug}")]
    offered = [link["href"] for page in pages for link in page.select("main a, main form") if link.get("href")]
    assert not [link for link in offered if link.endswith(("/edit", "/move", "/cancel", "/new"))]
    assert all(client.get(link).status_code == 200 for link in offered if link.startswith("/staff/"))


def test_late_mail_is_said_while_the_worker_runs(owner):
    beat()
    outbox.owe(notice="confirmation", subject="r1", occasion="1", now=utc_now() - timedelta(minutes=40))
    db.session.commit()
    assert tasks(owner)[0].startswith("Letters are late: the oldest should have gone out 40 minutes ago.")


def test_next_two_weeks_are_listed_with_places(owner):
    now = utc_now()
    soon = make_webinar(now=now, title="Soon", capacity=2)
    make_registration(soon)
    make_registration(soon, "Bob", state="waitlisted")
    make_webinar(now=now, title="Far", starts_in=timedelta(days=20))
    page = parse(owner.get("/staff/"))
    rows = [text_of(row) for row in page.select("main section table tbody tr")]
    assert len(rows) == 1
    assert rows[0].startswith("Soon Side Effects")
    bar = page.select_one("table progress")
    assert (bar["value"], bar["max"]) == ("1", "2")
    assert rows[0].endswith("/ 2 1")


def test_webinar_that_is_on_stays_listed_until_its_end(owner):
    now = utc_now()
    make_webinar(now=now, title="All day", starts_in=timedelta(hours=-23), duration_minutes=1440)
    make_webinar(now=now, title="Just over", starts_in=timedelta(hours=-2), duration_minutes=119)
    assert [webinar.title for webinar in queries.webinars_ahead(now)] == ["All day"]


def test_sign_ups_are_counted_on_their_day(owner):
    now = utc_now()
    webinar = make_webinar(now=now)
    # Days of the organiser's calendar, of which one may have 25 hours.
    local = now.astimezone(get_zone("America/New_York"))
    for number, days in enumerate((0, 0, 1, 29, 31)):
        made_at = (local - timedelta(days=days)).astimezone(UTC)
        make_registration(webinar, f"Person {number}", now=made_at)
    figure = parse(owner.get("/staff/")).select_one("figure")
    numbers = [int(cell["data-value"]) for cell in figure.select("td")]
    assert len(numbers) == 30
    assert (numbers[-1], numbers[-2], numbers[0], sum(numbers)) == (2, 1, 1, 4)


def test_counts_of_days_take_the_first_instant_and_leave_the_last(app):
    now = utc_now()
    webinar = make_webinar(now=now)
    make_registration(webinar, now=now)
    assert registrations.sign_ups_between([now, now + timedelta(seconds=1)]) == [1]
    assert registrations.sign_ups_between([now - timedelta(seconds=1), now]) == [0]
    assert registrations.sign_ups_between([now, now + timedelta(seconds=1)], webinar.id + 1) == [0]
    assert registrations.sign_ups_between([now]) == []


def test_webinar_page_shows_numbers_letters_and_what_can_be_done(owner):
    now = utc_now()
    webinar = make_webinar(now=now, capacity=500)
    for name in ("Alice", "Bob"):
        make_registration(webinar, name, now=now - timedelta(days=1))
    make_registration(webinar, "Charlie", state="cancelled", now=now - timedelta(days=9))
    for number, state in enumerate(("sent", "sent", "failed")):
        outbox.owe(notice="confirmation", subject=f"r{number}", occasion="1", about=f"w{webinar.id}", now=now)
        db.session.execute(sa.update(Message).where(Message.subject == f"r{number}").values(state=state))
    db.session.commit()
    page = parse(owner.get(f"/staff/webinars/{webinar.slug}"))
    tiles = [text_of(tile) for tile in page.select(".tile")]
    assert tiles[0].startswith("2 registered of 500 places")
    assert tiles[1:4] == ["+2 in the last 7 days", "0 waiting", "1 cancelled"]
    assert tiles[4].startswith("1 letters failed")
    assert text_of(page.select_one("#readiness h2")) == "Readiness: 5 of 13 ready"
    confirmation = text_of(page.select("section:has(#letters) tbody tr")[0])
    assert confirmation == "Confirmation with invitation as people register 2 / 3 2 1"
    for link in page.select("main a"):
        if link["href"].startswith("/"):
            assert owner.get(link["href"], follow_redirects=True).status_code == 200, link["href"]


STATES = {
    "draft": {"state": "draft", "published_at": None},
    "cancelled": {"state": "cancelled", "cancel_reason": "Ill."},
    "live": {"starts_in": timedelta(minutes=-5)},
    "ended": {"starts_in": timedelta(days=-5)},
    "full": {"capacity": 0, "waiting_list": False},
    "no reminders": {"reminders": []},
    "no way in": {"join_url": "", "phone_number": ""},
}


@pytest.mark.parametrize("state", STATES)
def test_webinar_page_stands_in_every_state(owner, state):
    webinar = make_webinar(now=utc_now(), **STATES[state])
    answer = owner.get(f"/staff/webinars/{webinar.slug}")
    assert answer.status_code == 200
    for link in parse(answer).select("main a"):
        if link["href"].startswith("/"):
            assert owner.get(link["href"], follow_redirects=True).status_code == 200, link["href"]


def test_unknown_webinar_is_not_found(owner):
    assert owner.get("/staff/webinars/nothing").status_code == 404


def statements(client, path):
    with sent_queries() as sent:
        assert client.get(path).status_code == 200
    return len([statement for statement in sent if statement.lstrip().upper().startswith("SELECT")])


def fill(number):
    now = utc_now()
    series = make_series(title=f"Series {number}")
    ahead = make_webinar(series, now=now, title=f"Ahead {number}", join_url="")
    make_webinar(series, now=now, title=f"Draft {number}", state="draft")
    make_webinar(series, now=now, title=f"Ended {number}", starts_in=timedelta(days=-2))
    make_registration(ahead, f"Alice {number}", now=now)
    outbox.owe(notice="confirmation", subject=f"r{number}", occasion="1", about=f"w{ahead.id}", now=now)
    db.session.commit()
    return ahead


@pytest.mark.parametrize("path", ["/staff/", "/staff/people", "/staff/audit", "webinar"])
def test_queries_do_not_grow_with_the_rows(owner, path):
    first = fill(1)
    path = f"/staff/webinars/{first.slug}" if path == "webinar" else path
    with_one = statements(owner, path)
    for number in (2, 3):
        fill(number)
        make_user(f"n{number}@example.org", "viewer")
        make_registration(first, f"Bob {number}", now=utc_now())
    assert statements(owner, path) == with_one <= (27 if path == "/staff/" else 20)
