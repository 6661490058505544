"""The steps of a webinar as a list to tick, and the letters that staff get about theirs."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.accounts.queries import current_staff
from webinars.core.audience import Audience, Scope, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.formats import zone_choices
from webinars.core.http import home_zone, visitor_zone
from webinars.core.language import current_language
from webinars.notices import desk
from webinars.schedule.models import Webinar
from webinars.schedule.queries import get_webinar
from webinars.staff.readiness import links, queries, service, words
from webinars.staff.readiness.forms import DigestForm, OwnStepForm
from webinars.staff.readiness.models import MarkState

staff_pages = Blueprint("readiness_staff", __name__)


def checklist(
    webinar: Webinar, unreached: int, *, compact: bool, just: tuple[str, str] | None = None
) -> dict[str, Any]:
    """Give what the list of a webinar's steps is drawn from.

    Parameters: compact, as a part of the webinar's own page; just, of which step something was said just now, and
    what was said of it before, so that it can be taken back: the address says so after a redirect.
    """
    now = utc_now()
    preparation = queries.preparation_of(webinar, now, unreached)
    step, was = just or (request.args.get("step", ""), request.args.get("was", ""))
    changed = [item for item in preparation.items if item.key == step and item.said != was]
    return {
        "preparation": preparation,
        "just": (changed[0], was) if changed and was in {"", *MarkState} else None,
        "markers": queries.markers(preparation),
        "step_words": words,
        "action_url": links.action_url,
        "compact": compact,
        "zone": visitor_zone() or webinar.time_zone,
        "now": now,
    }


@staff_pages.get("/webinars/<slug>/readiness")
@needs(Audience.STAFF, Scope.WEBINAR)
def readiness(slug: str) -> ResponseReturnValue:
    """Show what has to be done for a webinar, and how far it is."""
    return _page(get_webinar(slug), OwnStepForm(formdata=None))


def _page(webinar: Webinar, form: OwnStepForm, refused: str = "") -> ResponseReturnValue:
    drawn = checklist(webinar, desk.count_of(webinar, utc_now()), compact=False)
    page = render_template("staff/readiness.html", webinar=webinar, form=form, refused=refused, **drawn)
    return page, form.status


@staff_pages.post("/webinars/<slug>/readiness/<step>")
@needs(Audience.HOST, Scope.WEBINAR)
def step_say(slug: str, step: str) -> ResponseReturnValue:
    """Say that a step is done, is not needed, or is open again."""
    said, compact = request.form.get("said"), "compact" in request.form
    just = step, request.form.get("seen", "")
    try:
        with transaction():
            state = MarkState(said) if said in set(MarkState) else None
            service.mark(get_webinar(slug), step, state, utc_now(), seen=just[1])
    except UserError as error:
        if error.status == 404:
            raise
        flash(str(error), "error")
        just = "", ""
    if "HX-Request" in request.headers:
        webinar = get_webinar(slug)
        drawn = checklist(webinar, desk.count_of(webinar, utc_now()), compact=compact, just=just)
        return render_template("staff/_readiness.html", webinar=webinar, answering=step, **drawn)
    page, (step, was) = "staff.webinar" if compact else ".readiness", just
    return redirect(url_for(page, slug=slug, step=step or None, was=was or None, _anchor="readiness"))


@staff_pages.post("/webinars/<slug>/readiness-steps")
@needs(Audience.EDITOR)
def step_add(slug: str) -> ResponseReturnValue:
    """Add a step to a webinar, or to all that come in its series."""
    form = OwnStepForm()
    if form.validate_on_submit():
        try:
            with transaction():
                webinar = get_webinar(slug)
                owner = webinar.series if form.scope.data == "series" else webinar
                service.add_step(owner, form.title.data or "", form.offset, utc_now())
        except UserError as error:
            form.show({"title": str(error)})
        else:
            flash(_("The step is on the list."), "success")
            return redirect(url_for(".readiness", slug=slug))
    form.status = 422
    return _page(get_webinar(slug), form)


@staff_pages.post("/readiness-steps/<int:number>/remove")
@needs(Audience.EDITOR)
def step_remove(number: int) -> ResponseReturnValue:
    """Take a step away that staff added."""
    with transaction():
        service.remove_step(number, utc_now())
    flash(_("The step is gone."), "success")
    slug = request.form.get("slug", "")
    return redirect(url_for(".readiness", slug=slug) if slug else url_for("staff.today"))


@staff_pages.route("/digests", methods=["GET", "POST"])
@needs(Audience.STAFF, Scope.OWN)
def digests() -> ResponseReturnValue:
    """Choose which letters one gets about one's webinars."""
    user = current_staff()
    assert user is not None
    user_id, known = user.id, queries.find_choice(user.id)
    usual = {
        "weekly": True, "day_before": True, "language": current_language(), "time_zone": home_zone(),
    }  # fmt: skip
    form = DigestForm(data={name: getattr(known, name) for name in usual} if known else usual)
    form.time_zone.choices = zone_choices(utc_now(), [form.time_zone.data or ""])
    if form.validate_on_submit():
        with transaction():
            service.choose_digests(user_id, {name: form[name].data for name in usual}, utc_now())
        flash(_("Saved."), "success")
        return redirect(url_for("staff.today"))
    return render_template("staff/digests.html", form=form), 422 if form.errors else 200
