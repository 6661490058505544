"""Staff pages: who is responsible for a webinar, moderates it, or speaks."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinars.accounts import queries as people
from webinars.accounts.forms import ROLE_NAMES
from webinars.accounts.rules import role_of
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.schedule import queries, team
from webinars.schedule.forms import PlainForm
from webinars.schedule.models import Part
from webinars.schedule.staff_views import attempt
from webinars.schedule.text_views import staff_pages as staff_pages

PARTS = {
    Part.RESPONSIBLE: _l("Responsible"),
    Part.MODERATOR: _l("Moderator"),
    Part.SPEAKER: _l("Speaker"),
}
PART_WORDS = {
    Part.RESPONSIBLE: _l("gets the digests by email, and is named where something is late"),
    Part.MODERATOR: _l("leads through the webinar; gets a letter the day before"),
    Part.SPEAKER: _l("gets a letter the day before"),
}


@staff_pages.route("/webinars/<slug>/team", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_team(slug: str) -> ResponseReturnValue:
    """Say who has which parts in a webinar; hosts see the webinars in which they have one."""
    found = queries.get_webinar(slug)
    form = PlainForm(data={"seen": team.version(found.id)})
    everybody = [person for person in people.list_people() if person.active]
    chosen = {person.id: request.form.getlist(f"parts-{person.id}") for person in everybody}
    if form.validate_on_submit():
        saved = attempt(form, lambda: _set(slug, chosen, form.seen.data or ""), lambda: team.version(found.id))
        if saved:
            flash(_("The team is saved."), "success")
            return redirect(url_for("staff.webinar", slug=slug))
    return render_template(
        "schedule_staff/team.html",
        form=form,
        webinar=queries.get_webinar(slug),
        people=everybody,
        chosen=chosen if form.is_submitted() else team.team_of(found.id),
        parts=PARTS,
        part_words=PART_WORDS,
        role_names=ROLE_NAMES,
        role_of=role_of,
    ), form.status


def _set(slug: str, chosen: dict[int, list[str]], seen: str) -> bool:
    known = {person: [part for part in parts if part in set(Part)] for person, parts in chosen.items()}
    team.set_team(queries.get_webinar(slug), known, utc_now(), seen=seen)
    return True
