"""Today: what is on or next, who is responsible, what is to do this week, and how a new installation begins."""

import dataclasses
from datetime import timedelta

import pytest

from tests.factories import make_registration, make_series, make_user, make_video, make_webinar
from tests.support.pages import parse, text_of
from tests.support.staff import sign_in
from webinars.accounts.queries import find_user
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail import outbox
from webinars.schedule.models import Speaker, WebinarSpeaker
from webinars.schedule.team import set_team
from webinars.staff import today
from webinars.staff.queries import Begun
from webinars.staff.readiness import service
from webinars.staff.readiness.models import MarkState

DAY = timedelta(days=1)


def page_of(client, path="/staff/"):
    return parse(client.get(path))


def appoint(webinar, email, part="responsible"):
    user = make_user(email, "host")
    with transaction():
        set_team(webinar, {user.id: [part]}, utc_now())


def test_next_webinar_is_told_with_who_is_on_and_what_is_at_hand(editor):
    now = utc_now()
    make_webinar(now=now, title="Later", starts_in=9 * DAY)
    webinar = make_webinar(now=now, title="Low energy", starts_in=5 * DAY, capacity=500)
    db.session.add(WebinarSpeaker(webinar_id=webinar.id, speaker=Speaker(name="Dr. Ruiz")))
    make_registration(webinar)
    make_registration(webinar, "Bob", state="waitlisted")
    appoint(webinar, "ana@example.org", "moderator")
    [card] = page_of(editor).select(".next-up")
    words = text_of(card)
    assert words.startswith("Next · starts in 5 days Low energy")
    for told in ("Dr. Ruiz", "Moderator ana@example.org", "1 / 500", "1 waiting", "1-800-555-0142", "PIN 4471"):
        assert told in words
    addresses = [link["href"] for link in card.select("a")]
    assert "https://meet.example.org/room" in addresses and f"/staff/webinars/{webinar.slug}/sheets" in addresses
    address, _, place = card.form["action"].partition("#")
    assert (address, place) == (f"/staff/webinars/{webinar.slug}/registrations", "found")
    found = page_of(editor, f"{address}?q=alice")
    assert found.find(id="found") and "Alice" in text_of(found.select_one("tbody"))


def test_times_are_told_in_one_zone_that_of_whoever_looks(editor):
    make_webinar(now=utc_now(), starts_in=2 * DAY, time_zone="America/New_York")
    editor.set_cookie("tz", "Europe/Madrid")
    page = page_of(editor)
    for told in (page.select_one(".next-up"), page.select_one("tbody [data-label=When]")):
        assert "Madrid" in text_of(told) or "Central European" in text_of(told), text_of(told)
        assert "Eastern" not in text_of(told)


def test_host_knows_themself_and_reads_no_address_of_others(client):
    webinar = make_webinar(now=utc_now(), starts_in=2 * DAY)
    staff, other = sign_in(client, "host", "host@example.org"), make_user("ana@example.org", "editor")
    with transaction():
        set_team(webinar, {find_user("host@example.org").id: ["moderator"], other.id: ["responsible"]}, utc_now())
    card = text_of(page_of(staff).select_one(".next-up"))
    assert "Moderator you" in card and "Responsible a colleague" in card


def test_missing_join_link_is_added_on_the_short_page(editor):
    webinar = make_webinar(now=utc_now(), starts_in=3 * DAY, join_url="", phone_number="")
    page = page_of(editor)
    short = f"/staff/webinars/{webinar.slug}/joining"
    [line] = [one for one in page.select("li.notice") if "has no join link yet" in text_of(one)]
    assert line.a["href"] == short
    steps = page_of(editor, f"/staff/webinars/{webinar.slug}/readiness")
    for field in ("join_url", "phone_number"):
        assert steps.find("a", href=f"{short}#{field}") and page_of(editor, short).find(id=field)


def test_what_is_on_stands_alone_until_its_end(editor):
    now = utc_now()
    make_webinar(now=now, title="Later")
    make_webinar(now=now, title="Running", starts_in=timedelta(minutes=-5))
    make_webinar(now=now, title="Beside it", starts_in=timedelta(minutes=-20))
    cards = [text_of(card) for card in page_of(editor).select(".next-up")]
    assert [card.startswith("On now until") for card in cards] == [True, True]


