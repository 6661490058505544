"""Staff pages on which a rhythm makes several webinars, and on which one is copied."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.text import random_id
from webinars.schedule import many, planning, queries, service
from webinars.schedule.forms import timing_data
from webinars.schedule.models import Webinar
from webinars.schedule.planning import Slot
from webinars.schedule.planning_forms import DuplicateForm, ManyForm, many_data, suggested_day
from webinars.schedule.service import Problems
from webinars.schedule.staff_views import attempt, staff_pages


@staff_pages.route("/webinars/many", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_many() -> ResponseReturnValue:
    """Ask for a rhythm, show every date it gives, and make a webinar for each that is wanted."""
    now, original = utc_now(), queries.find_webinar(request.values.get("original", ""))
    series = queries.find_series(request.args.get("series", ""))
    form = ManyForm(data=many_data(series, original, random_id()))
    if form.is_submitted() and not original:
        form.take_usual(queries.find_series(form.series.data or ""))
    if form.validate_on_submit() and "back" not in request.form:
        slots = _dates(form, original, now)
        if slots:
            answer = _make(form, slots, now) if "create" in request.form else None
            return answer or _preview(form, slots, now)
    form.offer(queries.list_series(), now)
    return render_template("schedule_staff/many.html", form=form, original=original), form.status


def _dates(form: ManyForm, original: Webinar | None, now: datetime) -> list[Slot]:
    """Give the dates that are asked for, examined; none, and the reasons in the form, where something is missing."""
    series = queries.find_series(form.series.data or "")
    try:
        slots = form.begin(now) if "plan" in request.form else form.typed(now)
    except Problems as problems:
        form.show({**problems.fields, **({} if series else {"series": _("Choose a series.")})})
        return []
    if not series:
        form.show({"series": _("Choose a series.")})
        return []
    if original:
        for slot in slots:
            slot.speakers = {one.id: one.name for one in original.speakers}
    elif "plan" not in request.form:
        form.note_speakers(slots, queries.list_speakers())
    planning.examine(slots, form.countries.data or [], now)
    return slots


def _make(form: ManyForm, slots: list[Slot], now: datetime) -> ResponseReturnValue | None:
    """Make the webinars, unless something stands against one of them."""
    wanted = [slot for slot in slots if slot.wanted]
    publish = request.form["create"] == "publish"
    if not wanted or any(slot.problem or not slot.title or (publish and slot.past) for slot in wanted):
        form.show({"": _("Tick at least one date.") if not wanted else _("Look at the dates that are marked.")})
        return None

    def deed() -> list[Webinar]:
        original = queries.find_webinar(form.original.data or "")
        series = original.series if original else queries.get_series(form.series.data or "")
        without = () if form.joining.data else ("joining",)
        return many.create_many(
            series, wanted, now, key=(form.key.data or "")[:40], original=original, without=without, publish=publish,
            join_url=form.join_url.data or "",
        )  # fmt: skip

    made = attempt(form, deed, str)
    if made is None:
        return None
    flash(_made_words(len(made), publish), "success")
    state = "coming" if publish else "draft"
    # Older drafts of the series are somebody's work in hand.
    ticked = None if publish or not made else made[0].id
    return redirect(url_for("schedule_staff.webinar_list", series=form.series.data, state=state, ticked=ticked))


def _made_words(count: int, published: bool) -> str:
    if not count:
        return str(_("They are there already: this form was sent before."))
    if published:
        return str(ngettext("%(num)d webinar is published.", "%(num)d webinars are published.", count))
    return str(
        ngettext(
            "%(num)d draft is saved. Publish it when it is ready.",
            "%(num)d drafts are saved, and ticked here: publish them together when they are ready.",
            count,
        )
    )


def _preview(form: ManyForm, slots: list[Slot], now: datetime) -> ResponseReturnValue:
    form.show_slots(slots)
    form.offer_slot_readings(slots)
    form.offer_speakers(queries.list_speakers())
    form.offer(queries.list_series(), now)
    original = queries.find_webinar(form.original.data or "")
    page = render_template("schedule_staff/many_preview.html", form=form, slots=slots, original=original)
    return page, form.status


@staff_pages.route("/webinars/<slug>/duplicate", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_duplicate(slug: str) -> ResponseReturnValue:
    """Ask when a copy is and what comes along, and make it."""
    now, webinar = utc_now(), queries.get_webinar(slug)
    day = suggested_day(webinar, now.date())
    form = DuplicateForm(data={**timing_data(webinar), "start_date": day.isoformat(), "title": webinar.title})
    if request.method == "GET":
        for box in form.parts():
            box.data = box is not form.joining
    if form.validate_on_submit():
        copy = attempt(form, lambda: _copy(slug, form, now), str)
        if copy:
            flash(_("This is the copy, a draft. Check it, then publish it."), "success")
            return redirect(url_for("staff.webinar", slug=copy.slug))
    form.offer_zones(now)
    return render_template(
        "schedule_staff/webinar_duplicate.html", form=form, webinar=queries.get_webinar(slug)
    ), form.status


def _copy(slug: str, form: DuplicateForm, now: datetime) -> Webinar:
    fields = {"title": form.title.data, **form.timing()}
    webinar = queries.get_webinar(slug)
    if fields["duration_minutes"] == str(webinar.duration_minutes):
        del fields["duration_minutes"]
    return service.duplicate_webinar(webinar, now, fields=fields, without=form.without())
