"""Staff pages on which webinars that were ticked in the list are moved, published or called off together."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.schedule import many, planning, queries, rules, service
from webinars.schedule.days_off import usual_countries
from webinars.schedule.deed_views import letters
from webinars.schedule.forms import CancelForm, PlainForm
from webinars.schedule.languages import further_languages
from webinars.schedule.models import Webinar, WebinarState
from webinars.schedule.planning import Slot
from webinars.schedule.planning_forms import MOST_TICKED, MoveManyForm, slot_of
from webinars.schedule.service import Problems
from webinars.schedule.staff_views import attempt, staff_pages

#: the buttons of the pages themselves; the list's sends its ticks alone
_STEPS = frozenset({"plan", "again", "confirm", "back"})


def _ticked() -> list[Webinar]:
    """Give the webinars that were ticked, those that can be shown on one page."""
    return queries.webinars_by_slug(request.values.getlist("webinars")[:MOST_TICKED])


def _none_ticked() -> ResponseReturnValue:
    flash(_("Tick the webinars first, at the beginning of their lines."), "warning")
    return redirect(url_for("schedule_staff.webinar_list"))


@staff_pages.route("/webinars/several/move", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def move_many() -> ResponseReturnValue:
    """Ask how far some webinars move, show each new date and who is told, and move them once that is confirmed."""
    now, webinars = utc_now(), _ticked()
    if not webinars:
        return _none_ticked()
    form = MoveManyForm(data={"shift": "1", "unit": "weeks"})
    if not _STEPS & request.form.keys():
        form.countries.data = usual_countries(webinars[0].time_zone)
    elif form.validate_on_submit() and "back" not in request.form:
        slots = _planned(form, webinars, now)
        if slots:
            return (_move(form, slots, now) if "confirm" in request.form else None) or _announce(form, slots, now)
    form.offer(queries.list_series(), now)
    return render_template("schedule_staff/move_many.html", form=form, webinars=webinars), form.status


def _planned(form: MoveManyForm, webinars: Sequence[Webinar], now: datetime) -> list[Slot]:
    """Give the new dates, examined; none, and the reason in the form, for a shift that is none."""
    try:
        slots = _shifted(form, webinars) if "plan" in request.form else _typed(form, webinars, now)
    except Problems as problems:
        form.show(problems.fields)
        return []
    planning.examine(slots, form.countries.data or [], now)
    for slot in slots:
        if slot.moves and slot.moves.state == WebinarState.CANCELLED:
            slot.problem = _("It was cancelled, so it cannot be moved.")
        elif slot.past and slot.moves and slot.starts_at != slot.moves.starts_at:
            slot.problem = _("This start is in the past. Choose a later one.")
    return slots


def _shifted(form: MoveManyForm, webinars: Sequence[Webinar]) -> list[Slot]:
    try:
        new_time = time.fromisoformat(form.new_time.data) if form.new_time.data else None
    except ValueError:
        raise Problems({"new_time": _("Give a time, such as 13:00.")}) from None
    slots = []
    for webinar in webinars:
        slot = slot_of(webinar, form.time_zone.data)
        moved = webinar.local_start + timedelta(days=form.days())
        slot.local = datetime.combine(moved.date(), new_time or moved.time())
        slots.append(slot)
    return slots


def _typed(form: MoveManyForm, webinars: Sequence[Webinar], now: datetime) -> list[Slot]:
    by_slug = {webinar.slug: webinar for webinar in webinars}
    if {entry.form.slug.data for entry in form.slots} != by_slug.keys():
        raise Problems({"": _("One of these webinars is not there any more. Choose them again from the list.")})
    return form.typed(by_slug, now)


def _move(form: MoveManyForm, slots: list[Slot], now: datetime) -> ResponseReturnValue | None:
    """Move them, unless something stands against one."""
    wanted = [slot for slot in slots if slot.wanted]
    if not wanted or any(slot.problem for slot in wanted):
        form.show({"": _("Tick at least one webinar.") if not wanted else _("Look at the dates that are marked.")})
        return None
    seen = {entry.form.slug.data or "": entry.form.seen.data or "" for entry in form.slots}

    def deed() -> list[Webinar]:
        fresh = {webinar.slug: webinar for webinar in _ticked()}
        for slot in wanted:
            slot.moves = fresh.get(slot.moves.slug) if slot.moves else None
        return many.move_many(wanted, seen, now)

    moved = attempt(form, deed, str)
    if moved is None:
        return None
    flash(
        ngettext("%(num)d webinar has its new time.", "%(num)d webinars have their new times.", len(moved)), "success"
    )
    return redirect(url_for("schedule_staff.webinar_list", sort="start"))


def _announce(form: MoveManyForm, slots: list[Slot], now: datetime) -> ResponseReturnValue:
    """Show every new date and how many letters each sends; nothing is written."""
    webinars = queries.webinars_by_slug([slot.moves.slug for slot in slots if slot.moves])
    known = {webinar.slug: webinar for webinar in webinars}
    for slot in slots:
        slot.moves = known.get(slot.moves.slug) if slot.moves else None
    # After a conflict the page shows them as they are now, and saving again is then meant.
    form.show_slots(slots, {webinar.slug: service.webinar_version(webinar) for webinar in webinars})
    form.offer_slot_readings(slots)
    form.offer(queries.list_series(), now)
    page = render_template(
        "schedule_staff/move_many_confirm.html", form=form, slots=slots, letters=letters(webinars), webinars=webinars
    )
    return page, form.status


class _Line(NamedTuple):
    webinar: Webinar
    problems: list[str]
    notes: list[str]
    letters: int


@staff_pages.route("/webinars/several/publish", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def publish_many() -> ResponseReturnValue:
    """Show what is worth a look before some drafts are published, and publish them."""
    now, webinars, form = utc_now(), _ticked(), PlainForm()
    if not webinars:
        return _none_ticked()
    lines = [_Line(one, rules.publishing_problems(one, now), rules.publishing_warnings(one), 0) for one in webinars]
    good = [line.webinar.slug for line in lines if not line.problems and line.webinar.state == WebinarState.DRAFT]
    if "confirm" in request.form and form.validate_on_submit() and good:
        published = attempt(form, lambda: many.publish_many(good, now), str)
        if published:
            count = len(published)
            flash(ngettext("%(num)d webinar is published.", "%(num)d webinars are published.", count), "success")
            of_series = {one.series.slug for one in published}
            return redirect(
                url_for(
                    "schedule_staff.webinar_list", series=of_series.pop() if count and len(of_series) == 1 else None
                )
            )
        lines = [line._replace(webinar=one) for line, one in zip(lines, _ticked(), strict=False)]
    return render_template("schedule_staff/publish_many.html", form=form, lines=lines, good=good), form.status


@staff_pages.route("/webinars/several/cancel", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def cancel_many() -> ResponseReturnValue:
    """Say how many people are told that some webinars are called off, ask for a reason, and do it."""
    now, webinars, form = utc_now(), _ticked(), CancelForm()
    if not webinars:
        return _none_ticked()
    slugs = [one.slug for one in webinars]
    form.offer(dict.fromkeys(code for one in webinars for code in further_languages(one)))
    if "confirm" in request.form and form.validate_on_submit():
        done = attempt(form, lambda: many.cancel_many(slugs, form.reason.data or "", now, form.reasons()), str)
        if done:
            count = len(done)
            flash(ngettext("%(num)d webinar is cancelled.", "%(num)d webinars are cancelled.", count), "success")
            return redirect(url_for("schedule_staff.webinar_list", state="cancelled"))
        webinars = _ticked()
    counts = letters(webinars)
    lines = [_Line(one, [], [], counts.get(one.id, 0)) for one in webinars]
    return render_template("schedule_staff/cancel_many.html", form=form, lines=lines), form.status
