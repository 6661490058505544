"""One webinar in two languages: everybody reads theirs, from the first page to the entry in the calendar."""

from tests.journeys.story import SLUG, TITLE, Story, path_of
from tests.support.pages import parse, text_of

ESPERAR = "Qué cabe esperar"


def writes_in_spanish(story: Story, **texts: str) -> None:
    browser, path = story.staff(), f"/staff/webinars/{SLUG}/texts/es"
    answer = browser.submit(browser.page(path), "/texts/es", "Save", **texts)
    assert answer.request.path == f"/staff/webinars/{SLUG}"


def registers_in_spanish(story: Story, name: str, **fields: str) -> str:
    """Go from the Spanish home page to a place, by links alone; give the words of the page."""
    visitor = story.browser()
    home = visitor.page("/es/")
    link = home.find("a", string=ESPERAR)
    assert link and not link.has_attr("lang")
    page = visitor.page(str(link["href"]))
    given = {"name": name, "email": f"{name.lower()}@example.org", "time_zone": "Europe/Madrid"} | fields
    answer = visitor.submit(page, "/register", **given)
    assert answer.request.path.startswith("/es/registrations/")
    return text_of(parse(answer))


def test_spanish_patient_at_an_english_webinar(story: Story) -> None:
    story.publishes(language="en")
    writes_in_spanish(story, title=ESPERAR, summary="Lo que su equipo quiere que sepa.")

    assert ESPERAR in registers_in_spanish(story, "Lucía", email="lucia@example.org")
    letter = story.letter()
    assert ESPERAR in letter.subject and ESPERAR in letter.text and TITLE not in letter.all_that_can_be_read()
    assert letter.entry and letter.entry.summary == ESPERAR
    assert "Lo que su equipo quiere que sepa." in letter.all_that_can_be_read()

    visitor = story.browser()
    assert ESPERAR in text_of(parse(story.opens(letter.link("manage"), visitor)))
    assert ESPERAR in text_of(parse(visitor.get(path_of(letter.link("join")))))
    fetched = visitor.get(path_of(letter.link("calendar.ics"))).get_data(as_text=True)
    assert f"SUMMARY:{ESPERAR}" in fetched

    story.registers("Alice")
    english = story.letter()
    assert TITLE in english.subject and ESPERAR not in english.all_that_can_be_read()
    assert f"SUMMARY:{ESPERAR}" in visitor.get("/es/calendar.ics").get_data(as_text=True)
    assert f"SUMMARY:{TITLE}" in visitor.get("/calendar.ics").get_data(as_text=True)
    assert ESPERAR in visitor.get("/es/feeds/webinars.atom").get_data(as_text=True)
    assert ESPERAR not in visitor.get("/feeds/webinars.atom").get_data(as_text=True)
    assert "2 registered" in text_of(story.staff().page(f"/staff/webinars/{SLUG}")), "both have seats of one webinar"


def test_title_corrected_in_spanish_only(story: Story) -> None:
    story.publishes()
    writes_in_spanish(story, title="Que esperar")
    story.registers("Alice")
    visitor = story.browser()
    spanish = {"name": "Lucia", "email": "lucia@example.org", "time_zone": "Europe/Madrid"}
    visitor.submit(visitor.page(f"/es/webinars/{SLUG}"), "/register", **spanish)
    before = {one.to: one for one in story.letters()}

    writes_in_spanish(story, title=ESPERAR)
    letter = story.letter()
    first = before[letter.to].entry
    assert letter.to == "lucia@example.org" and ESPERAR in letter.text
    assert first and letter.entry and letter.entry.uid == first.uid
    assert (letter.entry.summary, letter.entry.sequence) == (ESPERAR, first.sequence + 1)

    writes_in_spanish(story, summary="Lo que su equipo quiere que sepa.")
    assert story.letters() == [], "a summary moves no entry"

    story.calls_off("The speaker is ill.")
    letters = {one.to: one for one in story.letters()}
    assert 'lang="en"' in letters["lucia@example.org"].html, "the only reason there is, marked as English"
    assert all(one.entry and one.entry.sequence == first.sequence + 2 for one in letters.values())


def test_discreet_entries_and_letters_stay_so(story: Story) -> None:
    story.publishes()
    writes_in_spanish(story, title=ESPERAR, summary="Sobre los efectos.")
    registers_in_spanish(story, "Lucia", discreet="y")
    read = story.letter().all_that_can_be_read()
    for secret in (ESPERAR, TITLE, "Sobre los efectos.", "Side Effects"):
        assert secret not in read
