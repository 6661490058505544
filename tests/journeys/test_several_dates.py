"""A whole series with one form: one letter that lists the dates, an invitation to each, and all of it stays true."""

from datetime import timedelta

from tests.factories import NOW, make_registration, make_series, make_webinar
from tests.journeys.letters import Post
from tests.journeys.story import Story, path_of
from tests.support.pages import parse, text_of
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.registration import service as registrations
from webinars.registration.models import Registration
from webinars.schedule.models import Series, Webinar


def announces(capacity: int | None = None) -> Series:
    series = make_series(title="What's New", slug="whats-new")
    for one in range(1, 4):
        make_webinar(series, starts_in=timedelta(days=10 * one), title=f"Evening {one}", slug=f"evening-{one}")
    last = db.session.query(Webinar).filter_by(slug="evening-3").one()
    last.capacity = capacity
    db.session.commit()
    return series


def registers_for_all(story: Story, **fields: str) -> str:
    visitor = story.browser()
    given = {"name": "Alice", "email": "alice@example.org", "time_zone": "America/New_York"} | fields
    return text_of(parse(visitor.submit(visitor.page("/series/whats-new/register"), "/register", **given)))


def by_subject(letters: list[Post], beginning: str) -> list[Post]:
    return [one for one in letters if one.subject.startswith(beginning)]


def test_patient_comes_to_all_evenings(story: Story) -> None:
    announces(capacity=1)
    first_come = db.session.query(Webinar).filter_by(slug="evening-3").one()
    make_registration(first_come, name="Bob", email="bob@example.org")
    assert "You have a place on 2 dates" in registers_for_all(story)

    letters = story.letters()
    [listing] = by_subject(letters, "Your dates: What's New")
    invitations = by_subject(letters, "Your place is saved")
    assert len(letters) == 3 and len(invitations) == 2
    assert listing.entry is None, "a calendar reads one entry a letter"
    assert "Waiting, place 1" in listing.text and all(f"Evening {one}" in listing.text for one in (1, 2, 3))
    entries = [one.entry for one in invitations]
    assert [one.method for one in entries if one] == ["REQUEST", "REQUEST"]
    assert len({one.uid for one in entries if one}) == 2
    assert {one.start for one in entries if one} == {NOW + timedelta(days=10), NOW + timedelta(days=20)}

    bob = db.session.query(Registration).filter_by(name="Bob").one()
    with transaction():
        registrations.cancel(db.session.merge(bob), utc_now())
    promoted = by_subject(story.letters(), "You now have a place")
    assert [one.entry.method for one in promoted if one.entry] == ["REQUEST"] and "Evening 3" in promoted[0].subject


def test_each_evening_is_cancelled_by_its_own_link_in_the_list(story: Story) -> None:
    announces()
    registers_for_all(story)
    [listing] = by_subject(story.letters(), "Your dates")
    manage = [link for link in sorted(listing.links) if "/r/" in link]
    assert len(manage) == 3
    story.cancels(manage[0])
    [withdrawn] = story.letters()
    assert withdrawn.entry and withdrawn.entry.method == "CANCEL"


def test_who_waits_or_asked_for_the_recording_hears_of_a_new_time_too(story: Story) -> None:
    announces()
    registers_for_all(story, mode="recording")
    [listing] = story.letters()
    assert listing.subject == "Your dates: What's New" and "we send you the link" in listing.text
    staff = story.staff()
    page = staff.page("/staff/webinars/evening-2/move")
    asked = staff.submit(page, "", "Continue", start_date="2026-12-14", start_time="18:30")
    staff.submit(asked, "/move", "Move it", confirm="1")
    [moved] = story.letters()
    assert moved.subject.startswith("New time") and "Evening 2" in moved.subject


def test_list_of_a_discreet_person_names_nothing(story: Story) -> None:
    announces()
    registers_for_all(story, discreet="y")
    letters = story.letters()
    assert len(letters) == 4 and all(one.message["From"].startswith("Appointments") for one in letters)
    for one in letters:
        assert "Evening" not in one.all_that_can_be_read() and "New" not in one.subject


def test_spanish_patient_registers_for_all_by_spanish_pages(story: Story) -> None:
    announces()
    visitor = story.browser()
    page = visitor.page("/es/series/whats-new/register")
    given = {"name": "Lucía", "email": "lucia@example.org", "time_zone": "Europe/Madrid"}
    answer = visitor.submit(page, "/register", **given)
    assert answer.request.path == "/es/series/whats-new/places"
    assert "fechas" in text_of(parse(answer))
    [listing] = by_subject(story.letters(), "Sus fechas")
    assert "lugar" in listing.text
    links = [link for link in listing.links if "/r/" in link]
    assert visitor.get(path_of(links[0]), follow_redirects=True).status_code == 200
