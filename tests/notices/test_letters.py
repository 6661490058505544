"""Every letter as a file, to be read in review as the person who gets it would read it.

After a wanted change run with UPDATE_SNAPSHOTS=1 and read what has changed.
"""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import html5lib
import pytest
from bs4 import BeautifulSoup

from webinars.archive.models import Video
from webinars.core.language import speaking
from webinars.mail.letters import Letter
from webinars.notices.facts import Facts, LinkFacts
from webinars.notices.kinds import Notice
from webinars.notices.letters import Writer
from webinars.notices.starts import Held
from webinars.registration.models import Registration
from webinars.schedule.models import Series, Webinar

SNAPSHOTS = Path(__file__).parent.parent / "snapshots" / "letters"
START = datetime(2026, 12, 3, 18, 0, tzinfo=UTC)
NOW = START - timedelta(days=10)
BEFORE = Held(0, NOW - timedelta(days=5), START - timedelta(days=2, hours=1), "America/New_York")


def facts(discreet: bool, state: str = "confirmed", *, webinar: dict | None = None, **fields) -> Facts:
    series = Series(slug="clinical-trials", title="Clinical Trials", reminders=[10080, 1440, 60])
    event = Webinar(
        **{
            "id": 7,
            "slug": "clinical-trials-immunotherapy",
            "series": series,
            "title": "Clinical Trials & Immunotherapy",
            "summary": "What a trial asks of you, and what it may give.",
            "time_zone": "America/New_York",
            "starts_at": START,
            "ends_at": START + timedelta(minutes=75),
            "phone_number": "1-800-555-0142",
            "phone_pin": "4471",
            "join_url": "https://meet.example.org/room",
            "state": "published",
            "sequence": 1,
            "start_sequence": 1,
            "cancel_reason": "",
            "updated_at": NOW - timedelta(days=1),
            "access_text": "Live captions in English",
            "recorded": True,
        }
        | (webinar or {})
    )
    person = Registration(
        **{
            "id": 12,
            "public_id": "AliceAliceAliceAlice22",
            "link_version": 1,
            "name": "Alice Archer",
            "name_key": "alice archer",
            "email": "alice@example.org",
            "email_key": "alice@example.org",
            "state": state,
            "mode": "live",
            "language": "en",
            "time_zone": "America/Los_Angeles",
            "discreet": discreet,
            "uid": "78d987ee-3109-433e-8f03-b0bdb4660ab8",
            "sequence_offset": 0,
            "state_changes": 2,
            "entry_withdrawn": False,
            "entered_by_staff": False,
            "webinar": event,
        }
        | fields
    )
    position = 3 if state == "waitlisted" else None
    proven = not (discreet or person.held)
    return Facts(person, proven=proven, position=position, video=Video(slug="clinical-trials-recorded"))


OFF = {"state": "cancelled", "sequence": 2, "cancel_reason": "The speaker is ill. We are looking for a new date."}
#: name → notice, state, changed facts, when
CASES: dict[str, tuple[Notice, str, dict, datetime]] = {
    "proof": (Notice.PROOF, "confirmed", {"proof_until": NOW + timedelta(hours=24)}, NOW),
    "proof-waiting": (Notice.PROOF, "waitlisted", {"proof_until": NOW + timedelta(hours=24)}, NOW),
    "confirmation": (Notice.CONFIRMATION, "confirmed", {}, NOW),
    "confirmation-by-phone": (Notice.CONFIRMATION, "confirmed", {"mode": "phone"}, NOW),
    "waitlisted": (Notice.WAITLISTED, "waitlisted", {}, NOW),
    "promoted": (Notice.PROMOTED, "confirmed", {}, NOW),
    "offer": (Notice.OFFER, "offered", {"offered_until": NOW + timedelta(hours=26)}, NOW),
    "offer-lapsed": (Notice.OFFER_LAPSED, "recording-only", {}, NOW),
    "offer-lapsed-no-recording": (Notice.OFFER_LAPSED, "cancelled", {"webinar": {"recorded": False}}, NOW),
    "recording-place": (Notice.RECORDING_PLACE, "recording-only", {"sequence_offset": 1, "entry_sequence": 1}, NOW),
    "reminder-1-week": (Notice.REMINDER, "confirmed", {}, START - timedelta(days=7)),
    "reminder-1-day": (Notice.REMINDER, "confirmed", {}, START - timedelta(days=1)),
    "reminder-1-hour": (Notice.REMINDER, "confirmed", {}, START - timedelta(hours=1)),
    "moved": (Notice.MOVED, "confirmed", {}, NOW),
    "moved-waiting": (Notice.MOVED, "waitlisted", {}, NOW),
    "moved-recording": (Notice.MOVED, "recording-only", {}, NOW),
    "moved-no-recording": (Notice.MOVED, "recording-only", {"webinar": {"recorded": False}}, NOW),
    "changed": (Notice.CHANGED, "confirmed", {}, NOW),
    "cancelled": (Notice.CANCELLED, "confirmed", {"webinar": OFF}, NOW),
    "own-cancellation": (Notice.OWN_CANCELLATION, "cancelled", {"sequence_offset": 1, "entry_sequence": 1}, NOW),
    "recording-ready": (Notice.RECORDING_READY, "confirmed", {}, START + timedelta(days=2)),
    "recording-ready-survey": (
        Notice.RECORDING_READY,
        "confirmed",
        {"webinar": {"surveys": True}},
        START + timedelta(days=2),
    ),
}
#: the lines of a letter's box
BOX = (
    "What:",
    "When:",
    "In the organiser's time:",
    "Instead of:",
    "By phone:",
    "PIN for the phone:",
    "This place is for:",
)
EVERY = [(name, discreet) for name in CASES for discreet in (False, True)]


