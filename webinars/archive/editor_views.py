"""Staff pages of the caption editor: captions beside the film, all moved, words replaced, how far to trust them."""

import re
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinars.archive import desk, editing, edits, exports, queries, replacing, rules
from webinars.archive.desk import PER_PAGE, Row
from webinars.archive.lines import Line
from webinars.archive.models import CaptionTrack, Video
from webinars.archive.player import player_for
from webinars.archive.staff_views import staff_pages
from webinars.archive.terms import queries as terms
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.paging import pages_in

_CHANGES = {"split": edits.split, "merge": edits.merge, "delete": edits.delete, "insert": edits.insert}
_SECONDS = re.compile(r"\s*([+-]?)(\d{1,5})(?:[.,](\d{1,3}))?\s*", re.ASCII)


@staff_pages.get("/captions")
def caption_list() -> ResponseReturnValue:
    """List captions by what they need: those a machine wrote first."""
    state = request.args.get("state", "")
    found = queries.captions_to_mend(state, request.args.get("page", 1, int))
    return render_template("archive_staff/caption_list.html", page=found, state=state)


@staff_pages.get("/videos/<slug>/captions/<code>")
def captions_edit(slug: str, code: str) -> ResponseReturnValue:
    """Show a page of captions to work on, beside the film."""
    video = queries.get_video(slug)
    track = queries.get_track(video, code)
    lines = exports.kept_lines(track.vtt)
    number = _page_at(lines) or request.args.get("page", 1, int)
    number = max(1, min(number, pages_in(len(lines), PER_PAGE)))
    return _editor(video, track, lines, number, desk.rows_of(lines, number))


def _page_at(lines: list[Line]) -> int | None:
    """Find the page of a moment, as "12:40" or in seconds."""
    moment = request.args.get("at", "")
    if not moment:
        return None
    try:
        seconds = rules.length(moment if ":" in moment else int(moment)) or 0
    except (UserError, ValueError):
        return None
    return max(sum(line.start_ms <= seconds * 1000 for line in lines) - 1, 0) // PER_PAGE + 1


def _editor(
    video: Video, track: CaptionTrack, lines: list[Line], number: int, rows: list[Row], status: int = 200, **also: Any
) -> ResponseReturnValue:
    pages = pages_in(len(lines), PER_PAGE)
    return render_template(
        "archive_staff/captions.html", video=video, track=track, rows=rows, count=len(lines), number=number,
        pages=pages, **player_for(video), **also,
    ), status  # fmt: skip


@staff_pages.post("/videos/<slug>/captions/<code>")
@needs(Audience.EDITOR)
def captions_edited(slug: str, code: str) -> ResponseReturnValue:
    """Save a page of captions, and split, join, insert or delete one; all of it or nothing."""
    number = max(1, min(request.form.get("page", 1, int), 10_000))
    how, _colon, place = request.form.get("do", "save").partition(":")
    rows = desk.typed_rows(request.form)
    with transaction():
        video = queries.get_video(slug)
        track, before = editing.hold(video, code)
        outcome = desk.settle(before, rows)
        if not outcome.refused:
            return _saved(video, track, before, outcome, how, _number(place), number)
    video, status = queries.get_video(slug), 409 if outcome.conflicts else 422
    return _editor(video, queries.get_track(video, code), before, number, outcome.rows, status)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else -1


def _saved(
    video: Video, track: CaptionTrack, before: list[Line], outcome: desk.Outcome, how: str, shown_as: int, number: int
) -> ResponseReturnValue:
    lines, index = outcome.lines, outcome.places.get(shown_as)
    try:
        if how in _CHANGES and index is not None:
            lines = _CHANGES[how](lines, index)
        changed = editing.save(video, track, before, lines, utc_now(), how if how in _CHANGES else "typed")
    except UserError as error:
        place = index if index is not None else -1
        rows = [replace(row, problems={"text": str(error)}) if row.number == place else row for row in outcome.rows]
        return _editor(video, track, before, number, rows, 422, problem=None if index is not None else str(error))
    _tell(changed)
    anchor = f"cue-{index + (how == 'insert')}" if index is not None else None
    return redirect(url_for("archive_staff.captions_edit", slug=video.slug, code=track.language, page=number,
                            _anchor=anchor))  # fmt: skip


def _tell(changed: int) -> None:
    if changed:
        flash(ngettext("%(num)s caption is changed.", "%(num)s captions are changed.", changed), "success")
    else:
        flash(_("Nothing was changed."), "info")


