"""Staff pages on which one webinar is published, moved, cancelled, deleted or copied."""

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict
from webinars.schedule import events, forms, queries, rules, service
from webinars.schedule.languages import further_languages
from webinars.schedule.models import Webinar, WebinarState
from webinars.schedule.staff_views import attempt, current, deletion_page, staff_pages


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


def letters(webinars: Iterable[Webinar]) -> dict[int, int]:
    """Ask how many letters the move or the cancellation of each published one would send."""
    published = tuple(webinar.id for webinar in webinars if webinar.state == WebinarState.PUBLISHED)
    answers = [counts for _receiver, counts in events.letters_asked.send(published)] if published else []
    return {number: sum(counts.get(number, 0) for counts in answers) for number in published}


def _letters(webinar: Webinar) -> int:
    return letters([webinar]).get(webinar.id, 0)


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

    if not attempt(form, deed, lambda: current(slug)):
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
    return deletion_page(lambda: queries.get_webinar(slug), back, "schedule_staff.webinar_list", instead)
