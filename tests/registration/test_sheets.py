"""What staff print for the day: whom to call, and one sheet a person that says how to join."""

from datetime import timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from tests.factories import make_registration, make_webinar
from tests.registration.test_staff_pages import letter
from tests.support.pages import parse, text_of
from tests.support.queries import sent_queries
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.formats import when
from webinars.core.qr import svg_of
from webinars.mail.models import Address, MessageState
from webinars.registration import links, sheets
from webinars.schedule.models import Webinar


@pytest.fixture
def webinar(app):
    return make_webinar(now=utc_now())


def by_telephone(webinar, name, phone, **fields):
    return make_registration(webinar, name, email=None, phone=phone, mode="phone", email_key=f"tel:{phone}", **fields)


def address(webinar, **asked):
    return f"/staff/webinars/{webinar.slug}/sheets?" + "&".join(f"{name}={value}" for name, value in asked.items())


def lines(page: BeautifulSoup) -> list[str]:
    return [text_of(row) for row in page.select("tbody tr")]


def test_call_list_names_callers_first_with_number_state_and_whether_letters_reach_them(editor, webinar):
    make_registration(webinar, "Bob")
    make_registration(webinar, "Carol", state="waitlisted")
    make_registration(webinar, "Dora", state="cancelled")
    make_registration(webinar, "Eve", state="recording-only")
    by_telephone(webinar, "Zoe", "18005550100")
    page = editor.page(address(webinar))
    assert lines(page) == [
        "Zoe 18005550100 By telephone Confirmed no email address",
        "Bob – Online, live Confirmed reach them",
        "Carol – Online, live Waiting, place 1 reach them",
    ]
    words = text_of(page.find(id="main"))
    assert "Number to call: 1-800-555-0142 · PIN 4471" in words and "Eastern time" in words
    assert len(page.select(".tick-box")) == 3


def test_call_list_says_whose_letters_come_back_or_did_not_arrive(editor, webinar):
    bob, carol = make_registration(webinar, "Bob"), make_registration(webinar, "Carol")
    with transaction() as session:
        session.add(Address(key=bob.address_key, bounced_at=utc_now()))
    letter(carol, state=MessageState.FAILED, last_error="550 no")
    told = lines(editor.page(address(webinar)))
    assert "the address takes no mail" in told[0] and "the last letter did not arrive" in told[1]


def test_joining_sheets_say_when_in_the_readers_zone_and_language_with_number_and_code(editor, webinar):
    alice = by_telephone(webinar, "Alice", "18005550100", time_zone="America/Los_Angeles")
    make_registration(webinar, "Berta", language="es", time_zone="Europe/Madrid")
    make_registration(webinar, "Carol", state="waitlisted")
    first, second = editor.page(address(webinar, kind="joining")).select(".join-sheet")
    assert when(webinar.starts_at, webinar.ends_at, "America/Los_Angeles") in first.get_text()
    assert all(said in text_of(first) for said in ("Alice", webinar.title, "1-800-555-0142", "4471"))
    assert "/my" not in text_of(first), "no link can be mailed without an address"
    assert (first["lang"], second["lang"]) == ("en", "es") and "127.0.0.1:8000/es/my" in text_of(second)
    assert str(svg_of(links.join_url(alice))).count("<path") == len(first.find_all("path")) == 2


def test_discreet_peoples_sheets_name_neither_topic_nor_organisation(editor, webinar):
    make_registration(webinar, "Alice", discreet=True)
    [sheet] = editor.page(address(webinar, kind="joining")).select(".join-sheet")
    words = text_of(sheet)
    assert "Appointments" in words and "4471" in words
    assert webinar.title not in words and webinar.series.title not in words