@staff_pages.post("/videos/<slug>/captions/<code>/one/<int:number>")
@needs(Audience.EDITOR)
def caption_edited(slug: str, code: str, number: int) -> ResponseReturnValue:
    """Save one caption for the script of the editor, and give its row anew."""
    rows = [row for row in desk.typed_rows(request.form) if row.number == number]
    with transaction():
        video = queries.get_video(slug)
        track, before = editing.hold(video, code)
        outcome = desk.settle(before, rows)
        if not outcome.refused and rows:
            editing.save(video, track, before, outcome.lines, utc_now(), "typed")
    status = 409 if outcome.conflicts else 422 if outcome.refused or not rows else 200
    row = outcome.rows[0] if outcome.refused else desk.row_of(outcome.lines, outcome.places.get(number, 0))
    about = {"video": video, "track": track, "row": row, "saved": status == 200}
    return render_template("archive_staff/_caption_row.html", **about), status


@staff_pages.post("/videos/<slug>/captions/<code>/shift")
@needs(Audience.EDITOR)
def captions_shifted(slug: str, code: str) -> ResponseReturnValue:
    """Move all captions by some seconds."""
    given = request.form.get("seconds", "")
    match = _SECONDS.fullmatch(given)
    problem = ""
    try:
        if not match:
            raise UserError(_("Write seconds, such as 2.5 or -0.4."))
        moved = int(match[2]) * 1000 + int((match[3] or "").ljust(3, "0"))
        moved = -moved if match[1] == "-" else moved
        with transaction():
            video = queries.get_video(slug)
            editing.change(video, code, lambda lines: edits.shift(lines, moved), utc_now(), f"moved by {moved} ms")
    except UserError as error:
        if error.status != 422:
            raise
        problem = str(error)
    if not problem:
        flash(_("All captions are moved."), "success")
        return redirect(url_for("archive_staff.captions_edit", slug=slug, code=code))
    video = queries.get_video(slug)
    track = queries.get_track(video, code)
    lines = exports.kept_lines(track.vtt)
    return _editor(video, track, lines, 1, desk.rows_of(lines, 1), 422, shift_problem=problem, seconds=given[:20])


@staff_pages.post("/videos/<slug>/captions/<code>/state")
@needs(Audience.EDITOR)
def captions_trusted(slug: str, code: str) -> ResponseReturnValue:
    """Say how far captions can be trusted, and who checked them."""
    with transaction():
        editing.trust(
            queries.get_video(slug), code, request.form.get("state", ""), request.form.get("reviewer", ""), utc_now()
        )
    flash(_("Viewers now read how far these captions can be trusted."), "success")
    return redirect(url_for("archive_staff.captions_edit", slug=slug, code=code))


@staff_pages.route("/videos/<slug>/captions/<code>/replace", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def captions_replace(slug: str, code: str) -> ResponseReturnValue:
    """Show each place where words would be replaced, by one pair or by the list of terms; then do what is ticked."""
    asked = request.form if request.method == "POST" else request.args
    by_terms = "terms" in asked
    pair = {"find": asked.get("find", "")[: replacing.LONGEST_WORDS], "with": asked.get("with", "")[:200]}
    swap = replacing.Swap(pair["find"], pair["with"], "whole" in asked, "case" in asked)
    swaps = terms.swaps(code) if by_terms else [swap] if pair["find"].strip() else []
    if request.method == "POST":
        ticked = request.form.getlist("place")[: replacing.MOST_PLACES]
        with transaction():
            video = queries.get_video(slug)
            how = "terms" if by_terms else "replaced"
            track, before = editing.hold(video, code)
            after, done = replacing.replace_ticked(before, swaps, ticked)
            editing.save(video, track, before, after, utc_now(), how)
        flash(ngettext("%(num)s place is replaced.", "%(num)s places are replaced.", done), "success")
        if by_terms:
            return redirect(url_for("archive_staff.captions_replace", slug=slug, code=code, terms=1))
        return redirect(url_for("archive_staff.captions_edit", slug=slug, code=code))
    video = queries.get_video(slug)
    track = queries.get_track(video, code)
    found = replacing.places(exports.kept_lines(track.vtt), swaps, replacing.MOST_PLACES + 1)
    return render_template(
        "archive_staff/replace.html", video=video, track=track, places=found[: replacing.MOST_PLACES],
        more=len(found) > replacing.MOST_PLACES, by_terms=by_terms, pair=pair, swap=swap, swaps=swaps,
    )  # fmt: skip
