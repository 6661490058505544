"""Staff pages of the archive: videos, their recordings, captions and chapters."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.accounts.queries import current_staff
from webinars.archive import events, forms, media, queries, rules, service
from webinars.archive import page as shown
from webinars.archive.captions import CaptionProblems
from webinars.archive.models import Video, VideoState
from webinars.archive.queries import VideoFilter
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.errors import NotFound, UserError
from webinars.core.http import current_settings
from webinars.schedule import queries as schedule
from webinars.schedule.cleaning import Problems
from webinars.schedule.forms import PlainForm

staff_pages = Blueprint("archive_staff", __name__)

_FORMS = 1024 * 1024


@staff_pages.url_value_preprocessor
def _let_large_files_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Raise the size limit for recordings; this runs before the form is read, and only for who is signed in."""
    if endpoint == "archive_staff.media_set" and request.method == "POST" and current_staff() is not None:
        request.max_content_length = media.LARGEST_FILE + _FORMS


def _attempt(form: PlainForm, deed: Callable[[], Video]) -> str | None:
    """Do a deed in the transaction and give the video's slug; what stands against it goes into the form."""
    try:
        with transaction():
            video = deed()
            db.session.flush()
            return video.slug
    except CaptionProblems as problems:
        form.show_lines(problems) if isinstance(form, forms.CaptionsForm) else form.show(problems.fields)
    except Problems as problems:
        form.show(problems.fields)
    return None


@staff_pages.get("/videos")
def video_list() -> ResponseReturnValue:
    """List videos in any state, filtered and paged."""
    given = request.args
    series = schedule.find_series(given.get("series", ""))
    asked = VideoFilter(series=series.id if series else None, state=given.get("state", ""), text=given.get("q", ""))
    page = queries.staff_videos(asked, given.get("page", 1, int))
    return render_template(
        "archive_staff/video_list.html", page=page, asked=asked, series=series, all_series=schedule.list_series()
    )


