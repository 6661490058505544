"""Signing in and forgotten passwords: these stand in for the sign-in library's own pages, at its addresses.

For a forgotten password the library would write the letter inside the request, so that known addresses take longer than
unknown ones, and would commit by itself. Here the same work is done for every address, and the one transaction is ours.
What comes after the password is in step_views.
"""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.recoverable import reset_password_token_status

from webinars.accounts import entering, limits, passkeys, pending, queries, service
from webinars.accounts.forms import ForgottenForm, NewPasskeyForm, NewPasswordForm, SignInForm
from webinars.accounts.models import User
from webinars.accounts.queries import current_staff
from webinars.accounts.step_views import passkey_facts, with_recovery_codes
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.http import current_settings

#: under which the session keeps the token of a letter once the address no longer shows it
_LETTER = "letter"
#: stands in the address where the token was
SHOWN = "choose"


def sign_in() -> ResponseReturnValue:
    """Take address and password, and let in or lead on to a page of the staff area and nowhere else."""
    if current_staff() is not None:
        return redirect(entering.target_or_today(entering.asked_target()))
    form = SignInForm()
    if form.validate_on_submit() and isinstance(form.user, User):
        return entering.go_on(form.user, "password", entering.asked_target())
    issuer = current_settings().oidc_name
    return render_template("security/login_user.html", form=form, issuer=issuer, **passkey_facts())


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
        pending.keep(_LETTER, token=token)
        return redirect(url_for("security.reset_password", token=SHOWN))
    user = _user_of(_token_at_hand())
    if user is None:
        return _spent()
    newcomer = _is_newcomer(user)
    if newcomer and request.form.get("answer"):
        return _add_passkey()
    form = NewPasswordForm(user)
    if not form.validate_on_submit():
        facts = passkey_facts(user) if newcomer else {}
        page = render_template("security/reset_password.html", form=form, user=user, newcomer=newcomer, **facts)
        return page, 422 if form.errors else 200
    return _set(form.new_password.data or "", newcomer)


def _is_newcomer(user: User) -> bool:
    """Say whether somebody has nothing yet to sign in with: who has a second factor is asked for it."""
    return not (user.password or user.totp_secret or queries.passkeys_of(user.id))


def _set(password: str, newcomer: bool) -> ResponseReturnValue:
    """Set the password if the token still holds inside the transaction: it is good for one time."""
    with transaction():
        user = _user_of(_token_at_hand())
        if user is None:
            return _spent()
        change = service.set_password if newcomer else service.change_password
        change(user, password, utc_now())
    if newcomer:
        # The letter showed that the mailbox is theirs, and the password was typed this moment.
        return entering.go_on(user, "password", "")
    flash(_("Your new password is set. Sign in with it."), "success")
    return redirect(url_for("security.login"))


def _add_passkey() -> ResponseReturnValue:
    """Let a newcomer in by a passkey instead of a password, if the token still holds inside the transaction."""
    form, now = NewPasskeyForm(), utc_now()
    if not form.validate_on_submit():
        return redirect(url_for("security.reset_password", token=SHOWN))
    try:
        with transaction():
            user = _user_of(_token_at_hand())
            if user is None:
                return _spent()
            passkeys.add(user, form.answer.data, entering.take_challenge(), form.name.data or "", now)
            # What ends sign-ins also spends the link of the letter.
            service.end_sessions(user, now)
    except UserError as error:
        flash(str(error), "error")
        return redirect(url_for("security.reset_password", token=SHOWN))
    return with_recovery_codes(user, "passkey", "")


def _token_at_hand() -> str:
    """Give the token of the letter, for as long as it holds: who is interrupted finds the page as it was."""
    return str(pending.find(_LETTER, service.RESET_HOLDS).get("token", ""))


def _user_of(token: str) -> User | None:
    expired, invalid, user = reset_password_token_status(token) if token else (False, True, None)
    good = isinstance(user, User) and user.active and not expired and not invalid
    return user if good else None


def _spent() -> ResponseReturnValue:
    flash(_("This link has been used or is too old. Ask for a new one here."), "warning")
    return redirect(url_for("security.forgot_password"))