@pytest.mark.parametrize(
    ("who", "names"), [("", ["Alice", "Bob", "Carol"]), ("phone", ["Alice"]), ("unreached", ["Alice", "Bob"])]
)
def test_joining_sheets_for_some(editor, webinar, who, names):
    by_telephone(webinar, "Alice", "18005550100")
    bob = make_registration(webinar, "Bob")
    make_registration(webinar, "Carol")
    with transaction() as session:
        session.add(Address(key=bob.address_key, bounced_at=utc_now()))
    found = editor.page(address(webinar, kind="joining", who=who)).select(".join-sheet .lead")
    assert [text_of(one) for one in found] == names


def test_a_day_shows_everything_on_it_by_the_organisers_clock(editor, webinar):
    local = webinar.local_start
    late = make_webinar(now=utc_now(), title="Late in the evening")
    with transaction() as session:
        session.get_one(Webinar, late.id).local_start = local.replace(hour=23, minute=59, second=0)
    other = make_webinar(now=utc_now(), title="Another day", starts_in=timedelta(days=12))
    for one in (webinar, late, other):
        make_registration(db.session.get_one(Webinar, one.id), f"Guest of {one.id}")
    page = editor.page(f"/staff/sheets?day={local.date()}")
    headings = [text_of(one) for one in page.select("#main h2")]
    assert headings == [webinar.title, "Late in the evening"]
    assert len(editor.page(f"/staff/sheets?day={local.date()}&kind=joining").select(".join-sheet")) == 2


@pytest.mark.parametrize("day", ["", "2026-13-45", "x", "9" * 400, "0001-01-01", "9999-12-31", "²"])
def test_a_day_that_is_none_is_today_and_one_without_webinars_says_so(editor, app, day):
    assert "No webinar on this day" in text_of(editor.page(f"/staff/sheets?day={day}"))


def test_thousands_are_shown_some_at_a_time(editor, webinar, monkeypatch):
    monkeypatch.setattr(sheets, "CALLS_A_PAGE", 2)
    monkeypatch.setattr(sheets, "SHEETS_A_PAGE", 2)
    for name in ("Alice", "Bob", "Carol"):
        make_registration(webinar, name)
    assert [len(lines(editor.page(address(webinar, page=number)))) for number in (1, 2)] == [2, 1]
    assert "sheet 2 of 2" in text_of(editor.page(address(webinar, page=2)))
    assert len(editor.page(address(webinar, kind="joining", page=2)).select(".join-sheet")) == 1


@pytest.mark.parametrize("kind", ["calls", "joining"])
def test_sheets_cost_the_same_number_of_queries_for_one_and_three(editor, webinar, kind):
    counted = []
    for names in (["Alice"], ["Bob", "Carol"]):
        for name in names:
            letter(make_registration(webinar, name, state="confirmed"))
            make_registration(webinar, f"Waiting {name}", state="waitlisted")
        editor.get(address(webinar, kind=kind))
        with sent_queries() as sent:
            editor.get(address(webinar, kind=kind))
        counted.append(len(sent))
    assert all(one == other for one, other in pairwise(counted))


def test_nobody_is_sent_a_sheet_to_a_webinar_that_was_called_off(editor):
    webinar = make_webinar(now=utc_now(), state="cancelled")
    make_registration(webinar, "Alice")
    assert not editor.page(address(webinar, kind="joining")).select(".join-sheet")
    assert lines(editor.page(address(webinar))), "but staff may want to call them"


def test_sheets_are_reached_from_the_webinar_and_from_today(editor, webinar):
    targets = {str(link["href"]) for link in editor.page(f"/staff/webinars/{webinar.slug}").find_all("a")}
    assert f"/staff/webinars/{webinar.slug}/sheets" in targets
    assert "/staff/sheets" in {str(link["href"]) for link in editor.page("/staff/").find_all("a")}


def test_a_persons_own_printed_page_has_the_same_code_and_each_their_own(client, webinar):
    drawn = {}
    for name in ("Alice", "Bob"):
        place = make_registration(webinar, name)
        shown = client.get(urlsplit(links.manage_url(place)).path, follow_redirects=True)
        [code] = parse(shown).select(".join-sheet svg.qr")
        drawn[name] = str(code.find_all("path")[1]["d"])
    assert drawn["Alice"] != drawn["Bob"]
