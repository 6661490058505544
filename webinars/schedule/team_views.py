"""Staff pages: who is responsible for a webinar, moderates it, or speaks."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, StringField
from wtforms.validators import DataRequired, Length

from webinars.accounts.entering import fresh
from webinars.accounts.forms import ROLE_NAMES
from webinars.accounts.models import RoleName, User
from webinars.accounts.queries import list_people
from webinars.accounts.rules import role_of
from webinars.accounts.service import add_user, find_user
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.options import options
from webinars.schedule import queries, team
from webinars.schedule.forms import PlainForm
from webinars.schedule.models import Part
from webinars.schedule.staff_views import attempt, staff_pages

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


class InviteForm(PlainForm):
    """A speaker or moderator who is to be let in as a host."""

    name = StringField(_l("Name"), validators=[Length(max=200)])
    email = EmailField(_l("Email"), validators=[DataRequired(_l("Enter an email address.")), Length(max=254)])
    part = RadioField(
        _l("What they do here"),
        choices=options((part.value, PARTS[part]) for part in (Part.SPEAKER, Part.MODERATOR)),
        default=Part.SPEAKER.value,
    )


@staff_pages.route("/webinars/<slug>/team", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_team(slug: str) -> ResponseReturnValue:
    """Say who has which parts in a webinar; hosts see the webinars in which they have one."""
    found = queries.get_webinar(slug)
    form = PlainForm(data={"seen": team.version(found.id)})
    people = _people()
    chosen = {person.id: request.form.getlist(f"parts-{person.id}") for person in people}
    if form.validate_on_submit():
        saved = attempt(form, lambda: _set(slug, chosen, form.seen.data or ""), lambda: team.version(found.id))
        if saved:
            flash(_("The team is saved."), "success")
            return redirect(url_for("staff.webinar", slug=slug))
    shown = chosen if form.is_submitted() else team.team_of(found.id)
    return _page(slug, form, InviteForm(formdata=None), people, shown), form.status


def _people() -> list[User]:
    return [person for person in list_people() if person.active]


def _set(slug: str, chosen: dict[int, list[str]], seen: str) -> bool:
    webinar = queries.get_webinar(slug)
    known = {person: [part for part in parts if part in set(Part)] for person, parts in chosen.items()}
    # Who cannot sign in at present is not on the page, and keeps what they have.
    team.set_team(webinar, {**team.team_of(webinar.id), **known}, utc_now(), seen=seen)
    return True


@staff_pages.post("/webinars/<slug>/team/invite")
@needs(Audience.OWNER)
@fresh
def webinar_team_invite(slug: str) -> ResponseReturnValue:
    """Let a speaker or moderator in as a host of this webinar; a letter invites them."""
    form = InviteForm()
    if form.validate_on_submit():
        try:
            with transaction():
                address = _invite(slug, form)
        except UserError as error:
            form.show({"email": str(error)})
        else:
            words = _("A letter to %(address)s is on its way: they choose with it how to sign in.", address=address)
            flash(words, "success")
            return redirect(url_for("schedule_staff.webinar_team", slug=slug), 303)
    webinar_id = queries.get_webinar(slug).id
    asked = PlainForm(formdata=None, data={"seen": team.version(webinar_id)})
    return _page(slug, asked, form, _people(), team.team_of(webinar_id)), 422


def _invite(slug: str, form: InviteForm) -> str:
    address, webinar, now = form.email.data or "", queries.get_webinar(slug), utc_now()
    if find_user(address):
        raise UserError(_("This person is in the list already: tick what they do here."))
    guest = add_user(address, RoleName.HOST, None, now, name=form.name.data or "")
    team.set_team(webinar, {**team.team_of(webinar.id), guest.id: [form.part.data]}, now)
    return guest.email


def _page(slug: str, form: PlainForm, invite: InviteForm, people: list[User], chosen: team.Chosen) -> str:
    return render_template(
        "schedule_staff/team.html",
        form=form,
        invite=invite,
        webinar=queries.get_webinar(slug),
        people=people,
        chosen=chosen,
        parts=PARTS,
        part_words=PART_WORDS,
        role_names=ROLE_NAMES,
        role_of=role_of,
    )