def write(name: str, discreet: bool) -> Letter:
    notice, state, fields, now = CASES[name]
    known = replace(facts(discreet, state, **fields), before=BEFORE if notice is Notice.MOVED else None)
    with speaking("en"):
        return Writer(now).place_letter(notice, known)


def shown(letter: Letter) -> str:
    """Lay a letter out as a reviewer reads it."""
    headers = "".join(f"{name}: {value}\n" for name, value in letter.headers)
    head = f"From: {letter.sender_name}\nTo: {letter.to_address}\nSubject: {letter.subject}\n{headers}"
    calendar = letter.calendar.ics.decode().replace("\r\n", "\n") if letter.calendar else "no calendar part\n"
    return f"{head}\n{str(letter.text)}\n{'=' * 72}\n{calendar}"


def check(name: str, content: str) -> None:
    file = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(content)
    assert file.read_text() == content, f"{name} reads differently now"


@pytest.mark.parametrize(("name", "discreet"), EVERY)
def test_letter_reads_as_reviewed(app, name, discreet):
    letter = write(name, discreet)
    label = f"{name}{'.discreet' if discreet else ''}"
    check(f"{label}.txt", shown(letter))
    check(f"{label}.html", str(letter.html or ""))


def test_letter_of_links_reads_as_reviewed(app):
    several = [
        facts(False).registration,
        facts(False, "waitlisted", id=13, public_id="BobBobBobBobBobBobBob2").registration,
    ]
    with speaking("en"):
        check("link.txt", shown(Writer(NOW).link_letter(LinkFacts(several))))
        check("link.html", str(Writer(NOW).link_letter(LinkFacts(several)).html or ""))
        check("link.discreet.txt", shown(Writer(NOW).link_letter(LinkFacts([facts(True).registration]))))


@pytest.mark.parametrize(("name", "discreet"), EVERY)
def test_html_says_what_the_text_says_and_fits_every_mail_program(app, name, discreet):
    letter = write(name, discreet)
    html = str(letter.html or "")
    html5lib.HTMLParser(strict=True).parse(html)
    assert len(html.encode()) < 20_000
    page = BeautifulSoup(html, "html.parser")
    assert page.html is not None and page.html["lang"] == "en" and len(page.find_all("h1")) == 1
    assert not page.find_all(["script", "img", "form", "iframe", "link"])
    assert all(link["href"].startswith(("http://127.0.0.1:8000/", "tel:")) for link in page.find_all("a"))
    assert all(table.get("role") == "presentation" for table in page.find_all("table"))
    words = page.get_text(" ")
    for line in str(letter.text).splitlines():
        if line.startswith("http"):
            assert any(link["href"] == line for link in page.find_all("a")), line
        elif line.startswith(BOX):
            assert line.partition(": ")[2] in words, line


@pytest.mark.parametrize(("language", "name"), [("en", "Appointments"), ("es", "Citas")])
def test_discreet_letters_come_from_a_name_in_the_readers_language(app, language, name):
    known = facts(True, language=language)
    assert Writer(NOW).place_letter(Notice.CONFIRMATION, known).sender_name == name
    assert Writer(NOW).link_letter(LinkFacts([known.registration])).sender_name == name


