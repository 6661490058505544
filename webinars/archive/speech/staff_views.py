"""Staff ask the organisation's own program for captions."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.archive import queries as archive
from webinars.archive import rules
from webinars.archive.models import Video
from webinars.archive.speech import queries, service
from webinars.archive.speech.models import WorkState
from webinars.archive.staff_views import staff_pages
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.http import current_settings
from webinars.mail.queries import is_worker_silent


@staff_pages.app_template_global()
def speech_desk(video: Video) -> dict[str, Any] | None:
    """Give what the page of a video shows of the program; None where the organisation has none."""
    if not current_settings().speech_to_text_command or rules.media_name(video.media_url) is None:
        return None
    runs = queries.latest_of(video)
    moving = any(run.state in {WorkState.WAITING, WorkState.WORKING} for run in runs)
    return {"runs": runs, "silent": moving and is_worker_silent(utc_now())}


@staff_pages.post("/videos/<slug>/captions/by-program")
@needs(Audience.EDITOR)
def captions_asked(slug: str) -> ResponseReturnValue:
    """Ask the program for captions of one language."""
    try:
        if not current_settings().speech_to_text_command:
            raise UserError(_("No program that writes captions is set up."))
        with transaction():
            service.ask(archive.get_video(slug), request.form.get("program_language", ""), utc_now())
    except UserError as error:
        if error.status == 404:
            raise
        flash(str(error), "error")
    else:
        flash(_("The program begins as soon as it can. You can leave this page."), "success")
    return redirect(url_for("archive_staff.video", slug=slug, _anchor="captions-part"))