@staff_pages.route("/videos/new", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def video_new() -> ResponseReturnValue:
    """Write a new draft, filled from the webinar it records when one is named."""
    now = utc_now()
    webinar = schedule.find_webinar(request.args.get("webinar", ""))
    form = forms.VideoForm(data={"recorded_on": now.date().isoformat(), **forms.webinar_data(webinar)})
    if form.validate_on_submit():
        slug = _attempt(form, lambda: service.create_video(form.values(), now))
        if slug:
            flash(_("The draft is saved. Now add the recording and the captions."), "success")
            return redirect(url_for("archive_staff.video", slug=slug))
    _offer(form, None)
    return render_template("archive_staff/video_form.html", form=form, video=None), form.status


def _offer(form: forms.VideoForm, video: Video | None) -> None:
    kept = (video.webinar if video else None) or schedule.find_webinar(form.webinar.data or "")
    webinars = queries.webinar_choices(utc_now(), kept)
    form.offer(webinars, schedule.list_series(), schedule.list_topics(), schedule.list_speakers())


@staff_pages.route("/videos/<slug>/edit", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def video_edit(slug: str) -> ResponseReturnValue:
    """Change what is said about a video."""
    form = forms.VideoForm(data=forms.video_data(queries.get_video(slug)))
    if form.validate_on_submit():
        new_slug = _attempt(form, lambda: service.edit_video(queries.get_video(slug), form.values(), utc_now()))
        if new_slug:
            flash(_("Saved."), "success")
            return redirect(url_for("archive_staff.video", slug=new_slug))
    video = queries.get_video(slug)
    _offer(form, video)
    return render_template("archive_staff/video_form.html", form=form, video=video), form.status


@staff_pages.get("/videos/<slug>")
def video(slug: str) -> ResponseReturnValue:
    """Show a video with its recording, captions and chapters, and the forms to change them."""
    return _desk(slug)


def _desk(slug: str, **given: PlainForm) -> ResponseReturnValue:
    """Show the desk of a video; ``given`` holds the form that was just sent and refused."""
    found = queries.get_video(slug)
    chapters = {"chapters": forms.chapter_lines(found)}
    used: dict[str, PlainForm] = {
        "media_form": given.get("media_form") or forms.MediaForm(None, data=forms.media_data(found)),
        "captions_form": given.get("captions_form") or _captions_form(None, language=found.language),
        "chapters_form": given.get("chapters_form") or forms.ChaptersForm(None, data=chapters),
    }
    status = max(form.status for form in used.values())
    player = shown.player_of(found)
    play = shown.plays_here(player, "play" in request.args)
    if play and player.host:
        g.extra_media_origins = [rules.origin(found.media_url)]
    recording = {"player": player, "play": play, "file_name": rules.media_name(found.media_url)}
    problems = rules.publishing_problems(found) if found.state != VideoState.PUBLISHED else {}
    return render_template("archive_staff/video.html", video=found, problems=problems, **recording, **used), status


def _captions_form(*formdata: Any, **data: str) -> forms.CaptionsForm:
    form = forms.CaptionsForm(*formdata, data=data)
    form.offer()
    return form


@staff_pages.post("/videos/<slug>/media")
@needs(Audience.EDITOR)
def media_set(slug: str) -> ResponseReturnValue:
    """Take in a recording or a link, a still picture, the length."""
    form = forms.MediaForm()
    found = queries.get_video(slug)
    try:
        changes = _media_changes(form, found)
    except UserError as error:
        form.show({"file": str(error)})
        return _desk(slug, media_form=form)
    if _attempt(form, lambda: service.edit_video(queries.get_video(slug), changes, utc_now())):
        flash(_("The recording is saved."), "success")
        return redirect(url_for("archive_staff.video", slug=slug))
    return _desk(slug, media_form=form)


def _media_changes(form: forms.MediaForm, video: Video) -> dict[str, Any]:
    """Store the files that were sent, outside any transaction, and give what is to be changed."""
    root, slug = current_settings().media_root, video.slug
    changes: dict[str, Any] = {"duration_seconds": form.duration_seconds.data}
    if form.media_url.data or not rules.media_name(video.media_url):
        # An empty link beside a file of ours means that the file stays.
        changes["media_url"] = form.media_url.data
    if form.file.data:
        changes["media_url"] = media.keep(root, slug, form.file.data.stream, {".mp4", ".webm"})
        name = rules.media_name(changes["media_url"]) or ""
        measured = media.mp4_seconds(root / name) if name.endswith(".mp4") else None
        changes["duration_seconds"] = measured or changes["duration_seconds"]
    if form.poster.data:
        changes["poster_url"] = media.keep(root, slug, form.poster.data.stream, {".webp", ".jpg", ".png"})
    return changes


@staff_pages.post("/videos/<slug>/captions")
@needs(Audience.EDITOR)
def captions_set(slug: str) -> ResponseReturnValue:
    """Take in captions of one language; what is wrong is shown by line."""
    form = _captions_form()
    data = form.captions_file.data.read() if form.captions_file.data else form.captions.data or ""
    language, state = form.language.data or "", form.state.data or "corrected"

    def deed() -> Video:
        found = queries.get_video(slug)
        service.set_captions(found, language, data, state, utc_now())
        return found

    if _attempt(form, deed):
        flash(_("The captions are saved."), "success")
        return redirect(url_for("archive_staff.video", slug=slug))
    if form.captions_file.data and isinstance(data, bytes):
        # What was in the file is put into the box, so that the lines named can be mended there.
        form.captions.data = data.decode("utf-8", "replace")[:_FORMS]
    return _desk(slug, captions_form=form)


@staff_pages.post("/videos/<slug>/captions/<code>/remove")
@needs(Audience.EDITOR)
def captions_remove(slug: str, code: str) -> ResponseReturnValue:
    """Take the captions of a language away."""
    with transaction():
        service.remove_captions(queries.get_video(slug), code, utc_now())
    flash(_("The captions are removed."), "success")
    return redirect(url_for("archive_staff.video", slug=slug))


@staff_pages.post("/videos/<slug>/chapters")
@needs(Audience.EDITOR)
def chapters_set(slug: str) -> ResponseReturnValue:
    """Take in the chapters."""
    form = forms.ChaptersForm()

    def deed() -> Video:
        found = queries.get_video(slug)
        service.set_chapters(found, form.chapters.data or "", utc_now())
        return found

    if _attempt(form, deed):
        flash(_("The chapters are saved."), "success")
        return redirect(url_for("archive_staff.video", slug=slug))
    return _desk(slug, chapters_form=form)


@staff_pages.get("/videos/<slug>/publish")
@needs(Audience.EDITOR)
def video_publish(slug: str) -> ResponseReturnValue:
    """Say what publishing will do."""
    found = queries.get_video(slug)
    return render_template(
        "archive_staff/publish.html",
        video=found,
        problems=rules.publishing_problems(found),
        warnings=rules.publishing_warnings(found, utc_now()),
        sponsor_text=rules.sponsor_text(found),
        letters=_letters(found),
    )


def _letters(video: Video) -> int | None:
    """Ask who would get a letter; None when nobody can tell."""
    if not rules.tells_people(video):
        return 0
    answers = [count for _receiver, count in events.letters_asked.send(video)]
    return sum(answers) if answers else None


@staff_pages.post("/videos/<slug>/publish")
@needs(Audience.EDITOR)
def video_published(slug: str) -> ResponseReturnValue:
    """Make a video public."""
    with transaction():
        service.publish_video(queries.get_video(slug), utc_now())
    flash(_("The video is public."), "success")
    return redirect(url_for("archive_staff.video", slug=slug))


@staff_pages.get("/videos/<slug>/withdraw")
@needs(Audience.EDITOR)
def video_withdraw(slug: str) -> ResponseReturnValue:
    """Say what withdrawing will do."""
    found = queries.get_video(slug)
    if not rules.is_public(found):
        raise NotFound(_("This video is not public."))
    return render_template("archive_staff/withdraw.html", video=found)


@staff_pages.post("/videos/<slug>/withdraw")
@needs(Audience.EDITOR)
def video_withdrawn(slug: str) -> ResponseReturnValue:
    """Take a video off the site."""
    with transaction():
        service.withdraw_video(queries.get_video(slug), utc_now())
    flash(_("The video is no longer public."), "success")
    return redirect(url_for("archive_staff.video", slug=slug))
