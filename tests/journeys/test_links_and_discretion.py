"""What mail scanners do with links, and what a letter tells who looks over a shoulder."""

from collections.abc import Callable

import pytest

from tests.journeys.letters import Post
from tests.journeys.story import SLUG, TITLE, Story, path_of
from tests.support.pages import parse

SECRETS = (TITLE, "Immunotherapy", "Side Effects", "Harbor Cancer Support", "cancer", SLUG, "side-effects")
#: how the subjects of all kinds of letters begin
BEGINNINGS = (
    "Your place is saved", "You are on the waiting list", "You now have a place", "Your place is cancelled",
    "You will get the recording", "New time", "A change", "Tomorrow at", "Today at", "The links you asked for",
    "The recording is ready",
)  # fmt: skip


def _every_letter(story: Story, **fields: str) -> list[Post]:
    """Live through everything that causes a letter, and give all of them."""
    story.publishes(capacity="1")
    arrived: list[Post] = []

    def look() -> None:
        arrived.extend(story.letters())

    for name in ("Alice", "Bob", "Charlie"):
        story.registers(name, **fields)
        look()
    story.cancels(arrived[0].link("manage"))
    look()
    story.registers("Dora", mode="recording", **fields)
    look()
    story.moves("2026-12-04 15:30")
    look()
    staff = story.staff()
    staff.submit(staff.page(f"/staff/webinars/{SLUG}/edit"), "/edit", "Save", phone_pin="9999")
    look()
    for moment in ("2026-11-27 20:31", "2026-12-03 20:31", "2026-12-04 19:31"):
        story.it_is(moment)
        look()
    _asks_for_the_link(story)
    look()
    story.it_is("2026-12-04 22:00")
    staff = story.staff()
    story.adds_the_recording(staff)
    staff.submit(staff.page(f"/staff/videos/{SLUG}/publish"), "/publish", "Publish now")
    look()
    return arrived


def _asks_for_the_link(story: Story) -> None:
    browser = story.browser()
    browser.submit(browser.page("/my"), "/my", email="bob@example.org")


def _cancelled_letters(story: Story, **fields: str) -> list[Post]:
    story.publishes(capacity="1")
    for name in ("Alice", "Bob"):
        story.registers(name, **fields)
    story.letters()
    story.calls_off("The speaker is ill.")
    return story.letters()


@pytest.mark.parametrize("letters_of", [_every_letter, _cancelled_letters])
def test_fetching_every_link_of_every_letter_changes_nothing(
    story: Story, letters_of: Callable[..., list[Post]]
) -> None:
    links = sorted({link for letter in letters_of(story) for link in letter.links})
    assert links and all(link.startswith("http://127.0.0.1:8000/") for link in links)
    before = story.books()
    for link in links:
        scanner = story.browser()
        for fetch in (scanner.head, scanner.get):
            answer = fetch(path_of(link), follow_redirects=True)
            assert answer.status_code == 200, link
            assert "no-store" in answer.headers["Cache-Control"] or "/r/" not in link
    assert story.books() == before


def test_every_kind_of_letter_is_part_of_the_story(story: Story) -> None:
    letters = _every_letter(story)
    assert not [words for words in BEGINNINGS if not any(one.subject.startswith(words) for one in letters)]
    numbers: dict[str, list[int]] = {}
    for entry in (one.entry for one in letters):
        if entry is not None:
            assert len(entry.attendees) == 1
            numbers.setdefault(entry.uid, []).append(entry.sequence)
    assert len(numbers) == 2, "Alice and Bob each have one entry for ever"
    assert all(given == sorted(set(given)) for given in numbers.values()), numbers


@pytest.mark.parametrize("letters_of", [_every_letter, _cancelled_letters])
def test_discreet_letters_name_neither_topic_nor_organisation_in_any_byte(
    story: Story, letters_of: Callable[..., list[Post]]
) -> None:
    letters = letters_of(story, discreet="y")
    assert letters
    for letter in letters:
        words = letter.all_that_can_be_read().casefold()
        told = [secret for secret in SECRETS if secret.casefold() in words]
        assert not told, (letter.subject, told)
        assert letter.message["List-Id"] is None and letter.message["Feedback-ID"] is None
        assert "Appointments" in str(letter.message["From"])
        kinds = {path_of(link).partition("/")[2].partition("/")[0] for link in letter.links}
        assert kinds <= {"r", "my"}, (letter.subject, letter.links)
        if letter.entry is not None:
            assert letter.entry.summary and TITLE not in letter.entry.summary


def test_the_page_behind_a_discreet_link_says_what_it_is_about(story: Story) -> None:
    story.publishes()
    story.registers("Alice", discreet="y")
    page = parse(story.opens(story.letter().link("manage")))
    assert TITLE in page.get_text()
