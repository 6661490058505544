"""Captions of thousands of lines: read before the one write transaction, written in it by few statements."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.api.conftest import Program
from tests.archive.samples import make_captioned
from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient
from tests.support.queries import count_queries
from webinars.api import service as tokens
from webinars.archive import captions, editing, queries, service
from webinars.archive.captions import Captions
from webinars.archive.lines import Line
from webinars.archive.models import Cue
from webinars.archive.search import find
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction

SLUG = "when-to-call-your-care-team"


def talk(lines: int, words: str = "Sentence") -> str:
    cues = (f"{n // 60:02}:{n % 60:02}.000 --> {n // 60:02}:{n % 60:02}.900\n{words} {n}." for n in range(lines))
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def cues() -> list[tuple[int, int, str]]:
    track = queries.get_track(queries.get_video(SLUG), "en")
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in queries.cues_of(track.id)]


@pytest.fixture
def read_within(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note of each caption file that is read whether the write transaction was open."""
    noted: list[bool] = []
    real = captions.read_captions

    def read(data: str | bytes) -> Captions:
        noted.append(bool(db.session.connection().get_execution_options().get("write")))
        return real(data)

    monkeypatch.setattr(captions, "read_captions", read)
    return noted


def test_captions_from_the_form_are_read_before_the_transaction(staff: CheckedClient, read_within: list[bool]) -> None:
    make_video()
    staff.submit(staff.page(f"/staff/videos/{SLUG}"), "/captions", captions=talk(3))
    assert read_within == [False] and len(cues()) == 3


def test_captions_of_a_program_are_read_before_the_transaction(app: Flask, read_within: list[bool]) -> None:
    make_video()
    with transaction():
        program = Program(app, tokens.add_token("a program", utc_now()))
    program.patch(f"/videos/{SLUG}", {"captions": {"en": talk(3)}})
    assert read_within == [False] and len(cues()) == 3


def put(lines: int, words: str = "Sentence") -> Callable[[], object]:
    ready = editing.make_ready(talk(lines, words))

    def deed() -> None:
        with transaction():
            service.set_captions(queries.get_video(SLUG), "en", ready, "corrected", NOW)

    return deed


def test_number_of_statements_does_not_grow_with_the_lines(app: Flask) -> None:
    make_captioned(talk(3))
    few, many = count_queries(put(3, "Less")), count_queries(put(3000, "Many"))
    assert few == many
    assert cues() == [(n * 1000, n * 1000 + 900, f"Many {n}.") for n in range(3000)]


@pytest.mark.parametrize(
    "text", ["Quotes \" and \\ and '.", "Ünïcödé 🙂 \u2066x", "R&D <3", "{[1,2]}", "$[0] :listed %s"]
)
def test_any_words_are_kept_and_found_as_they_are(app: Flask, text: str) -> None:
    make_captioned(talk(2))
    track = queries.get_track(queries.get_video(SLUG), "en")
    with transaction():
        editing.put(track, editing.Ready(track.vtt, [(0, 900, f"{text} headache"), (900, 1000, "Rash.")], []))
    assert cues() == [(0, 900, f"{text} headache"), (900, 1000, "Rash.")]
    assert [found.video.slug for found in find("headache").items] == [SLUG]


def test_changed_lines_are_updated_in_one_statement_and_found(app: Flask) -> None:
    make_captioned(talk(40))

    def correct(word: str, lines: int) -> Callable[[], object]:
        def edit(before: list[Line]) -> list[Line]:
            return [
                Line(one.start_ms, one.end_ms, "", f"{word} {n}.") if n < lines else one for n, one in enumerate(before)
            ]

        def deed() -> None:
            with transaction():
                editing.change(queries.get_video(SLUG), "en", edit, NOW, "typed")

        return deed

    assert count_queries(correct("nausea", 1)) == count_queries(correct("vomiting", 30))
    track = queries.get_track(queries.get_video(SLUG), "en")
    ids = [cue.id for cue in db.session.query(Cue).filter_by(track_id=track.id).order_by(Cue.start_ms)]
    assert ids == sorted(ids)
    assert [text for _start, _end, text in cues()][28:32] == [
        "vomiting 28.",
        "vomiting 29.",
        "Sentence 30.",
        "Sentence 31.",
    ]
    assert find("vomiting").items[0].places == 30
