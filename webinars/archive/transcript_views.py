"""The transcript of a video as a document to read, print and listen along with."""

from flask import render_template, request
from flask_babel import gettext as _

from webinars.archive import exports, queries
from webinars.archive import page as shown
from webinars.archive.glossary import Glossary
from webinars.archive.paragraphs import Paragraph, paragraphs_of
from webinars.archive.player import player_for
from webinars.archive.terms import queries as terms
from webinars.archive.views import asked_moment, extras_of, pages, seen_video
from webinars.core.errors import NotFound


@pages.get("/videos/<slug>/transcript")
def transcript(slug: str) -> str:
    """Show what is said in paragraphs, with the film to follow along."""
    video = seen_video(slug)
    chosen = shown.chosen_track(video, request.args.get("transcript"))
    if chosen is None:
        raise NotFound(_("There is no transcript of this video yet."))
    track = queries.get_track(video, chosen.language)
    paragraphs = paragraphs_of(exports.kept_lines(track.vtt), video.chapters)
    glossary = Glossary(terms.explained(track.language))
    start = asked_moment()
    return render_template(
        "archive/transcript.html", video=video, track=track, paragraphs=paragraphs, glossary=glossary,
        start=start, spoken=_spoken(paragraphs, start), find="", **player_for(video), **extras_of(video),
    )  # fmt: skip


def _spoken(paragraphs: list[Paragraph], moment: float | None) -> int | None:
    """Give when the caption begins that is spoken at a moment, else the last one before it."""
    starts = [said.start_ms for part in paragraphs for said in part.said]
    # A whole second means what begins within it.
    latest = None if moment is None else moment * 1000 + (999 if moment == int(moment) else 0)
    return max((start for start in starts if latest is not None and start <= latest), default=None)
