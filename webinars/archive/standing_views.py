"""Staff pages about where a video stands: reviews, releases, withdrawal, and the list of what to look at again."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.archive import freshness, queries, rules, standing, standing_forms
from webinars.archive.models import Video
from webinars.archive.staff_views import staff_pages
from webinars.archive.world_queries import unreviewed_videos
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import NotFound
from webinars.schedule.cleaning import Problems


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
    form = standing_forms.StandingForm(data=standing_forms.standing_data(queries.get_video(slug)))
    if form.validate_on_submit():
        try:
            with transaction():
                standing.set_standing(queries.get_video(slug), form.values(), utc_now())
        except Problems as problems:
            form.show(problems.fields)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("archive_staff.video_standing", slug=slug))
    return _page(queries.get_video(slug), form)


def _page(
    video: Video, form: standing_forms.StandingForm, refused: standing_forms.ReleaseForm | None = None, speaker: int = 0
) -> ResponseReturnValue:
    """Show the page; ``refused`` is a speaker's form that was just sent."""
    places = [
        (place, refused if refused and place.speaker_id == speaker else standing_forms.release_form(place))
        for place in video.speaker_places
    ]
    status = refused.status if refused else form.status
    return render_template(
        "archive_staff/standing.html", video=video, form=form, places=places, refused=refused
    ), status


@staff_pages.post("/videos/<slug>/releases/<int:speaker>")
@needs(Audience.EDITOR)
def release_set(slug: str, speaker: int) -> ResponseReturnValue:
    """Note a speaker's release."""
    found = queries.get_video(slug)
    place = next((one for one in found.speaker_places if one.speaker_id == speaker), None)
    if place is None:
        raise NotFound(_("There is no such speaker in this video."))
    form = standing_forms.release_form(place, sent=True)
    try:
        with transaction():
            given = form.texts("asked_on", "given_on", "proof")
            standing.set_release(queries.get_video(slug), speaker, given, utc_now())
    except Problems as problems:
        form.show(problems.fields)
        found = queries.get_video(slug)
        data = standing_forms.standing_data(found)
        return _page(found, standing_forms.StandingForm(None, data=data), form, speaker)
    flash(_("The release is noted."), "success")
    return redirect(url_for("archive_staff.video_standing", slug=slug))


@staff_pages.route("/videos/<slug>/withdraw", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def video_withdraw(slug: str) -> ResponseReturnValue:
    """Say what withdrawing will do, and take a video off the site."""
    found = queries.get_video(slug)
    if not rules.is_public(found):
        raise NotFound(_("This video is not public."))
    form = standing_forms.WithdrawForm(data={"newer": standing_forms.standing_data(found).get("newer", "")})
    if form.validate_on_submit():
        try:
            with transaction():
                standing.withdraw(queries.get_video(slug), form.texts("because", "newer"), utc_now())
        except Problems as problems:
            form.show(problems.fields)
            found = queries.get_video(slug)
        else:
            flash(_("The video is no longer public."), "success")
            return redirect(url_for("archive_staff.video", slug=slug))
    return render_template("archive_staff/withdraw.html", video=found, form=form), form.status