def test_one_discreet_place_makes_the_letter_of_links_discreet(app):
    plain = facts(False, id=13, public_id="BobBobBobBobBobBobBob2").registration
    with speaking("en"):
        letter = Writer(NOW).link_letter(LinkFacts([plain, facts(True).registration]))
    assert letter.discreet and letter.sender_name == "Appointments"
    assert "Trials" not in str(letter.text) + str(letter.html or "") and "/my/" not in str(letter.text) + str(
        letter.html or ""
    )
    assert str(letter.text).count("/r/") == 2


@pytest.mark.parametrize(("name", "discreet"), EVERY)
def test_text_alone_holds_title_date_zone_and_the_way_to_manage(app, name, discreet):
    letter = write(name, discreet)
    assert ("Clinical Trials & Immunotherapy" in str(letter.text)) is not discreet
    assert "Thursday 3 December 2026, 10:00\u00a0– 11:15 am Pacific time" in str(letter.text)
    assert "Thursday 3 December 2026, 1:00\u00a0– 2:15 pm Eastern time" in str(letter.text)
    assert "/r/AliceAliceAliceAlice22.1." in str(letter.text)


@pytest.mark.parametrize(
    "name", ["confirmation", "promoted", "reminder-1-hour", "moved", "changed", "confirmation-by-phone"]
)
@pytest.mark.parametrize("discreet", [False, True])
def test_letters_to_a_seat_hold_join_link_phone_and_pin(app, name, discreet):
    letter = write(name, discreet)
    for part in (str(letter.text), str(letter.html or "")):
        assert "/join" in part and "1-800-555-0142" in part and "4471" in part


@pytest.mark.parametrize(("name", "discreet"), EVERY)
def test_links_of_a_letter_are_words_and_its_text_holds_the_addresses(app, name, discreet):
    letter = write(name, discreet)
    page = BeautifulSoup(str(letter.html or ""), "html.parser")
    assert "http" not in page.body.get_text(" ") and "/r/" in str(letter.text)
    assert all(link.get_text(strip=True) for link in page.find_all("a"))


def test_readers_own_time_is_what_stands_out(app):
    page = BeautifulSoup(str(write("confirmation", False).html or ""), "html.parser")
    loud = [one.get_text() for one in page.find_all("strong")]
    assert any("Pacific time" in one for one in loud) and not any("Eastern time" in one for one in loud)
    [note] = page.select(".note")
    assert note.get_text() == "In the organiser's time: Thursday 3 December 2026, 1:00\u00a0– 2:15 pm Eastern time"


def test_letter_has_a_width_and_a_padded_button_in_outlook_for_windows(app):
    html = str(write("confirmation", False).html or "")
    own = re.findall(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", html)
    assert [part.partition(" ")[0] for part in own] == ["<style>.button-cell", "<table", "</td></tr></table>"]
    assert 'width="600"' in own[1] and "padding: 14px 30px" in own[0]
    assert "supported-color-schemes:" not in html


@pytest.mark.parametrize("several", [False, True])
def test_letter_of_links_leads_to_all_webinars_in_one_place(app, several):
    places = [facts(False).registration, facts(False, id=13, public_id="BobBobBobBobBobBobBob2").registration]
    with speaking("en"):
        letter = Writer(NOW).link_letter(LinkFacts(places if several else places[:1]))
    page = BeautifulSoup(str(letter.html or ""), "html.parser")
    [link] = [one for one in page.find_all("a") if "See all your webinars in one place" in one.get_text()]
    assert "/my/" in link["href"] and "See all your webinars in one place" in str(letter.text)
    assert bool(link.get("class")) == several, "of several places it is the button"


@pytest.mark.parametrize(("name", "discreet"), EVERY)
def test_letters_have_at_most_one_button(app, name, discreet):
    page = BeautifulSoup(str(write(name, discreet).html or ""), "html.parser")
    assert len(page.find_all(class_="button-link")) <= 1


def test_letter_survives_names_and_titles_that_look_like_markup(app):
    nasty = facts(False, name="Eve <b>& Co</b>", webinar={"title": 'A "title" <script>alert(1)</script>'})
    with speaking("en"):
        letter = Writer(NOW).place_letter(Notice.CONFIRMATION, nasty)
    assert "<script>" not in str(letter.html or "") and "Eve &lt;b&gt;&amp; Co&lt;/b&gt;" in str(letter.html or "")
    assert "Hello Eve <b>& Co</b>," in str(letter.text) and "&lt;" not in str(letter.text)
