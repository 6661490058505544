"""What staff are told about the work on a recording."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinars.archive.models import Video
from webinars.archive.processing import ffmpeg, queries
from webinars.archive.processing.models import AT_WORK, MediaJob, Reason
from webinars.archive.rules import media_name
from webinars.archive.store import current_store
from webinars.archive.uploads import queries as uploads
from webinars.core.clock import utc_now
from webinars.core.formats import timecode
from webinars.mail.queries import is_worker_silent

_REASONS = {
    Reason.EMPTY: _l("The file is empty. Upload it again."),
    Reason.NO_MEDIA: _l("There is neither film nor sound in this file, whatever its name says. Upload another one."),
    Reason.CUT_OFF: _l("The file ends before the talk does: it was not copied to its end. Upload it again."),
    Reason.TOO_LONG: _l("It lasts longer than a day. Cut it into parts."),
    Reason.TOO_WIDE: _l("The picture is larger than any screen shows. Save the recording in 4K or smaller."),
    Reason.GONE: _l("The file is not in the media store any more. Upload it again."),
    Reason.AWAY: _l("The media store does not answer at this moment. It is tried again every minute."),
    Reason.SLOW: _l("It took far too long. Save the recording as MP4 with H.264 and upload that."),
    Reason.NO_ROOM: _l("There is not enough room on the server’s disk. Make room, then try again."),
    Reason.BROKEN: _l("Some of the file cannot be read. Save the recording as MP4 with H.264 and upload that."),
    Reason.DEADLY: _l("The work on it broke off time and again. Save the recording as MP4 with H.264 and upload that."),
}


def work_on(video: Video) -> dict[str, Any]:
    """Give what the part of the desk about the work needs (two queries at most; with a bucket one more)."""
    stored = media_name(video.media_url) is not None
    job = queries.job_of(video) if stored else None
    shared = stored and job is None and queries.is_shared(video)
    at_work = job is not None and job.state in AT_WORK
    store = current_store()
    arriving = not store.near and uploads.is_waiting(video, store.work)
    return {
        "shared": shared,
        "earlier": stored and job is None and not shared,
        "silent": (at_work or arriving) and is_worker_silent(utc_now()),
        "job": job,
        "arriving": arriving,
        "moving": arriving or at_work,
        "lacking": ffmpeg.missing() if stored and (job is None or at_work) else (),
        "why": _REASONS[Reason(job.reason)] if job is not None and job.reason else "",
        "facts": _facts(job) if job is not None else "",
    }


def _facts(job: MediaJob) -> str:
    """Say what the recording is."""
    facts = job.facts
    if not facts:
        return ""
    size = f"{facts['width']} × {facts['height']}" if facts["width"] else _("sound only")
    codecs = ", ".join(name.upper() for name in (facts["video"], facts["audio"]) if name)
    return ", ".join([size, codecs, timecode(round(facts["seconds"]))])
