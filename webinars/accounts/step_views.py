"""The second step of signing in: a code, a passkey, or setting up a second factor where one is required."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import Field

from webinars.accounts import entering, limits, passkeys, pending, queries, second_factor, vault
from webinars.accounts.forms import CodeForm, NewPasskeyForm, PasskeyForm
from webinars.accounts.models import User
from webinars.core import qr
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.http import current_settings

pages = Blueprint("accounts", __name__)
#: under which the session keeps, enciphered, the secret that an app is shown and has not confirmed
_NEW = "app"


@pages.route("/sign-in/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """Ask for the code of the app, or a recovery code in its place."""
    half = entering.half_way()
    if half is None:
        return _begin_again()
    form, user, who = CodeForm(), half.user, half.user.fs_uniquifier
    if form.validate_on_submit() and (via := take_code(user, form.code)):
        known = queries.find_user_by_uniquifier(who)
        return entering.enter(known, via, half.target) if known else _begin_again()
    facts = passkey_facts() if queries.passkeys_of(user.id) else {}
    page = render_template("security/code.html", form=form, has_app=bool(user.totp_secret), target=half.target, **facts)
    return page, 422 if form.errors else 200


def take_code(user: User, field: Field) -> str:
    """Take a code of either kind and name it; empty for one that is wrong, which the field then says.

    Aborts with 429 after too many.
    """
    email, user_id, now = user.email, user.id, utc_now()
    if not limits.may_try(email, limits.CODES):
        abort(429)
    digits = "".join((field.data or "").split())
    of_app = digits.isascii() and digits.isdecimal()
    with transaction():
        known = queries.get_user(user_id)
        take = second_factor.take_code if of_app else second_factor.take_recovery_code
        is_right = take(known, digits, now)
    if not is_right:
        limits.note_failure(email, limits.CODES)
        field.errors = [_("This code is not right, or was used already. Wait for the next one and try again.")]
        return ""
    limits.note_success(email, limits.CODES)
    if of_app:
        return "code"
    left = queries.count_recovery_codes(user_id)
    words = ngettext("You used a recovery code: %(num)s is left.", "You used a recovery code: %(num)s are left.", left)
    flash(words + " " + _("Make new ones under Your account when few are left."), "warning")
    return "recovery code"


@pages.post("/sign-in/passkey")
def passkey() -> ResponseReturnValue:
    """Sign in with a passkey, alone or after the password."""
    form, now = PasskeyForm(), utc_now()
    if form.validate_on_submit():
        with transaction():
            user = passkeys.use(form.answer.data, entering.take_challenge(), now)
        if user is not None:
            return entering.enter(user, "passkey", entering.asked_target())
    flash(_("This passkey opened nothing, or the page was open for long. Try again, or use your password."), "error")
    return redirect(url_for("security.login"))


@pages.route("/sign-in/second-factor", methods=["GET", "POST"])
def set_up() -> ResponseReturnValue:
    """Lead somebody who has to have a second factor to setting it up."""
    half = _half_without_factor()
    if half is None:
        return _begin_again()
    target, facts = half.target, passkey_facts(half.user)

    def done(user: User) -> ResponseReturnValue:
        return with_recovery_codes(user, "code", target)

    return set_up_page(half.user, "security/second_factor.html", done, **facts)


@pages.post("/sign-in/second-factor/passkey")
def set_up_passkey() -> ResponseReturnValue:
    """Take a passkey as the second factor that is required."""
    half, form, now = _half_without_factor(), NewPasskeyForm(), utc_now()
    if half is None or not form.validate_on_submit():
        return _begin_again()
    user_id = half.user.id
    try:
        with transaction():
            user = queries.get_user(user_id)
            passkeys.add(user, form.answer.data, entering.take_challenge(), form.name.data or "", now)
    except UserError as error:
        flash(str(error), "error")
        return redirect(url_for("accounts.set_up"))
    return with_recovery_codes(user, "passkey", half.target)


def _half_without_factor() -> entering.HalfWay | None:
    """Give who is half-way in and has no second factor: nobody replaces one without showing the one before."""
    half = entering.half_way()
    return half if half and not half.user.totp_secret and not queries.passkeys_of(half.user.id) else None


def _begin_again() -> ResponseReturnValue:
    flash(_("That took a while. Sign in once more."), "warning")
    return redirect(url_for("security.login"))


def set_up_page(
    user: User, template: str, done: Callable[[User], ResponseReturnValue], **facts: Any
) -> ResponseReturnValue:
    """Show a new secret as a picture and as text, until the first code of the app confirms it."""
    form, user_id, known_secret = CodeForm(), user.id, _shown_secret(user)
    secret = known_secret or _show_new_secret(user)
    if request.method == "POST" and not known_secret:
        form.code.errors = [_("This page was open for long, so the square is a new one. Let your app read it again.")]
    elif form.validate_on_submit():
        if not limits.may_try(user.email, limits.CODES):
            abort(429)
        with transaction():
            known = queries.get_user(user_id)
            is_right = second_factor.set_up(known, secret, "".join((form.code.data or "").split()), utc_now())
        if is_right:
            pending.take(_NEW)
            return done(known)
        limits.note_failure(known.email, limits.CODES)
        form.code.errors = [_("This code is not right. Check that your telephone shows the right time, and try again.")]
    address = second_factor.address_of(secret, user.email, current_settings().organization_name)
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    page = render_template(template, form=form, user=user, drawing=qr.svg_of(address), secret=groups, **facts)
    return page, 422 if form.errors else 200


def _shown_secret(user: User) -> str | None:
    """Give the secret that this person was shown in this browser not long ago."""
    kept = pending.find(_NEW)
    return vault.open_again(kept["secret"]) if kept and kept["who"] == user.fs_uniquifier else None


def _show_new_secret(user: User) -> str:
    secret = second_factor.new_secret()
    pending.keep(_NEW, who=user.fs_uniquifier, secret=vault.close(secret))
    return secret


def with_recovery_codes(user: User, via: str, target: str) -> ResponseReturnValue:
    """Sign somebody in, and show their first recovery codes before they go on, if codes are ever asked of them."""
    user_id, is_asked = user.id, entering.asks_code(user)
    entering.start(user, via)
    if not is_asked or queries.count_recovery_codes(user_id):
        return redirect(entering.target_or_today(target))
    return show_new_codes(user_id, entering.target_or_today(target))


def show_new_codes(user_id: int, onward: str) -> ResponseReturnValue:
    """Make new recovery codes and show them, in the answer itself: they are kept nowhere."""
    with transaction():
        codes = second_factor.new_recovery_codes(queries.get_user(user_id), utc_now())
    return render_template("security/recovery_codes.html", codes=codes, onward=onward)


def passkey_facts(user: User | None = None) -> dict[str, Any]:
    """Give a page what a browser needs to use a passkey, or to make one for somebody."""
    if passkeys.host() is None:
        return {}
    challenge = entering.challenge()
    if user is None:
        return {"passkey_options": passkeys.options_to_use(challenge)}
    return {"passkey_options": passkeys.options_to_add(user, challenge, current_settings().organization_name)}
