"""Staff pages about staff: people and their roles."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.accounts import forms, queries, rules, second_factor, service, sign_ins
from webinars.accounts.entering import fresh
from webinars.accounts.models import User
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError

staff_pages = Blueprint("accounts_staff", __name__)


@staff_pages.get("/people")
def people() -> ResponseReturnValue:
    """List who may sign in."""
    return render_template(
        "accounts_staff/people.html",
        people=queries.list_people(),
        sign_ins=queries.last_sign_ins(),
        role_of=rules.role_of,
        role_names=forms.ROLE_NAMES,
        with_passkey=queries.owners_of_passkeys(),
    )


@staff_pages.route("/people/new", methods=["GET", "POST"])
@needs(Audience.OWNER)
@fresh
def person_new() -> ResponseReturnValue:
    """Let somebody in; a letter invites them to choose how to sign in."""
    form = forms.NewPersonForm()
    if form.validate_on_submit():
        try:
            with transaction():
                address = _invite(form).email
        except UserError as error:
            form.email.errors = [str(error)]
        else:
            flash(
                _("A letter to %(address)s is on its way: they choose with it how to sign in.", address=address),
                "success",
            )
            return redirect(url_for("accounts_staff.people"))
    page = render_template("accounts_staff/person_form.html", form=form, person=None, role_words=forms.ROLE_WORDS)
    return page, 422 if form.errors else 200


def _invite(form: forms.NewPersonForm) -> User:
    address = form.email.data or ""
    if service.find_user(address):
        raise UserError(_("This address is in the list already. Change its role there."))
    return service.add_user(address, form.role.data, None, utc_now(), name=form.name.data or "")


@staff_pages.route("/people/<int:user_id>", methods=["GET", "POST"])
@needs(Audience.OWNER)
@fresh
def person_edit(user_id: int) -> ResponseReturnValue:
    """Change somebody's name and role."""
    person = queries.get_user(user_id)
    form = forms.PersonForm(data={"name": person.name, "role": rules.role_of(person)})
    if form.validate_on_submit():
        try:
            with transaction():
                person = queries.get_user(user_id)
                service.edit_user(person, name=form.name.data or "", role=form.role.data, now=utc_now())
        except UserError as error:
            form.role.errors = [str(error)]
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("accounts_staff.people"))
    page = render_template(
        "accounts_staff/person_form.html",
        form=form,
        person=queries.get_user(user_id),
        role_words=forms.ROLE_WORDS,
        passkeys=queries.passkeys_of(user_id),
        sign_ins=queries.sessions_of(user_id, utc_now()),
        device_words=rules.device_words,
    )
    return page, 422 if form.errors else 200


@staff_pages.post("/people/<int:user_id>/deactivate")
@needs(Audience.OWNER)
@fresh
def person_deactivate(user_id: int) -> ResponseReturnValue:
    """Let somebody in no more."""
    try:
        with transaction():
            service.deactivate(queries.get_user(user_id), utc_now())
    except UserError as error:
        flash(str(error), "error")
        return redirect(url_for("accounts_staff.person_edit", user_id=user_id))
    flash(_("They cannot sign in any more, and were signed out everywhere."), "success")
    return redirect(url_for("accounts_staff.people"))


@staff_pages.post("/people/<int:user_id>/reactivate")
@needs(Audience.OWNER)
@fresh
def person_reactivate(user_id: int) -> ResponseReturnValue:
    """Let somebody in again."""
    with transaction():
        service.reactivate(queries.get_user(user_id), utc_now())
    flash(_("They can sign in again."), "success")
    return redirect(url_for("accounts_staff.people"))


@staff_pages.post("/people/<int:user_id>/invite")
@needs(Audience.OWNER)
@fresh
def person_invite(user_id: int) -> ResponseReturnValue:
    """Send the letter with which somebody chooses how to sign in once more."""
    with transaction():
        person = queries.get_user(user_id)
        service.invite(person, utc_now())
        address = person.email
    flash(_("A letter to %(address)s is on its way: they choose with it how to sign in.", address=address), "success")
    return redirect(url_for("accounts_staff.people"))


@staff_pages.post("/people/<int:user_id>/reset-second-factor")
@needs(Audience.OWNER)
@fresh
def person_reset_second_factor(user_id: int) -> ResponseReturnValue:
    """Take the second factor away from somebody who lost it."""
    with transaction():
        second_factor.reset(queries.get_user(user_id), utc_now())
    flash(_("They sign in with their password alone, until they set up a second factor anew."), "success")
    return redirect(url_for("accounts_staff.people"))


@staff_pages.post("/people/<int:user_id>/end-sign-ins")
@needs(Audience.OWNER)
@fresh
def person_end_sign_ins(user_id: int) -> ResponseReturnValue:
    """Sign somebody out everywhere."""
    with transaction():
        sign_ins.end_all(queries.get_user(user_id), utc_now())
    flash(_("They are signed out everywhere."), "success")
    return redirect(url_for("accounts_staff.people"))
