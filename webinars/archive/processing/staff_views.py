"""The part of a video's desk about the work on its recording."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.archive import queries as videos
from webinars.archive.player import unready_of
from webinars.archive.processing import queries, service
from webinars.archive.processing.words import work_on
from webinars.archive.staff_views import staff_pages
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import lock, transaction


@staff_pages.get("/videos/<slug>/processing")
def processing(slug: str) -> ResponseReturnValue:
    """Show how far the work is."""
    video = videos.get_video(slug)
    if "HX-Request" not in request.headers:
        return redirect(url_for("archive_staff.video", slug=video.slug) + "#recording")
    unready = unready_of(video, queries.made_of(video))
    return render_template("archive_staff/_processing.html", video=video, unready=unready, **work_on(video))


@staff_pages.post("/videos/<slug>/processing")
@needs(Audience.EDITOR)
def processing_asked(slug: str) -> ResponseReturnValue:
    """Let a worker see to a recording before its turn."""
    now = utc_now()
    with transaction():
        video = videos.get_video(slug)
        lock(video)
        service.ask(video, now)
        audit.record("recording work asked", "video", video.id, now=now)
    flash(_("A worker will see to it as soon as it is free."), "success")
    return redirect(url_for("archive_staff.video", slug=slug) + "#recording")


@staff_pages.post("/videos/<slug>/processing/again")
@needs(Audience.EDITOR)
def processing_again(slug: str) -> ResponseReturnValue:
    """Let a worker try once more what failed, or make anew what was lost."""
    now = utc_now()
    with transaction():
        video = videos.get_video(slug)
        service.ask_again(queries.get_ended(video), now)
        audit.record("recording tried again", "video", video.id, now=now)
    flash(_("It is tried again."), "success")
    return redirect(url_for("archive_staff.video", slug=slug) + "#recording")
