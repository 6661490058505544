"""People who correct the captions of one talk at the same instant, in real threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from flask import Flask

from tests.archive.samples import make_captioned
from tests.factories import NOW
from webinars.archive import editing, exports, queries
from webinars.archive.lines import Line
from webinars.core.database import db, transaction

AT_ONCE = 8
SLUG = "when-to-call-your-care-team"
TALK = "WEBVTT\n\n" + "\n\n".join(f"00:{n:02}.000 --> 00:{n:02}.900\nSentence {n}." for n in range(AT_ONCE)) + "\n"


def correct_all_at_once(app: Flask, held: Barrier | None = None) -> list[str]:
    """Let each of several people put one caption right; gives what the captions read afterwards.

    held: everybody waits there between reading and writing.
    """
    start = Barrier(AT_ONCE)

    def correct(number: int) -> None:
        def edit(lines: list[Line]) -> list[Line]:
            if held:
                held.wait(10)
            return [
                replace(one, markup=f"{one.markup} Right.") if at == number else one for at, one in enumerate(lines)
            ]

        start.wait(10)
        with app.app_context():
            with transaction():
                editing.change(queries.get_video(SLUG), "en", edit, NOW, "save")
            db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(correct, range(AT_ONCE)))
    return [line.text for line in exports.kept_lines(queries.get_track(queries.get_video(SLUG), "en").vtt)]


def test_what_everybody_corrects_at_once_is_all_kept(app: Flask) -> None:
    make_captioned(TALK)
    assert correct_all_at_once(app) == [f"Sentence {number}. Right." for number in range(AT_ONCE)]
    track = queries.get_track(queries.get_video(SLUG), "en")
    assert [cue.text for cue in queries.cues_of(track.id)] == [f"Sentence {n}. Right." for n in range(AT_ONCE)]


def test_without_holding_the_captions_corrections_are_lost(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time, held or not")
    make_captioned(TALK)
    monkeypatch.setattr(editing, "lock", lambda track: None)
    monkeypatch.setattr(editing, "_settle_cues", lambda track, after: 0)
    monkeypatch.setattr(editing.search, "index_track", lambda number, words: None)
    assert correct_all_at_once(app, Barrier(AT_ONCE)) != [f"Sentence {number}. Right." for number in range(AT_ONCE)]
