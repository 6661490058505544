"""The story after the event: the recording is linked, published, announced, and searched to the second."""

from tests.journeys.story import CLIP, SLUG, TITLE, Story, path_of
from tests.support.pages import text_of


def test_recording_is_announced_once_it_is_published_and_leads_to_the_sentence(story: Story) -> None:
    story.publishes(capacity="1")
    for name in ("Alice", "Bob"):
        story.registers(name)
    story.registers("Charlie", mode="recording")
    story.letters()
    story.it_is("2026-12-03 17:01")
    story.letters()

    story.it_is("2026-12-03 20:00")
    assert "This webinar is over" in text_of(story.page(f"/webinars/{SLUG}"))
    staff = story.staff()
    assert "no recording yet" in text_of(staff.page("/staff/"))
    story.adds_the_recording(staff)
    assert story.letters() == [], "the follow-up waits until the recording is published"
    asked = staff.page(f"/staff/videos/{SLUG}/publish")
    assert "3 people" in text_of(asked)
    staff.submit(asked, "/publish", "Publish now")

    letters = {letter.to: letter for letter in story.letters()}
    assert set(letters) == {f"{name}@example.org" for name in ("alice", "bob", "charlie")}
    assert story.letters() == [], "once"
    letter = letters["alice@example.org"]
    assert letter.subject == f"The recording is ready: {TITLE}"
    _watch_and_search(story, path_of(letter.link("/videos/")))
    page = story.page(f"/webinars/{SLUG}")
    assert "The recording is here" in text_of(page)
    assert page.find("a", href=f"/videos/{SLUG}")


def _watch_and_search(story: Story, path: str) -> None:
    page = story.page(path)
    assert path == f"/videos/{SLUG}" and TITLE in text_of(page)
    film = page.find("source")
    assert film and story.browser().get(str(film["src"])).data == CLIP.read_bytes()
    assert "call the same day" in text_of(page)
    found = story.page("/videos?q=blisters")
    sentence = next(link for link in found.find_all("a", class_="timecode") if "00:12" in text_of(link))
    assert sentence["href"] == f"videos/{SLUG}?t=12&q=blisters#player"
    there = story.page(f"/videos/{SLUG}?t=12")
    assert there.find("video", attrs={"data-start": "12.5"}) and there.find(id="t12")


def test_recording_that_is_withdrawn_before_the_letter_goes_is_not_announced(story: Story) -> None:
    story.publishes()
    story.registers("Alice")
    story.letters()
    story.it_is("2026-12-03 20:00")
    staff = story.staff()
    story.adds_the_recording(staff)
    staff.submit(staff.page(f"/staff/videos/{SLUG}/publish"), "/publish", "Publish now")
    staff.submit(staff.page(f"/staff/videos/{SLUG}/withdraw"), "/withdraw", because="It was the wrong file.")
    assert story.letters() == []
