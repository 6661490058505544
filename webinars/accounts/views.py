"""Signing in and forgotten passwords: these stand in for the sign-in library's own pages, at its addresses.

For a forgotten password the library would write the letter inside the request, so that known addresses take longer than
unknown ones, and would commit by itself. Here the same work is done for every address, and the one transaction is ours.
"""

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.recoverable import reset_password_token_status
from flask_security.views import login

from webinars.accounts import limits, rules, service
from webinars.accounts.forms import ForgottenForm, NewPasswordForm
from webinars.accounts.models import User
from webinars.accounts.queries import current_staff
from webinars.core.clock import utc_now
from webinars.core.database import transaction

#: where the session keeps the token once the address no longer shows it
TOKEN = "reset_token"
#: stands in the address where the token was
SHOWN = "choose"


def sign_in() -> ResponseReturnValue:
    """Let the library sign somebody in, and go on to a page of the staff area and nowhere else."""
    if request.method == "POST" and rules.is_broken_address(request.args.get("next", "")):
        return redirect(url_for("security.login"))
    answer: ResponseReturnValue = login()
    if current_staff() is None:
        return answer
    asked = request.form.get("next") or request.args.get("next", "")
    return redirect(rules.safe_next(asked) or url_for(current_app.config["SECURITY_POST_LOGIN_VIEW"]))


def forgot_password() -> ResponseReturnValue:
    """Ask for the address, and answer the same for every one."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("security/forgot_password.html", form=form), 422 if form.errors else 200
    if not limits.may_ask_for_reset():
        abort(429)
    with transaction():
        service.request_reset(form.email.data or "", utc_now())
    return render_template("security/forgot_sent.html", email=form.email.data)


def reset_password(token: str) -> ResponseReturnValue:
    """Take the token out of the address, then let its owner choose a password."""
    if token != SHOWN:
        if _user_of(token) is None:
            return _spent()
        session[TOKEN] = token
        return redirect(url_for("security.reset_password", token=SHOWN))
    user = _user_of(session.get(TOKEN, ""))
    if user is None:
        return _spent()
    form = NewPasswordForm(user)
    if not form.validate_on_submit():
        return render_template("security/reset_password.html", form=form, user=user), 422 if form.errors else 200
    return _set(form.new_password.data or "")


def _set(password: str) -> ResponseReturnValue:
    """Set the password if the token still holds inside the transaction: it is good for one time."""
    with transaction():
        user = _user_of(session.pop(TOKEN, ""))
        if user is None:
            return _spent()
        service.change_password(user, password, utc_now())
    flash(_("Your new password is set. Sign in with it."), "success")
    return redirect(url_for("security.login"))


def _user_of(token: str) -> User | None:
    expired, invalid, user = reset_password_token_status(token) if token else (False, True, None)
    good = isinstance(user, User) and user.active and not expired and not invalid
    return user if good else None


def _spent() -> ResponseReturnValue:
    session.pop(TOKEN, None)
    flash(_("This link has been used or is too old. Ask for a new one here."), "warning")
    return redirect(url_for("security.forgot_password"))
