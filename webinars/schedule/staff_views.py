"""Staff pages of the schedule: webinars, series, topics, news, speakers."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict
from webinars.core.formats import zone_choices
from webinars.schedule import catalogue_forms, deletion, events, forms, queries, rules, service
from webinars.schedule.attempting import attempt as attempt
from webinars.schedule.catalogue import version
from webinars.schedule.languages import further_languages, told_languages
from webinars.schedule.models import DEFAULT_REMINDERS, NewsItem, Series, Speaker, Topic, Webinar, WebinarState
from webinars.schedule.queries import WebinarFilter

staff_pages = Blueprint("schedule_staff", __name__)
staff_pages.add_app_template_global(further_languages)
staff_pages.add_app_template_global(told_languages)

Thing = Series | Topic | NewsItem | Speaker


@staff_pages.get("/webinars")
def webinar_list() -> ResponseReturnValue:
    """List webinars, filtered, sorted and paged."""
    now, given = utc_now(), request.args
    asked = WebinarFilter(
        text=given.get("q", ""),
        series=given.get("series", ""),
        state=given.get("state", "coming"),
        sort=given.get("sort", "start"),
        direction=given.get("direction", "desc" if given.get("state") == "past" else "asc"),
        page=given.get("page", 1, type=int),
    )
    page = queries.staff_webinars(asked, now)
    phases = {webinar.id: rules.phase(webinar, now) for webinar in page.items}
    return render_template(
        "schedule_staff/webinar_list.html", page=page, asked=asked, phases=phases, series=queries.list_series()
    )


@staff_pages.route("/webinars/new", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_new() -> ResponseReturnValue:
    """Write a new draft."""
    now = utc_now()
    form = forms.WebinarForm(data=forms.new_webinar_data(queries.find_series(request.args.get("series", ""))))
    if form.validate_on_submit():
        webinar = attempt(form, lambda: service.create_webinar(form.values(), now), str)
        if webinar:
            flash(_("The draft is saved. Have a look at it, then publish it."), "success")
            return redirect(url_for("staff.webinar", slug=webinar.slug))
    form.offer(queries.list_series(), queries.list_speakers(), now)
    return render_template("schedule_staff/webinar_form.html", form=form, webinar=None), form.status


@staff_pages.route("/webinars/<slug>/edit", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_edit(slug: str) -> ResponseReturnValue:
    """Change a webinar; the start of a published one is left to the move page."""
    now, webinar = utc_now(), queries.get_webinar(slug)
    form = forms.WebinarForm(data={**forms.webinar_data(webinar), "seen": service.webinar_version(webinar)})
    if webinar.state != WebinarState.DRAFT:
        form.leave_out_start()
    if form.validate_on_submit():
        edited = attempt(form, lambda: _edit(slug, form), lambda: _current(slug))
        if edited:
            flash(_("Your changes are saved."), "success")
            return redirect(url_for("staff.webinar", slug=edited.slug))
    form.offer(queries.list_series(), queries.list_speakers(), now)
    return render_template(
        "schedule_staff/webinar_form.html", form=form, webinar=queries.get_webinar(slug)
    ), form.status


def _edit(slug: str, form: forms.WebinarForm) -> Webinar:
    webinar = queries.get_webinar(slug)
    return service.edit_webinar(webinar, form.values(), utc_now(), seen=form.seen.data)


def _current(slug: str) -> str:
    return service.webinar_version(queries.get_webinar(slug))


@staff_pages.route("/webinars/<slug>/publish", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_publish(slug: str) -> ResponseReturnValue:
    """Show what is worth a look before publishing, and publish."""
    now = utc_now()
    if request.method == "POST":
        try:
            with transaction():
                service.publish_webinar(queries.get_webinar(slug), now)
            flash(_("It is published. People can find it and register."), "success")
        except Conflict as conflict:
            flash(str(conflict), "error")
        return redirect(url_for("staff.webinar", slug=slug))
    webinar = queries.get_webinar(slug)
    same_link = queries.webinars_with_join_url(webinar.join_url, webinar.id) if webinar.join_url else []
    return render_template(
        "schedule_staff/webinar_publish.html",
        webinar=webinar,
        problems=rules.publishing_problems(webinar, now),
        warnings=rules.publishing_warnings(webinar),
        same_link=same_link,
    )


@staff_pages.route("/webinars/<slug>/move", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_move(slug: str) -> ResponseReturnValue:
    """Ask for a new start, name the consequences, and move once they are confirmed."""
    webinar, now = queries.get_webinar(slug), utc_now()
    form = forms.MoveForm(data={**forms.timing_data(webinar), "seen": service.webinar_version(webinar)})
    if form.validate_on_submit() and "back" not in request.form:
        answer = _move(slug, form) if "confirm" in request.form else _announce_move(webinar, form)
        if answer:
            return answer
    form.offer_zones(now)
    return render_template(
        "schedule_staff/webinar_move.html", form=form, webinar=queries.get_webinar(slug)
    ), form.status


def _announce_move(webinar: Webinar, form: forms.MoveForm) -> ResponseReturnValue | None:
    """Show what the move would set off; nothing is written."""
    now = utc_now()
    plan = attempt(form, lambda: service.plan_move(webinar, form.timing(), now), str)
    if plan and not plan.changed:
        form.show({"local_start": _("It starts at this time already. Choose another one.")})
    if not plan or not plan.changed:
        return None
    consequences = rules.move_consequences(webinar, _letters(webinar), _entries(webinar), plan.starts_at, now)
    return render_template(
        "schedule_staff/webinar_move_confirm.html", form=form, webinar=webinar, plan=plan, consequences=consequences
    )


def _letters(webinar: Webinar) -> int:
    """Ask how many letters a move or a cancellation would send."""
    return sum(count for _receiver, count in events.letters_asked.send(webinar))


def _entries(webinar: Webinar) -> int:
    """Ask how many calendars hold an entry."""
    return sum(count for _receiver, count in events.entries_asked.send(webinar))


def _further(webinar: Webinar) -> list[str]:
    """Ask what else calling it off leads to."""
    return [sentence for _receiver, found in events.ending_asked.send(webinar) for sentence in found]


def _move(slug: str, form: forms.MoveForm) -> ResponseReturnValue | None:
    def deed() -> Webinar:
        webinar = queries.get_webinar(slug)
        return service.move_webinar(webinar, **form.timing(), now=utc_now(), seen=form.seen.data)

    if not attempt(form, deed, lambda: _current(slug)):
        return None
    flash(_("The webinar has its new time. Letters go out to everybody who has to know."), "success")
    return redirect(url_for("staff.webinar", slug=slug))


@staff_pages.route("/webinars/<slug>/cancel", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_cancel(slug: str) -> ResponseReturnValue:
    """Name the consequences of calling a webinar off, ask for a reason, and do it."""
    form = forms.CancelForm()
    form.offer(further_languages(queries.get_webinar(slug)))
    if form.validate_on_submit():

        def deed() -> Webinar:
            webinar, reason = queries.get_webinar(slug), form.reason.data or ""
            return service.cancel_webinar(webinar, reason, utc_now(), form.reasons())

        if not (form.reason.data or "").strip():
            form.show({"reason": _("Give a short reason. People read it in their letter and on the page.")})
        elif attempt(form, deed, str):
            flash(_("The webinar is cancelled. Letters go out to everybody who has to know."), "success")
            return redirect(url_for("staff.webinar", slug=slug))
    webinar = queries.get_webinar(slug)
    consequences = rules.cancel_consequences(webinar, _letters(webinar), _entries(webinar), _further(webinar))
    page = render_template("schedule_staff/webinar_cancel.html", form=form, webinar=webinar, consequences=consequences)
    return page, form.status


@staff_pages.route("/webinars/<slug>/delete", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_delete(slug: str) -> ResponseReturnValue:
    """Delete a draft, after asking."""
    back = url_for("staff.webinar", slug=slug)
    instead = url_for("schedule_staff.webinar_cancel", slug=slug)
    return _deletion_page(lambda: queries.get_webinar(slug), back, "schedule_staff.webinar_list", instead)


def _deletion_page(
    find: Callable[[], deletion.Deletable], back: str, done: str, instead: str | None = None
) -> ResponseReturnValue:
    """Ask before something is deleted, or say what keeps it and what may be done instead; then delete it."""
    status = 200
    if request.method == "POST":
        try:
            with transaction():
                deletion.delete(find(), utc_now())
            flash(_("It is deleted."), "success")
            return redirect(url_for(done))
        except Conflict as conflict:
            status = conflict.status
    thing = find()
    name, reason = deletion.name_of(thing), deletion.why_kept(thing)
    page = render_template("schedule_staff/delete.html", name=name, reason=reason, back=back, instead=instead)
    return page, status


@staff_pages.post("/webinars/<slug>/duplicate")
@needs(Audience.EDITOR)
def webinar_duplicate(slug: str) -> ResponseReturnValue:
    """Copy a webinar into a new draft and open it for editing."""
    with transaction():
        copy = service.duplicate_webinar(queries.get_webinar(slug), utc_now())
    flash(_("This is the copy. Check the date, and whether the join link is a new one."), "info")
    return redirect(url_for("schedule_staff.webinar_edit", slug=copy.slug))


def _thing_page(
    form: Any, thing: Thing | None, template: str, deed: Callable[[], Thing], done: str, **context: Any
) -> ResponseReturnValue:
    """Answer for a page on which one thing of the catalogue is written or changed."""
    if form.validate_on_submit():
        saved = attempt(form, deed, lambda: version(thing) if thing else "")
        if saved:
            flash(_("Saved."), "success")
            return redirect(url_for(done))
    return render_template(template, form=form, thing=thing, **context), form.status


def _data(thing: Thing | None, new: dict[str, Any]) -> dict[str, Any]:
    return {**catalogue_forms.catalogue_data(thing), "seen": version(thing)} if thing else new


@staff_pages.get("/series")
def series_list() -> ResponseReturnValue:
    """List the series."""
    ahead = queries.webinars_ahead_by_series(utc_now())
    return render_template("schedule_staff/series_list.html", series=queries.list_series(), ahead=ahead)


@staff_pages.route("/series/new", methods=["GET", "POST"])
@staff_pages.route("/series/<slug>/edit", methods=["GET", "POST"], endpoint="series_edit")
@needs(Audience.EDITOR)
def series_new(slug: str | None = None) -> ResponseReturnValue:
    """Write a new series, or change one."""
    series, now = queries.get_series(slug) if slug else None, utc_now()
    new = {"time_zone": "America/New_York", "reminders": rules.format_reminders(DEFAULT_REMINDERS), "access_days": "14"}
    form = catalogue_forms.SeriesForm(data=_data(series, new))
    form.topic.choices = catalogue_forms.topic_choices(queries.list_topics(), _("None"))
    form.time_zone.choices = zone_choices(now, [form.time_zone.data or ""])
    form.offer_hours.choices, form.companions.choices = forms.offer_choices(), forms.companion_choices()

    def deed() -> Series:
        if slug:
            return service.edit_series(queries.get_series(slug), form.values(), now, seen=form.seen.data)
        return service.create_series(form.values(), now)

    return _thing_page(form, series, "schedule_staff/series_form.html", deed, "schedule_staff.series_list")


@staff_pages.get("/speakers")
def speaker_list() -> ResponseReturnValue:
    """List the speakers."""
    text = request.args.get("q", "")
    page = queries.staff_speakers(text, request.args.get("page", 1, type=int))
    return render_template("schedule_staff/speaker_list.html", page=page, text=text)


@staff_pages.route("/speakers/new", methods=["GET", "POST"])
@staff_pages.route("/speakers/<int:speaker_id>/edit", methods=["GET", "POST"], endpoint="speaker_edit")
@needs(Audience.EDITOR)
def speaker_new(speaker_id: int | None = None) -> ResponseReturnValue:
    """Write a new speaker, or change one."""
    speaker, now = queries.get_speaker(speaker_id) if speaker_id else None, utc_now()
    form = catalogue_forms.SpeakerForm(data=_data(speaker, {}))

    def deed() -> Speaker:
        if speaker_id:
            return service.edit_speaker(queries.get_speaker(speaker_id), form.values(), now, seen=form.seen.data)
        return service.create_speaker(form.values(), now)

    return _thing_page(form, speaker, "schedule_staff/speaker_form.html", deed, "schedule_staff.speaker_list")


@staff_pages.route("/speakers/<int:speaker_id>/delete", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def speaker_delete(speaker_id: int) -> ResponseReturnValue:
    """Delete a speaker whom nothing names, after asking."""
    back = url_for("schedule_staff.speaker_edit", speaker_id=speaker_id)
    return _deletion_page(lambda: queries.get_speaker(speaker_id), back, "schedule_staff.speaker_list")


@staff_pages.get("/topics")
def topic_list() -> ResponseReturnValue:
    """List the topics."""
    return render_template("schedule_staff/topic_list.html", topics=queries.list_topics())


@staff_pages.route("/topics/new", methods=["GET", "POST"])
@staff_pages.route("/topics/<slug>/edit", methods=["GET", "POST"], endpoint="topic_edit")
@needs(Audience.EDITOR)
def topic_new(slug: str | None = None) -> ResponseReturnValue:
    """Write a new topic, or change one."""
    topic, now = queries.get_topic(slug) if slug else None, utc_now()
    form = catalogue_forms.TopicForm(data=_data(topic, {}))

    def deed() -> Topic:
        if slug:
            return service.edit_topic(queries.get_topic(slug), form.values(), now, seen=form.seen.data)
        return service.create_topic(form.values(), now)

    return _thing_page(form, topic, "schedule_staff/topic_form.html", deed, "schedule_staff.topic_list")


@staff_pages.get("/news")
def news_list() -> ResponseReturnValue:
    """List the news items, the newest first."""
    page = queries.staff_news(request.args.get("page", 1, type=int))
    return render_template("schedule_staff/news_list.html", page=page)


@staff_pages.route("/news/new", methods=["GET", "POST"])
@staff_pages.route("/news/<slug>/edit", methods=["GET", "POST"], endpoint="news_edit")
@needs(Audience.EDITOR)
def news_new(slug: str | None = None) -> ResponseReturnValue:
    """Write a news item, or change one."""
    item, now = queries.get_news_item(slug) if slug else None, utc_now()
    form = catalogue_forms.NewsForm(data=_data(item, {"published_on": now.date().isoformat()}))
    form.topic.choices = catalogue_forms.topic_choices(queries.list_topics(), _("Choose a topic"))

    def deed() -> NewsItem:
        if slug:
            return service.edit_news_item(queries.get_news_item(slug), form.values(), now, seen=form.seen.data)
        return service.create_news_item(form.values(), now)

    return _thing_page(form, item, "schedule_staff/news_form.html", deed, "schedule_staff.news_list")


@staff_pages.route("/news/<slug>/delete", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def news_delete(slug: str) -> ResponseReturnValue:
    """Delete a news item, after asking."""
    back = url_for("schedule_staff.news_edit", slug=slug)
    return _deletion_page(lambda: queries.get_news_item(slug), back, "schedule_staff.news_list")
