"""What is at hand shortly before a webinar, during it and after it: on Today, and at the top of its own page."""

from datetime import timedelta

import pytest

from tests.factories import make_registration, make_video, make_webinar
from tests.staff.test_rights import join_team
from tests.support.pages import parse, text_of
from tests.support.queries import count_queries
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.live.models import Attendance
from webinars.registration import service
from webinars.registration.models import Registration

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def make(starts_in, **fields):
    webinar = make_webinar(now=utc_now(), title="Low energy", starts_in=starts_in, **fields)
    for name in ("Alice", "Bob", "Carla"):
        make_registration(webinar, name)
    return webinar


def come(webinar, number):
    ids = [one.id for one in webinar_people(webinar)[:number]]
    db.session.add_all(Attendance(registration_id=one, webinar_id=webinar.id, joined_at=utc_now()) for one in ids)
    db.session.commit()


def webinar_people(webinar):
    return db.session.query(Registration).filter_by(webinar_id=webinar.id).order_by(Registration.id).all()


def deeds(card):
    return [text_of(link) for link in card.select(".deeds a")]


def at_hand(client, webinar):
    return client.page(f"/staff/webinars/{webinar.slug}").find(attrs={"aria-labelledby": "at-hand"})


ALL = ["Join as staff", "Change how to join", "Write to everybody", "Questions asked", "Call list"]


@pytest.mark.parametrize(
    ("role", "offered"), [("editor", ALL), ("viewer", [ALL[0], *ALL[3:]]), ("host", [ALL[0], ALL[3]])]
)
def test_each_finds_the_deeds_that_are_theirs_on_today_and_on_the_webinars_page(client, role, offered):
    webinar = make(12 * MINUTE)
    staff = sign_in(client, role, f"{role}@example.org")
    join_team(role, {"webinars": webinar.slug})
    db.session.rollback()
    cards = staff.page("/staff/").select_one(".next-up"), at_hand(staff, webinar)
    for card in cards:
        assert deeds(card) == offered
        assert "1-800-555-0142" in text_of(card) and "PIN 4471" in text_of(card)
        assert bool(card.form) == (role != "host")
        inside = [link["href"] for link in card.select(".deeds a") if link["href"].startswith("/")]
        assert all(staff.get(address).status_code == 200 for address in inside)


def test_how_many_came_in_is_asked_again_while_the_door_is_open(editor):
    webinar = make(12 * MINUTE)
    come(webinar, 2)
    card = editor.page("/staff/").select_one(".next-up")
    assert "2 of 3 came in by their link" in text_of(card)
    address = card.select_one(".came")["data-hx-get"]
    come_again = Attendance(registration_id=webinar_people(webinar)[2].id, webinar_id=webinar.id, joined_at=utc_now())
    db.session.add(come_again)
    db.session.commit()
    line = editor.get(address, headers={"HX-Request": "true"})
    assert "3 of 3 came in" in text_of(parse(line)) and "data-hx-trigger" in line.text


def test_who_gave_the_place_up_after_coming_is_not_counted_among_those_with_one(editor):
    webinar = make(12 * MINUTE)
    come(webinar, 3)
    service.cancel(webinar_people(webinar)[0], utc_now())
    db.session.commit()
    assert "2 of 2 came in by their link" in text_of(editor.page("/staff/").select_one(".next-up"))


def test_caller_is_looked_for_here_first_and_then_in_all_webinars(editor):
    here = make(12 * MINUTE)
    there = make_webinar(now=utc_now(), title="Another", starts_in=9 * DAY)
    for name in ("Dora", "Alice", "Emil", "Emil Ruiz"):
        make_registration(there, name)
    form = editor.page("/staff/").select_one(".next-up form")
    path = form["action"].partition("#")[0]

    def call(words):
        return editor.get(path, query_string={"q": words, "caller": "1"}, follow_redirects=True)

    def page_about(webinar, name):
        [found] = [one for one in webinar_people(webinar) if one.name == name]
        return f"/staff/registrations/{found.public_id}"

    assert call("alice").request.path == page_about(here, "Alice")
    assert call("dora").request.path == page_about(there, "Dora")
    several = call("emil")
    assert several.request.path == "/staff/registrations" and several.text.count("Emil") >= 2
    assert call("nobody").request.path == "/staff/registrations"
    listed = editor.page(f"{path}?q=alice")
    [elsewhere] = [link for link in listed.select("a") if text_of(link) == "Look in all webinars"]
    assert len(editor.page(elsewhere["href"]).select("tbody tr")) == 2


def test_nobody_is_counted_before_the_door_opens_and_nothing_asked_after_it_closed(editor):
    webinar = make(3 * 60 * MINUTE)
    assert not editor.page("/staff/").select(".came") and at_hand(editor, webinar)
    webinar.starts_at, webinar.ends_at = utc_now() - 3 * DAY, utc_now() - 2 * DAY
    db.session.commit()
    line = editor.get(f"/staff/webinars/{webinar.slug}/came", headers={"HX-Request": "true"})
    assert "0 of 3 came in" in text_of(parse(line)) and "data-hx-get" not in line.text


def test_reader_who_opens_the_line_by_itself_is_led_to_the_webinar(editor):
    webinar = make(12 * MINUTE)
    assert editor.get(f"/staff/webinars/{webinar.slug}/came").location == f"/staff/webinars/{webinar.slug}"


@pytest.mark.parametrize(
    ("starts_in", "state", "shown"),
    [(2 * DAY, "published", False), (20 * 60 * MINUTE, "published", True), (-5 * MINUTE, "published", True),
     (-20 * DAY, "published", False), (12 * MINUTE, "draft", False), (12 * MINUTE, "cancelled", False)],
)  # fmt: skip
def test_webinars_page_begins_with_it_from_the_eve_on(editor, starts_in, state, shown):
    assert bool(at_hand(editor, make(starts_in, state=state))) is shown


def test_afterwards_it_is_who_came_thanks_and_the_recording(editor):
    webinar = make(-3 * 60 * MINUTE)
    come(webinar, 1)
    card = at_hand(editor, webinar)
    assert text_of(card.h2) == "After it" and "1 of 3 came in by their link" in text_of(card)
    assert deeds(card) == ["Write a thank-you letter", "Add the recording", "Numbers"] and not card.form
    letter = parse(editor.get(card.select_one(".deeds a")["href"]))
    assert letter.find(id="subject_en")["value"] == "Thank you for your interest"
    make_video(webinar, state="draft")
    assert "Add the recording" not in deeds(at_hand(editor, webinar))


def test_counting_takes_one_statement_for_one_and_for_three(editor):
    make(-5 * MINUTE)
    one = count_queries(lambda: editor.get("/staff/"))
    make(-6 * MINUTE)
    make(-7 * MINUTE)
    assert count_queries(lambda: editor.get("/staff/")) == one
    assert len(editor.page("/staff/").select(".came")) == 3


def test_host_of_another_webinar_learns_no_number(client):
    webinar = make(12 * MINUTE)
    host = sign_in(client, "host")
    assert host.get(f"/staff/webinars/{webinar.slug}/came", headers={"HX-Request": "true"}).status_code == 403
