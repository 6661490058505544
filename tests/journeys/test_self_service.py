"""Whoever has a place changes everything about it alone; whoever only has a telephone is helped by staff as quickly."""

import json
import re
from datetime import timedelta

from bs4 import BeautifulSoup

from tests.factories import make_webinar
from tests.journeys.letters import Post
from tests.journeys.story import SLUG, TITLE, Story, path_of
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.registration.models import Registration

NUMBER, PIN = "1-800-555-0142", "4471"


def goes(browser: CheckedClient, page, words: str):
    """Press a link on a page."""
    [link] = {str(one["href"]) for one in parse(page).find(id="main").find_all("a") if words in text_of(one)}
    return browser.get(link)


def my_webinars(story: Story, address: str) -> CheckedClient:
    """Ask for the links of an address, and open the letter that comes."""
    browser = story.browser()
    browser.submit(browser.page("/my"), "/my", email=address)
    browser.get(path_of(next(link for link in story.letter().links if re.search(r"/my/[^/]+$", link))))
    return browser


def test_a_treatment_day_moves_and_another_date_is_taken_from_the_letter(story: Story) -> None:
    story.publishes()
    make_webinar(now=utc_now(), title="The same once more", starts_in=timedelta(days=25))
    story.registers("Alice", time_zone="America/Los_Angeles")
    first, browser = story.letter(), story.browser()
    dates = goes(browser, story.opens(first.link("manage"), browser), "Come on another date")
    assert story.letters() == [], "looking at the dates changes nothing"
    done = browser.submit(dates, "/swap", "Take this date")
    assert "Done: this is your place now" in text_of(parse(done)) and "The same once more" in done.text

    gone, new = sorted(story.letters(), key=lambda letter: TITLE not in letter.subject)
    assert (gone.entry.method, gone.entry.uid) == ("CANCEL", first.entry.uid)
    assert gone.entry.sequence > first.entry.sequence
    assert (new.entry.method, new.entry.summary) == ("REQUEST", "The same once more")
    assert new.entry.uid != first.entry.uid and "Pacific time" in new.text
    assert "Your place is confirmed" in story.opens(new.link("manage")).text


