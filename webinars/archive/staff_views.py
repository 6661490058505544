"""Staff pages of the archive: videos, their recordings, captions and chapters."""

from collections.abc import Collection
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.accounts.queries import current_staff
from webinars.archive import editing, events, exports, forms, media, queries, replacing, rules, service, store
from webinars.archive.captions import CaptionProblems
from webinars.archive.models import CaptionTrack, Video, VideoState
from webinars.archive.player import player_for
from webinars.archive.processing import ffmpeg
from webinars.archive.processing import queries as recordings
from webinars.archive.processing import service as processing
from webinars.archive.processing.words import work_on
from webinars.archive.queries import VideoFilter
from webinars.archive.sources import recognised, source_of
from webinars.archive.terms import queries as terms
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.schedule import queries as schedule
from webinars.schedule.cleaning import Problems
from webinars.schedule.forms import PlainForm
from webinars.schedule.staff_views import attempt

staff_pages = Blueprint("archive_staff", __name__)

_FORMS = 1024 * 1024
#: named above the list; when they are seen to, the next ones come
_MOST_FAILED = 5


@staff_pages.url_value_preprocessor
def _let_large_files_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Raise the size limit for recordings; this runs before the form is read, and only for who is signed in."""
    if endpoint == "archive_staff.media_set" and request.method == "POST" and current_staff() is not None:
        request.max_content_length = media.LARGEST_FILE + _FORMS


@staff_pages.get("/videos")
def video_list() -> ResponseReturnValue:
    """List videos in any state, filtered and paged."""
    given = request.args
    series = schedule.find_series(given.get("series", ""))
    asked = VideoFilter(series=series.id if series else None, state=given.get("state", ""), text=given.get("q", ""))
    page = queries.staff_videos(asked, given.get("page", 1, int))
    return render_template(
        "archive_staff/video_list.html", page=page, asked=asked, series=series, all_series=schedule.list_series(),
        earlier=recordings.count_never_seen(), failed=recordings.failed(_MOST_FAILED),
    )  # fmt: skip


@staff_pages.route("/videos/new", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def video_new() -> ResponseReturnValue:
    """Write a new draft, filled from the webinar it records when one is named."""
    now = utc_now()
    webinar = schedule.find_webinar(request.args.get("webinar", ""))
    form = forms.VideoForm(data={"recorded_on": now.date().isoformat(), **forms.webinar_data(webinar)})
    if form.validate_on_submit():
        saved = attempt(form, lambda: service.create_video(form.values(), now), str)
        if saved:
            flash(_("The draft is saved. Now add the recording and the captions."), "success")
            return redirect(url_for("archive_staff.video", slug=saved.slug))
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
    found = queries.get_video(slug)
    form = forms.VideoForm(data=forms.video_data(found) | {"seen": service.video_version(found)})
    if form.validate_on_submit():
        now, seen = utc_now(), form.seen.data
        saved = attempt(
            form,
            lambda: service.edit_video(queries.get_video(slug), form.values(), now, seen=seen),
            lambda: service.video_version(queries.get_video(slug)),
        )
        if saved:
            flash(_("Saved."), "success")
            return redirect(url_for("archive_staff.video", slug=saved.slug))
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
    chapters = {"chapters": forms.chapter_lines(found), "seen": service.chapters_version(found)}
    used: dict[str, PlainForm] = {
        "media_form": given.get("media_form") or forms.MediaForm(None, data=_media_data(found)),
        "captions_form": given.get("captions_form") or _captions_form(None, **_captions_data(found)),
        "chapters_form": given.get("chapters_form") or forms.ChaptersForm(None, data=chapters),
    }
    status = max(form.status for form in used.values())
    recording = player_for(found) | work_on(found) | {"file_name": rules.media_name(found.media_url)}
    problems = rules.publishing_problems(found) if found.state != VideoState.PUBLISHED else {}
    return render_template("archive_staff/video.html", video=found, problems=problems, **recording, **used), status


def _media_data(video: Video) -> dict[str, Any]:
    return forms.media_data(video) | {"seen": service.recording_version(video)}


def _captions_data(video: Video) -> dict[str, str]:
    return {"language": video.language, "seen": service.captions_version(video)}


def _captions_form(*formdata: Any, **data: str) -> forms.CaptionsForm:
    form = forms.CaptionsForm(*formdata, data=data)
    form.offer()
    return form


@staff_pages.post("/videos/<slug>/media")
@needs(Audience.EDITOR)
def media_set(slug: str) -> ResponseReturnValue:
    """Take in a recording or a link, a still picture, the length."""
    found = queries.get_video(slug)
    # Fields that are not sent stay as they are: a file that came in pieces takes the place of some.
    form = forms.MediaForm(data=_media_data(found))
    try:
        changes = _media_changes(form, found)
    except Problems as problems:
        form.show(problems.fields)
        return _desk(slug, media_form=form)

    def deed() -> Video:
        kept = service.set_recording(queries.get_video(slug), changes, utc_now(), seen=form.seen.data)
        if form.file.data:
            # The same file has the same name, so that nothing else tells that it came once more.
            processing.look_again(kept, utc_now())
        return kept

    saved = attempt(form, deed, lambda: service.recording_version(queries.get_video(slug)))
    if saved:
        flash(_("The recording is saved."), "success")
        if form.media_url.data and not rules.media_name(saved.media_url):
            flash(recognised(source_of(saved.media_url)), "info")
        return redirect(url_for("archive_staff.video", slug=slug))
    return _desk(slug, media_form=form)


def _media_changes(form: forms.MediaForm, video: Video) -> dict[str, Any]:
    """Store the files that were sent, outside any transaction, and give what is to be changed."""
    changes: dict[str, Any] = {"duration_seconds": form.duration_seconds.data}
    if form.media_url.data or not rules.media_name(video.media_url):
        # An empty link beside a file of ours means that the file stays.
        changes["media_url"] = form.media_url.data
    # The small file first: when it will not do, the large one is not kept in vain.
    if form.poster.data:
        changes["poster_url"] = _kept(form, "poster", video, {".webp", ".jpg", ".png"})
    if form.file.data:
        changes["media_url"] = _kept(form, "file", video, media.takeable(bool(ffmpeg.missing())))
        changes["duration_seconds"] = _length_of(form, video, changes["media_url"])
    source = rules.media_name(changes.get("media_url", video.media_url))
    # An empty length of a recording of ours is the one that was found.
    changes["duration_seconds"] = changes["duration_seconds"] or recordings.measured(video, source)
    return changes


def _length_of(form: forms.MediaForm, video: Video, media_url: str) -> int | str | None:
    """Give the length of a new file, as it says or as it was typed; the one of the file before is not meant."""
    measured = media.mp4_seconds(form.file.data.stream) if media_url.endswith(".mp4") else None
    typed = form.duration_seconds.data
    return measured or (typed if typed != forms.media_data(video)["duration_seconds"] else None)


def _kept(form: forms.MediaForm, name: str, video: Video, kinds: Collection[str]) -> str:
    """Store the file of a field. Raises Problems."""
    try:
        return store.keep(store.current_store(), video.slug, form[name].data.stream, kinds)
    except UserError as error:
        raise Problems({name: str(error)}) from None


@staff_pages.post("/videos/<slug>/captions")
@needs(Audience.EDITOR)
def captions_set(slug: str) -> ResponseReturnValue:
    """Take in captions of one language; what is wrong is shown by line."""
    form = _captions_form()
    data = form.captions_file.data.read() if form.captions_file.data else form.captions.data or ""
    language, state = form.language.data or "", form.state.data or "corrected"
    if isinstance(data, bytes):
        # What was in the file is put into the box, so that the lines named can be mended there, and saved.
        form.captions.data, form.captions_file.data = data.decode("utf-8", "replace")[:_FORMS], None
    try:
        ready = editing.make_ready(data)
    except CaptionProblems as problems:
        form.show_lines(problems)
        return _desk(slug, captions_form=form)
    seen = form.seen.data

    def deed() -> CaptionTrack:
        return service.set_captions(queries.get_video(slug), language, ready, state, utc_now(), seen=seen)

    if attempt(form, deed, lambda: service.captions_version(queries.get_video(slug))):
        flash(_("The captions are saved."), "success")
        return _after_captions(slug, language)
    return _desk(slug, captions_form=form)


def _after_captions(slug: str, language: str) -> ResponseReturnValue:
    """Show what the list of medical terms would change in new captions; the desk where it would change nothing."""
    lines = exports.kept_lines(queries.get_track(queries.get_video(slug), language).vtt)
    if replacing.places(lines, terms.swaps(language), 1):
        return redirect(url_for("archive_staff.captions_replace", slug=slug, code=language, terms=1))
    return redirect(url_for("archive_staff.video", slug=slug))


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
    chapters, seen = form.chapters.data or "", form.seen.data
    saved = attempt(
        form,
        lambda: service.set_chapters(queries.get_video(slug), chapters, utc_now(), seen=seen),
        lambda: service.chapters_version(queries.get_video(slug)),
    )
    if saved:
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
        warnings=[*filter(None, [work_on(found)["why"]]), *rules.publishing_warnings(found, utc_now())],
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
