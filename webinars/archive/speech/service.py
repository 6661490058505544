"""Asking a program of the organisation to write captions, and what came of it. Callers open the transaction."""

from datetime import datetime, timedelta

from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.archive import rules
from webinars.archive import service as archive
from webinars.archive.editing import Ready
from webinars.archive.models import CaptionState, Video
from webinars.archive.speech import queries
from webinars.archive.speech.models import Transcription, WorkState
from webinars.core import leases
from webinars.core.database import db, lock
from webinars.core.errors import Conflict, UserError
from webinars.schedule.cleaning import language as read_language

MOST_ATTEMPTS = 3


def ask(video: Video, language: str, now: datetime) -> Transcription:
    """Ask for captions of the file that is kept here. Raises UserError, Conflict while one is under way."""
    lock(video)
    read_language(language)
    if rules.media_name(video.media_url) is None:
        raise UserError(_("Only a recording whose file is kept here can be listened to. Upload it first."))
    if queries.at_work(video, language):
        raise Conflict(_("The program is at work on these captions already."))
    run = Transcription(video_id=video.id, language=language, asked_by=audit.actor(), created_at=now)
    db.session.add(run)
    db.session.flush()
    audit.record("captions asked of the program", "video", video.id, after={"language": language}, now=now)
    return run


def take(number: int, now: datetime, lease: timedelta) -> str | None:
    """Take a run in hand; gives the token that holds it, None when somebody else has it or it has failed too often."""
    run = leases.find_free(Transcription, number, now)
    if run is None or run.state not in (WorkState.WAITING, WorkState.WORKING):
        return None
    if run.attempts >= MOST_ATTEMPTS:
        fail(run, _("The program was stopped several times before it was done."), now)
        return None
    run.state, run.attempts, run.started_at, run.percent = WorkState.WORKING, run.attempts + 1, now, None
    return run.hold(now + lease)


def go_on(number: int, token: str, percent: int | None, now: datetime, lease: timedelta) -> bool:
    """Note how far it is, and hold it longer; says whether it is still ours."""
    run = _ours(number, token)
    if run is not None:
        run.percent, run.lease_until = percent, now + lease
    return run is not None


def put_back(number: int, token: str, until: datetime | None = None) -> None:
    """Let another worker begin anew, at some time: this one has to stop, which is no fault of the recording."""
    run = _ours(number, token)
    if run is not None:
        run.state, run.attempts = WorkState.WAITING, run.attempts - 1
        run.release(until)


def keep(number: int, token: str, written: Ready, now: datetime) -> None:
    """Keep what the program wrote, as captions that a machine made; never over somebody's corrections."""
    run = _ours(number, token)
    if run is None:
        return
    there = next((track for track in run.video.tracks if track.language == run.language), None)
    if there is not None and there.state != CaptionState.AUTOMATIC:
        fail(run, _("There are corrected captions in this language. Remove them first, or keep them."), now)
        return
    archive.set_captions(run.video, run.language, written, CaptionState.AUTOMATIC, now)
    run.state, run.percent, run.ended_at = WorkState.DONE, 100, now
    run.release()


def give_up(number: int, token: str, reason: str, now: datetime) -> None:
    """Note that a run failed."""
    run = _ours(number, token)
    if run is not None:
        fail(run, reason, now)


def fail(run: Transcription, reason: str, now: datetime) -> None:
    """End a run with a reason."""
    run.state, run.reason, run.ended_at = WorkState.FAILED, reason[:2000], now
    run.release()


def _ours(number: int, token: str) -> Transcription | None:
    return leases.find_held(Transcription, number, token)