def test_next_webinar_is_told_however_far_away_it_is(editor):
    make_webinar(now=utc_now(), title="Far", starts_in=200 * DAY)
    page = page_of(editor)
    assert "Far" in text_of(page.select_one(".next-up")) and not page.select("#week")


def test_week_names_what_is_late_and_due_with_who_is_responsible(editor):
    now = utc_now()
    webinar = make_webinar(now=now, title="Low energy", starts_in=8 * DAY)
    appoint(webinar, "ana@example.org")
    with transaction():
        for step in ("texts", "speakers", "questions"):
            service.mark(webinar, step, MarkState.NOT_NEEDED, now, seen="")
    [row] = page_of(editor).select(".week li")
    words = text_of(row).replace(" : Low energy", "")
    assert words == (
        "“Low energy” starts in 8 days. Letters looked at late Captioner or interpreter booked late"
        " Slides sent in 6 days Join link tested in 7 days Responsible: ana@example.org"
    )
    assert all(editor.get(link["href"]).status_code == 200 for link in row.select("a"))


def test_what_was_ticked_is_asked_for_no_more(editor):
    webinar = make_webinar(now=utc_now(), starts_in=10 * DAY)
    assert "Questions on" in text_of(page_of(editor).select_one(".week"))
    with transaction():
        service.mark(webinar, "questions", MarkState.DONE, utc_now(), seen="")
    assert "Questions on" not in text_of(page_of(editor).select_one(".week"))


def test_needs_are_told_and_what_is_most_urgent_stands_first(editor):
    now = utc_now()
    far = make_webinar(now=now, title="Far", starts_in=9 * DAY)
    make_registration(far, access_needs="Captions")
    make_webinar(now=now, title="Tomorrow", starts_in=timedelta(hours=20), join_url="")
    lines = page_of(editor).select("li.notice")
    words = [text_of(line) for line in lines]
    closed = next(index for index, line in enumerate(words) if line.startswith("“Tomorrow” starts"))
    need = next(index for index, line in enumerate(words) if line.startswith("Somebody needs something"))
    assert closed < need and "error" in lines[closed]["class"] and "warning" in lines[need]["class"]


def test_after_the_end_the_steps_of_the_recording_are_asked_for(editor):
    webinar = make_webinar(now=utc_now(), title="Over", starts_in=-20 * DAY)
    make_video(webinar, state="draft", media_url="https://films.example.org/one.mp4")
    row = text_of(page_of(editor).select_one(".week li"))
    assert row.startswith("“Over” ended 20 days ago. Speakers agreed to the recording : Over late")


NEW = Begun(series=False, webinar=False, tried_letter=False, colleague=False, at_home=False)


@pytest.mark.parametrize("done", ["series", "webinar", "tried_letter", "colleague"])
def test_first_steps_tick_themselves(app, settings, done):
    with app.test_request_context("/staff/"):
        before = [one.done for one in today.first_steps(NEW, settings)]
        after = [one.done for one in today.first_steps(NEW._replace(**{done: True}), settings)]
    assert before == [False] * 5 and sum(after) == 1


@pytest.mark.parametrize("begun", [Begun(True, True, True, True, False), NEW._replace(at_home=True)])
def test_first_steps_go_away_once_they_are_done_or_a_webinar_took_place(app, settings, begun):
    named = dataclasses.replace(settings, organization_name="Harbour")
    with app.test_request_context("/staff/"):
        assert today.first_steps(begun, named) == []


def test_new_installation_is_led_through_its_first_steps(client):
    sign_in(client, "owner")
    steps = page_of(client).select("section:has(#first-steps) li")
    assert [text_of(one).split(":")[0] for one in steps] == ["to do"] * 5
    assert all(client.get(link["href"]).status_code == 200 for one in steps for link in one.select("a"))
    make_webinar(make_series(), now=utc_now())
    make_user("ana@example.org", "viewer")
    outbox.owe(notice="test", subject="u1", occasion="1", now=utc_now())
    db.session.commit()
    steps = page_of(client).select("section:has(#first-steps) li")
    assert [text_of(one).split(":")[0] for one in steps] == ["to do", *["done"] * 4]


def test_cancelled_webinars_are_spoken_of_nowhere(editor):
    make_webinar(now=utc_now(), title="Off", state="cancelled", starts_in=3 * DAY)
    assert "Off" not in text_of(page_of(editor).main)
