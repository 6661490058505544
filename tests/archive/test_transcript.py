"""The transcript as a document: paragraphs, speakers, words explained in place, its weight, and as plain text."""

import pytest

from tests.archive.samples import ENGLISH, make_captioned
from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient, text_of
from webinars.archive import service
from webinars.archive.glossary import Glossary
from webinars.archive.lines import Line
from webinars.archive.models import Chapter
from webinars.archive.paragraphs import paragraphs_of
from webinars.archive.terms import service as terms
from webinars.core.database import transaction

PAGE = "/videos/when-to-call-your-care-team/transcript"
TWO_SPEAK = """WEBVTT

00:01.000 --> 00:03.000
<v Dr. Ann>Colitis is common.

00:03.000 --> 00:05.000
<v Dr. Ann>It can be treated.

00:05.500 --> 00:09.000
<v Bob>Is colitis serious? R&amp;D asks.

00:20.000 --> 00:22.000
<v Bob>I wonder.
"""


def line(start: int, text: str, length: int = 1000) -> Line:
    return Line(start, start + length, text, text)


def test_people_who_speak_in_turn_have_paragraphs_of_their_own(client: CheckedClient) -> None:
    make_captioned(TWO_SPEAK)
    found = [text_of(tag) for tag in client.page(PAGE).select(".document p")]
    assert found == [
        "00:01 Dr. Ann: Colitis is common. It can be treated.",
        "00:05 Bob: Is colitis serious? R&D asks.",
        "00:20 I wonder.",
    ]


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ([line(0, "One."), line(1100, "Two.")], 1),
        ([line(0, "One."), line(2600, "Two.")], 2),
        ([line(0, "One, and"), line(2600, "two.")], 1),
        ([line(0, "One, and"), line(5100, "two.")], 2),
        ([line(n * 1000, "Word " * 20 + "end.") for n in range(12)], 3),
        ([line(n * 1000, "word " * 20 + "and") for n in range(24)], 2),
    ],
)
def test_pauses_and_lengths_end_a_paragraph_at_the_end_of_a_sentence(lines: list[Line], count: int) -> None:
    assert len(paragraphs_of(lines, [])) == count


def test_chapter_begins_a_paragraph() -> None:
    (first, second) = paragraphs_of([line(0, "One."), line(1000, "Two.")], [Chapter(start_seconds=1, title="B")])
    assert (first.title, second.title) == ("", "B")


def test_every_second_has_one_place_to_link_to(client: CheckedClient) -> None:
    make_captioned()
    page = client.page(PAGE + "?t=13")
    assert text_of(page.select_one("#t12")).startswith("A rash that covers")
    assert [tag["id"] for tag in page.select("[aria-current=true].cue")] == ["t12"]
    assert page.select_one(".document a.timecode")["href"].endswith("?t=1&transcript=en#player")


def test_words_of_the_glossary_are_explained_where_they_first_stand(client: CheckedClient) -> None:
    video = make_captioned(TWO_SPEAK)
    for language, meaning in (("en", "An inflamed bowel."), ("es", "Intestino inflamado.")):
        with transaction():
            terms.save_term(None, {"language": language, "spelling": "colitis", "explanation": meaning}, NOW)
    page = client.page(PAGE)
    (button,) = page.select("dfn button")
    assert text_of(button) == "Colitis"
    assert text_of(page.select_one(f"#{button['popovertarget']}[popover]")) == "Colitis: An inflamed bowel."
    with transaction():
        service.set_chapters(video, "00:00 A\n00:05 B", NOW)
    assert len(client.page(PAGE).select("dfn")) == 2


def test_glossary_prefers_the_longer_term_and_whole_words() -> None:
    glossary = Glossary({"colitis": "C.", "colitis ulcerosa": "U."})
    pieces = glossary.pieces("Pancolitis, colitis ulcerosa")
    assert [(piece.text, piece.explanation) for piece in pieces] == [("Pancolitis, ", ""), ("colitis ulcerosa", "U.")]


def test_three_hours_of_talk_stay_a_light_page(client: CheckedClient) -> None:
    words = "and then we look at the next of the many things that matter here."
    times = ((n * 2.4, n * 2.4 + 2.3) for n in range(4500))
    stamp = "{:02}:{:02}:{:06.3f}".format
    cues = (
        " --> ".join(stamp(int(t // 3600), int(t // 60) % 60, t % 60) for t in pair) + f"\n{words}\n" for pair in times
    )
    make_captioned("WEBVTT\n\n" + "\n".join(cues))
    assert len(client.get(PAGE).data) < 700_000


def test_transcript_is_there_as_plain_text(client: CheckedClient) -> None:
    make_captioned(TWO_SPEAK)
    link = client.page(PAGE).select_one("a[download]")
    answer = client.get(str(link["href"]))
    assert answer.mimetype == "text/plain"
    assert "[00:05] Bob: Is colitis serious? R&D asks.\n" in answer.text
    assert client.get(str(link["href"]).replace(".en.", ".fr.")).status_code == 404


def test_transcript_of_a_draft_is_nobodys_business(client: CheckedClient) -> None:
    video = make_video(state="draft", published_at=None)
    with transaction():
        service.set_captions(video, "en", ENGLISH, "corrected", NOW)
    for path in (PAGE, PAGE + ".en.txt"):
        assert client.get(path).status_code == 404
