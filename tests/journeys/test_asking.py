"""The story of what is asked: staff write it, a couple answers, staff read it, and in the end only numbers are left."""

from tests.journeys.story import SLUG, Story
from tests.support.pages import parse, text_of

SERIES = "side-effects"


def test_couple_registers_answers_and_is_forgotten_but_for_the_count(story: Story) -> None:
    story.publishes()
    staff = story.staff()
    page = staff.page(f"/staff/series/{SERIES}/edit")
    flowing = staff.submit(page, "/edit", asks_role="y", asks_access="y", access_days="7", companions="1")
    staff.submit(flowing, "/edit", button="Save, and change them", confirm="1")
    asked = {"label_en": "How did you hear of us?", "kind": "choice", "health": "y"}
    options = {"options-0-en": "From my nurse", "options-1-en": "On the radio"}
    staff.submit(staff.page(f"/staff/series/{SERIES}/questions/new"), "/new", **asked, **options)

    form = story.page(f"/webinars/{SLUG}").select_one("#register")
    [field] = {one["name"] for one in form.select("[name^=answer_]")}
    assert "by Thursday 26 November 2026" in text_of(form)
    answers = {str(field): "1", "role": "patient", "access_needs": "Captions", "companion": "Sam"}
    words = story.registers("Ruth", **answers)
    assert "Your place is confirmed" in words and "Sam Confirmed" in words

    first, second = story.letters()
    assert first.to == second.to == "ruth@example.org"
    assert first.entry.uid != second.entry.uid, "each has an entry of their own"  # type: ignore[union-attr]
    assert "R. (reference " in first.text and "S. (reference " in second.text

    assert "needs something to take part" in text_of(staff.page("/staff/"))
    staff.submit(staff.page(f"/staff/webinars/{SLUG}/access"), "/access", "It is arranged")
    assert "needs something to take part" not in text_of(staff.page("/staff/"))

    browser = story.browser()
    own = story.opens(first.link("manage"), browser)
    told = browser.submit(own, "/answers", **{str(field): "2"})
    assert "Your answers are saved." in text_of(parse(told))
    assert _counted(staff) == {"From my nurse": "0", "On the radio": "1"}

    story.it_is("2027-01-03 12:00")
    story.letters()
    staff = story.staff()
    assert "On the radio" not in text_of(staff.page(_person(staff)))
    assert _counted(staff) == {"From my nurse": "0", "On the radio": "1"}
    story.it_is("2027-03-10 12:00")
    story.letters()
    story.letters()
    staff = story.staff()
    assert "Nobody has registered yet" in text_of(staff.page(f"/staff/webinars/{SLUG}/registrations"))
    assert _counted(staff) == {"From my nurse": "0", "On the radio": "1"}


def _counted(staff: object) -> dict[str, str]:
    page = staff.page(f"/staff/webinars/{SLUG}/answers")  # type: ignore[attr-defined]
    [figure] = [one for one in page.select("figure.plot") if "How did you hear" in text_of(one.figcaption)]
    return {text_of(row.th): text_of(row.td) for row in figure.select("tbody tr")}


def _person(staff: object) -> str:
    page = staff.page(f"/staff/webinars/{SLUG}/registrations")  # type: ignore[attr-defined]
    [link] = [one for one in page.select("main table a") if text_of(one) == "Ruth"]
    return str(link["href"])
