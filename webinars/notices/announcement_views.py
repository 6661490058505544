"""Pages on which staff write an announcement, see whom it reaches, send it, stop it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict
from webinars.mail.queries import is_on_hold
from webinars.notices import announcement_queries as queries
from webinars.notices import announcement_rules as rules
from webinars.notices import announcement_service as service
from webinars.notices import preview, wording
from webinars.notices.kinds import Notice
from webinars.notices.models import Announcement
from webinars.notices.ready_words import READY, ready_data
from webinars.notices.sample_choice import SampleChoice, allow_frames, asked, chosen, framed
from webinars.notices.staff_pages import staff_pages
from webinars.notices.text_forms import AnnouncementForm, SendForm, announcement_data
from webinars.notices.text_views import framed_mistakes, framed_typed, send_test
from webinars.registration.words import mode_words, state_words
from webinars.schedule.cleaning import Problems
from webinars.schedule.forms import language_names
from webinars.schedule.models import Series, Webinar
from webinars.schedule.queries import find_series, find_webinar, get_series, get_webinar
from webinars.schedule.staff_views import attempt

#: how long before its moment the page of an announcement looks whether it has begun
_SOON = timedelta(minutes=15)
_WORDS = {"state_words": state_words, "mode_words": mode_words}


@staff_pages.get("/announcements")
def announcements() -> str:
    """List announcements: all, or those to one webinar or series."""
    webinar, series = find_webinar(request.args.get("webinar", "")), find_series(request.args.get("series", ""))
    page = queries.list_announcements(
        webinar_id=webinar.id if webinar else None,
        series_id=series.id if series else None,
        page=request.args.get("page", 1, type=int),
    )
    tallies = queries.tallies(page.items)
    seen = {one.id: tallies.get(one.id, queries.Tally()) for one in page.items}
    return render_template(
        "notices_staff/announcements.html",
        page=page,
        tallies=tallies,
        stages={one.id: rules.stage(one, seen[one.id].open) for one in page.items},
        since={one.id: _since(one, seen[one.id]) for one in page.items},
        webinar=webinar,
        series=series,
        zone_of=rules.zone_of,
        listed_subject=rules.listed_subject,
        words_in=rules.words_in,
    )


def _since(found: Announcement, tally: queries.Tally) -> rules.Since | None:
    """Say what became of the webinar, unless everything had left by then."""
    done = rules.stage(found, tally.open) is rules.Stage.SENT and tally.withheld == 0
    return None if done else rules.changed_since(found)


@staff_pages.route("/webinars/<slug>/announcements/new", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def announcement_to_webinar(slug: str) -> ResponseReturnValue:
    """Write an announcement to the registrants of a webinar."""
    return _new_page(lambda: get_webinar(slug))


@staff_pages.route("/series/<slug>/announcements/new", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def announcement_to_series(slug: str) -> ResponseReturnValue:
    """Write an announcement to the registrants of a series."""
    return _new_page(lambda: get_series(slug))


def _new_page(find: Callable[[], Webinar | Series]) -> ResponseReturnValue:
    about, form = find(), AnnouncementForm(data=ready_data(request.args.get("ready", "")))
    if form.validate_on_submit():
        written = attempt(form, lambda: service.write_announcement(find(), form.values(), utc_now()), str)
        if written:
            flash(_("The draft is saved. Look at it and at whom it reaches, then send it."), "success")
            return redirect(url_for(".announcement", announcement_id=written.id))
        about = find()
    return _form_page(form, about, None)


@staff_pages.route("/announcements/<int:announcement_id>/edit", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def announcement_edit(announcement_id: int) -> ResponseReturnValue:
    """Change a draft."""
    found = queries.get_announcement(announcement_id)
    form = AnnouncementForm(data={**announcement_data(found), "seen": service.announcement_version(found)})

    def deed() -> Announcement:
        announcement = queries.get_announcement(announcement_id)
        service.edit_announcement(announcement, form.values(), utc_now(), seen=form.seen.data)
        return announcement

    def current() -> str:
        return service.announcement_version(queries.get_announcement(announcement_id))

    if form.validate_on_submit() and attempt(form, deed, current):
        flash(_("Your changes are saved."), "success")
        return redirect(url_for(".announcement", announcement_id=announcement_id))
    found = queries.get_announcement(announcement_id)
    return _form_page(form, found.webinar or rules.series_of(found), found)


@staff_pages.post("/webinars/<slug>/announcements/preview")
@needs(Audience.EDITOR)
def announcement_to_webinar_typed(slug: str) -> ResponseReturnValue:
    """Give the letter with what stands in the form, for the frame beside it; nothing is written."""
    return _typed(get_webinar(slug))


@staff_pages.post("/series/<slug>/announcements/preview")
@needs(Audience.EDITOR)
def announcement_to_series_typed(slug: str) -> ResponseReturnValue:
    """Give the letter with what stands in the form, for the frame beside it; nothing is written."""
    return _typed(get_series(slug))


def _typed(about: Webinar | Series) -> ResponseReturnValue:
    now = utc_now()
    try:
        typed = service.check_announcement(about, AnnouncementForm().values())
    except Problems as problems:
        return framed_mistakes(problems)
    series, only = (about.series, about) if isinstance(about, Webinar) else (about, None)
    choice = chosen(series, {"language": request.form.get("show", "")}, now, only)
    return framed_typed(_shown(typed, choice, now).letter)


def _form_page(
    form: AnnouncementForm, about: Webinar | Series, announcement: Announcement | None
) -> ResponseReturnValue:
    whole = isinstance(about, Series)
    allowed = [
        wording.allowed(Notice.ANNOUNCEMENT, in_subject=in_subject, whole_series=whole) for in_subject in (True, False)
    ]
    allow_frames()
    page = render_template(
        "notices_staff/announcement_form.html",
        form=form,
        about=about,
        whole_series=whole,
        announcement=announcement,
        ready={} if whole or announcement or form.is_submitted() else READY,
        languages=language_names(),
        in_subject=wording.listed(allowed[0]),
        in_body=allowed[1],
    )
    return page, form.status


@staff_pages.get("/announcements/<int:announcement_id>")
def announcement(announcement_id: int) -> ResponseReturnValue:
    """Show an announcement: whom it reaches, how it reads, how far it is."""
    found = queries.get_announcement(announcement_id)
    return _announcement_page(found, SendForm(formdata=None, data={"seen": service.sending_version(found)}))


def _announcement_page(found: Announcement, form: SendForm) -> ResponseReturnValue:
    now = utc_now()
    choice = _chosen(found, now)
    allow_frames()
    page = render_template(
        "notices_staff/announcement.html",
        **_progress(found, now),
        form=form,
        choice=choice,
        shown=_shown(found, choice, now),
        languages=language_names(),
        reach=queries.reach(found) if found.written_at is None else None,
        series=rules.series_of(found),
        states=rules.states_of(found.audience),
        **_WORDS,
    )
    return page, form.status


def _progress(found: Announcement, now: datetime) -> dict[str, object]:
    tally = queries.tallies([found]).get(found.id, queries.Tally())
    return {
        "announcement": found,
        "tally": tally,
        "stage": rules.stage(found, tally.open),
        "since": _since(found, tally),
        "moving": _is_moving(found, tally, now),
        "zone": rules.zone_of(found),
        "on_hold": is_on_hold(),
        "listed_subject": rules.listed_subject,
        "now": now,
    }


def _is_moving(found: Announcement, tally: queries.Tally, now: datetime) -> bool:
    """Say whether the page will soon have something else to show."""
    begins = found.written_at is None and found.send_at is not None and found.send_at < now + _SOON
    return begins or rules.stage(found, tally.open) is rules.Stage.GOING_OUT


def _chosen(found: Announcement, now: datetime) -> SampleChoice:
    return chosen(rules.series_of(found), request.args, now, found.webinar)


def _shown(found: Announcement, choice: SampleChoice, now: datetime) -> preview.Shown:
    facts, words = choice.facts(Notice.ANNOUNCEMENT), rules.words_in(found, choice.language)
    return preview.show(Notice.ANNOUNCEMENT, facts, now, {}, words)


@staff_pages.get("/announcements/<int:announcement_id>/progress")
def announcement_progress(announcement_id: int) -> ResponseReturnValue:
    """Give the part of the page that says how far it is; to a reader, the page."""
    if "HX-Request" not in request.headers:
        return redirect(url_for(".announcement", announcement_id=announcement_id))
    progress = _progress(queries.get_announcement(announcement_id), utc_now())
    answer = make_response(render_template("notices_staff/_progress.html", **progress))
    if not progress["moving"]:
        # The page's buttons are others now.
        answer.headers["HX-Refresh"] = "true"
    return answer


@staff_pages.get("/announcements/<int:announcement_id>/preview")
def announcement_frame(announcement_id: int) -> Response:
    """Give the letter, for the frame on its page."""
    found, now = queries.get_announcement(announcement_id), utc_now()
    return framed(str(_shown(found, _chosen(found, now), now).letter.html))


@staff_pages.post("/announcements/<int:announcement_id>/send")
@needs(Audience.EDITOR)
def announcement_send(announcement_id: int) -> ResponseReturnValue:
    """Let a draft go out, now or later."""
    form = SendForm()
    form.time_zone.data = rules.zone_of(queries.get_announcement(announcement_id))

    def deed() -> Announcement:
        found, seen = queries.get_announcement(announcement_id), form.seen.data or ""
        if form.when.data == "later":
            timing = form.timing()
            service.send_later(found, timing["local_start"], utc_now(), fold=timing["fold"], seen=seen)
        else:
            service.send_now(found, utc_now(), seen=seen)
        return found

    def current() -> str:
        return service.sending_version(queries.get_announcement(announcement_id))

    if attempt(form, deed, current):
        flash(
            _("It goes out at the moment you chose.") if form.when.data == "later" else _("It is on its way."),
            "success",
        )
        return redirect(url_for(".announcement", announcement_id=announcement_id))
    return _announcement_page(queries.get_announcement(announcement_id), form)


@staff_pages.post("/announcements/<int:announcement_id>/stop")
@needs(Audience.EDITOR)
def announcement_stop(announcement_id: int) -> ResponseReturnValue:
    """Stop an announcement that is going out, or that has a moment to go out."""
    return _do(announcement_id, service.stop, _("It is stopped. Letters that had left before stay sent."))


@staff_pages.post("/announcements/<int:announcement_id>/resume")
@needs(Audience.EDITOR)
def announcement_resume(announcement_id: int) -> ResponseReturnValue:
    """Send a stopped announcement to the others."""
    return _do(announcement_id, service.resume, _("It goes on to those who have not got it yet."))


def _do(announcement_id: int, deed: Callable[[Announcement, datetime], None], sentence: str) -> ResponseReturnValue:
    try:
        with transaction():
            deed(queries.get_announcement(announcement_id), utc_now())
        flash(sentence, "success")
    except Conflict as refusal:
        flash(str(refusal), "error")
    return redirect(url_for(".announcement", announcement_id=announcement_id))


@staff_pages.post("/announcements/<int:announcement_id>/delete")
@needs(Audience.EDITOR)
def announcement_delete(announcement_id: int) -> ResponseReturnValue:
    """Delete a draft."""
    try:
        with transaction():
            service.delete_announcement(queries.get_announcement(announcement_id), utc_now())
    except Conflict as refusal:
        flash(str(refusal), "error")
        return redirect(url_for(".announcement", announcement_id=announcement_id))
    flash(_("It is deleted."), "success")
    return redirect(url_for(".announcements"))


@staff_pages.post("/announcements/<int:announcement_id>/test")
@needs(Audience.EDITOR)
def announcement_test(announcement_id: int) -> ResponseReturnValue:
    """Send whoever is signed in the announcement."""
    found = queries.get_announcement(announcement_id)
    send_test(_chosen(found, utc_now()), {"announcement": found.id})
    return redirect(url_for(".announcement", announcement_id=announcement_id, **asked(request.args)))
