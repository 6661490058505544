"""Staff pages about where a video stands: reviews, releases, withdrawal, and the list of what to look at again."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.archive import freshness, queries, rules, standing, standing_forms
from webinars.archive.models import Video, VideoSpeaker
from webinars.archive.staff_views import staff_pages
from webinars.archive.world_models import Standing
from webinars.archive.world_queries import unreviewed_videos
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.errors import NotFound
from webinars.schedule.queries import get_speaker
from webinars.schedule.staff_views import attempt


@staff_pages.get("/video-reviews")
def video_reviews() -> ResponseReturnValue:
    """List public videos that nobody has looked at for a year, the longest first."""
    before = utc_now().date() - freshness.REVIEW_AFTER
    page = unreviewed_videos(before, request.args.get("page", 1, int))
    return render_template("archive_staff/reviews.html", page=page, last_looked_at=freshness.last_looked_at)


@staff_pages.route("/videos/<slug>/standing", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def video_standing(slug: str) -> ResponseReturnValue:
    """Note who reviewed a video, and whether its advice has aged."""
    form = standing_forms.StandingForm(data=_data(queries.get_video(slug)))

    def deed() -> Standing:
        return standing.set_standing(queries.get_video(slug), form.values(), utc_now(), seen=form.seen.data)

    if form.validate_on_submit() and attempt(form, deed, lambda: _version(slug)):
        flash(_("Saved."), "success")
        return redirect(url_for("archive_staff.video_standing", slug=slug))
    return _page(queries.get_video(slug), form)


def _data(video: Video) -> dict[str, Any]:
    return standing_forms.standing_data(video) | {"seen": standing.standing_version(video)}


def _version(slug: str) -> str:
    return standing.standing_version(queries.get_video(slug))


def _page(
    video: Video, form: standing_forms.StandingForm, refused: standing_forms.ReleaseForm | None = None, speaker: int = 0
) -> ResponseReturnValue:
    """Show the page; ``refused`` is a speaker's form that was just sent."""
    places = [
        (place, refused if refused and place.speaker_id == speaker else _release_form(place))
        for place in video.speaker_places
    ]
    status = refused.status if refused else form.status
    return render_template(
        "archive_staff/standing.html", video=video, form=form, places=places, refused=refused
    ), status


def _release_form(place: VideoSpeaker, *, sent: bool = False) -> standing_forms.ReleaseForm:
    return standing_forms.release_form(place, standing.release_version(place), sent=sent)


@staff_pages.post("/videos/<slug>/releases/<int:speaker>")
@needs(Audience.EDITOR)
def release_set(slug: str, speaker: int) -> ResponseReturnValue:
    """Note a speaker's release."""

    def present() -> VideoSpeaker:
        return standing.place_of(queries.get_video(slug), speaker)

    def deed() -> VideoSpeaker:
        given = form.texts("asked_on", "given_on", "proof")
        return standing.set_release(queries.get_video(slug), speaker, given, utc_now(), seen=form.seen.data)

    form = standing_forms.ReleaseForm(prefix=standing_forms.prefix_of(speaker))
    try:
        form = _release_form(present(), sent=True)
        if attempt(form, deed, lambda: standing.release_version(present())):
            flash(_("The release is noted."), "success")
            return redirect(url_for("archive_staff.video_standing", slug=slug))
    except NotFound:
        form.show_conflict(_taken_off(get_speaker(speaker).name, form), "")
    found = queries.get_video(slug)
    return _page(found, standing_forms.StandingForm(None, data=_data(found)), form, speaker)


def _taken_off(name: str, form: standing_forms.ReleaseForm) -> str:
    typed = ", ".join(filter(None, form.texts("asked_on", "given_on", "proof").values()))
    return _(
        "Somebody took %(name)s off this video, so nothing was noted. Add the name again, then note the release. "
        "What you typed: %(typed)s",
        name=name,
        typed=typed or "–",
    )


@staff_pages.route("/videos/<slug>/withdraw", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def video_withdraw(slug: str) -> ResponseReturnValue:
    """Say what withdrawing will do, and take a video off the site."""
    found = queries.get_video(slug)
    # Who withdraws what somebody else just withdrew is told so, and keeps the words.
    if not rules.is_public(found) and request.method == "GET":
        raise NotFound(_("This video is not public."))
    form = standing_forms.WithdrawForm(data=_data(found))

    def deed() -> Standing:
        given = form.texts("because", "newer")
        return standing.withdraw(queries.get_video(slug), given, utc_now(), seen=form.seen.data)

    if form.validate_on_submit() and attempt(form, deed, lambda: _version(slug)):
        flash(_("The video is no longer public."), "success")
        return redirect(url_for("archive_staff.video", slug=slug))
    return render_template("archive_staff/withdraw.html", video=queries.get_video(slug), form=form), form.status