def test_an_address_that_changed_is_put_right_without_calling_anybody(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    first, browser = story.letter(), story.browser()
    browser.submit(story.opens(first.link("manage"), browser), "/new-address", email="alice@new.example")
    question = story.letter()
    assert question.to == "alice@new.example" and "Alice" not in question.text and question.entry is None
    page = story.opens(question.link("/my/address/"), browser)
    assert story.letters() == [], "opening the link changes nothing"
    browser.submit(page, "/my/address", "Yes, write to this address")
    letters = {letter.to: letter for letter in story.letters()}
    assert set(letters) == {"alice@new.example", "alice@example.org"}
    invitation, note = letters["alice@new.example"], letters["alice@example.org"]
    assert invitation.entry.method == "REQUEST" and invitation.entry.attendees == ["mailto:alice@new.example"]
    assert invitation.entry.uid == first.entry.uid and invitation.entry.sequence > first.entry.sequence
    assert (note.entry.method, note.entry.uid, note.entry.attendees) == (
        "CANCEL", first.entry.uid, ["mailto:alice@example.org"],
    )  # fmt: skip
    assert first.entry.sequence < note.entry.sequence < invitation.entry.sequence, "one calendar for both keeps the new"
    assert "alice@new.example" not in note.all_that_can_be_read() and "/r/" not in note.all_that_can_be_read()
    assert story.browser().get(path_of(first.link("manage"))).status_code == 404, "the old link is dead"
    story.it_is("2026-12-02 18:01")
    assert story.letter().to == "alice@new.example", "and reminders come to the new address"


def test_everything_held_is_read_taken_along_and_erased(story: Story) -> None:
    story.publishes(capacity="1")
    story.registers("Alice")
    story.registers("Bob")
    story.letters()
    browser = my_webinars(story, "alice@example.org")
    data = goes(browser, browser.get("/my"), "hold about me")
    words = text_of(parse(data))
    assert TITLE in words and "Confirmation with invitation" in words and "Bob" not in words
    assert json.loads(browser.get("/my/data.json").text)["places"][0]["name"] == "Alice"
    asked = goes(browser, browser.get("/my"), "Erase me")
    assert "You give up this place" in text_of(parse(asked)) and story.letters() == []
    browser.submit(asked, "/my/erase", "Erase everything about me")
    assert [letter.to for letter in story.letters()] == ["bob@example.org"], "the seat goes on, and Alice hears nothing"
    assert "alice" not in json.dumps(story.books()).lower()


def test_a_caller_without_email_is_found_registered_and_told_all_in_a_minute(story: Story) -> None:
    story.publishes()
    staff = story.staff()
    found = staff.get("/staff/registrations?q=800 555 0100")
    form_page = goes(staff, found, TITLE)
    typed = form_data(find_form(parse(form_page), "", "Register"))
    assert typed["phone"] == "800 555 0100", "nobody types it again"
    address = f"/staff/webinars/{SLUG}/registrations/new"
    page = staff.post(address, data=typed | {"name": "Ruth", "time_zone": "America/Chicago"}, follow_redirects=True)
    read_out = text_of(parse(page).find(attrs={"aria-labelledby": "tell-heading"}))
    assert "Central time" in read_out and NUMBER in read_out and PIN in read_out
    assert story.letters() == []
    sheet = text_of(staff.page(f"/staff/webinars/{SLUG}/sheets"))
    assert "Ruth 800 555 0100 By telephone Confirmed no email address" in sheet


def numbers_in(text: str) -> set[str]:
    """Find every telephone number of the test's kind, and every PIN that is named as one."""
    return set(re.findall(r"\b1-8\d\d-555-\d{4}\b", text)) | set(re.findall(r"PIN\D{0,40}?(\d{4})\b", text))


def everywhere(story: Story, letters: list[Post], staff: CheckedClient) -> dict[str, set[str]]:
    """Collect number and PIN from all that somebody may call by."""
    place = db.session.query(Registration).filter_by(name="Alice").populate_existing().one()
    browser = story.browser()
    confirmed = letters[0]
    shown = {f"letter {letter.subject}": letter.text for letter in letters}
    shown |= {f"html of {letter.subject}": text_of(BeautifulSoup(letter.html, "html5lib")) for letter in letters}
    shown |= {f"entry of {letter.subject}": letter.all_that_can_be_read() for letter in letters if letter.entry}
    shown["own page"] = text_of(parse(story.opens(confirmed.link("manage"), browser)).find(id="main"))
    shown["door"] = text_of(parse(story.opens(confirmed.link("join"), browser)))
    shown["own entry"] = (
        browser.get(path_of(confirmed.link("calendar.ics"))).text.replace("\r\n ", "").replace("\\", "")
    )
    shown["staff page"] = text_of(staff.page(f"/staff/webinars/{SLUG}"))
    shown["read out"] = text_of(staff.page(f"/staff/registrations/{place.public_id}?called=1"))
    shown["call list"] = text_of(staff.page(f"/staff/webinars/{SLUG}/sheets"))
    shown["joining sheet"] = text_of(staff.page(f"/staff/webinars/{SLUG}/sheets?kind=joining").select(".join-sheet")[0])
    return {name: numbers_in(text) for name, text in shown.items()}


def test_number_and_pin_are_the_same_in_every_letter_page_entry_and_on_paper(story: Story) -> None:
    story.publishes()
    story.registers("Alice", mode="phone")
    letters = [story.letter()]
    story.it_is("2026-12-02 18:01")
    letters.append(story.letter())
    staff = story.staff()
    found = everywhere(story, letters, staff)
    assert found == dict.fromkeys(found, {NUMBER, PIN}) and len(found) >= 12

    staff.submit(
        staff.page(f"/staff/webinars/{SLUG}/edit"), "/edit", "Save", phone_number="1-877-555-0199", phone_pin="9082"
    )
    found = everywhere(story, [story.letter()], staff)
    assert found == dict.fromkeys(found, {"1-877-555-0199", "9082"})
