"""Staff pages of what webinars hang on: series, speakers, topics, news."""

from collections.abc import Callable
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config import LANGUAGES
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.formats import zone_choices
from webinars.core.http import current_settings
from webinars.schedule import catalogue_forms, defaults, forms, queries, rules, service
from webinars.schedule.catalogue import version
from webinars.schedule.deed_views import letters
from webinars.schedule.models import NewsItem, Series, Speaker, Topic
from webinars.schedule.staff_views import attempt, deletion_page, staff_pages

#: so many webinars are named of those that change with their series
_MOST_FLOWS = 20
Thing = Series | Topic | NewsItem | Speaker


def _thing_page(
    form: Any, thing: Thing | None, template: str, deed: Callable[[], Thing], done: str, **context: Any
) -> ResponseReturnValue:
    """Answer for a page on which one thing of the catalogue is written or changed."""
    if form.validate_on_submit():
        saved = attempt(form, deed, lambda: version(thing) if thing else "")
        if isinstance(saved, Series) and not thing:
            flash(_("The series is saved. Now the dates of its webinars."), "success")
            return redirect(url_for("schedule_staff.webinar_many", series=saved.slug))
        if saved:
            named = isinstance(saved, Speaker) and not thing
            flash(_("Saved. Lists of speakers have this name now.") if named else _("Saved."), "success")
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
    series, now, usual = queries.get_series(slug) if slug else None, utc_now(), current_settings()
    new = {
        "time_zone": usual.home_zone,
        "sponsor_text": usual.sponsor_text,
        "reminders": rules.format_reminders(usual.reminders),
        "access_days": "14",
        "duration_minutes": "60",
        "waiting_list": True,
        "language": LANGUAGES[0],
    }
    form = catalogue_forms.SeriesForm(data=_data(series, new))
    form.topic.choices = catalogue_forms.topic_choices(queries.list_topics(), _("None"))
    form.time_zone.choices = zone_choices(now, [form.time_zone.data or ""])
    form.language.choices = forms.language_choices(form.language.data)
    form.offer_hours.choices, form.companions.choices = forms.offer_choices(), forms.companion_choices()
    if series and form.validate_on_submit() and "confirm" not in request.form and "back" not in request.form:
        flows = defaults.plan_series(series, form.values(), now)
        if flows:
            return _announce_flow(series, flows)

    counts = defaults.count_following(series, now) if series else {}

    def deed() -> Series:
        if slug:
            return service.edit_series(queries.get_series(slug), form.values(), now, seen=form.seen.data)
        return service.create_series(form.values(), now)

    if series and "back" in request.form:
        return render_template("schedule_staff/series_form.html", form=form, thing=series, counts=counts)
    return _thing_page(
        form, series, "schedule_staff/series_form.html", deed, "schedule_staff.series_list", counts=counts
    )


def _announce_flow(series: Series, flows: list[defaults.Flow]) -> ResponseReturnValue:
    """Show which webinars change with their series, and how many people are told; nothing is written."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return render_template(
        "schedule_staff/series_confirm.html",
        series=series,
        typed=typed,
        flows=flows[:_MOST_FLOWS],
        more=max(0, len(flows) - _MOST_FLOWS),
        letters=sum(letters(flow.webinar for flow in flows if flow.tells).values()),
        lets_in=any(flow.lets_in for flow in flows),
    )


@staff_pages.get("/speakers")
def speaker_list() -> ResponseReturnValue:
    """List the speakers."""
    text = request.args.get("q", "")
    page = queries.staff_speakers(text, request.args.get("page", 1, type=int))
    return render_template("schedule_staff/speaker_list.html", page=page, text=text)


@staff_pages.get("/speakers/choices")
@needs(Audience.EDITOR)
def speaker_choices() -> ResponseReturnValue:
    """Give the speakers to choose from, for a form that was opened before one of them was added."""
    return jsonify(forms.speaker_choices(queries.list_speakers()))


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
    return deletion_page(lambda: queries.get_speaker(speaker_id), back, "schedule_staff.speaker_list")


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
    return deletion_page(lambda: queries.get_news_item(slug), back, "schedule_staff.news_list")
