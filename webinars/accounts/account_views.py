"""Your account: one's own name, password, second factor, passkeys, recovery codes and sign-ins."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.utils import login_user

from webinars.accounts import entering, forms, passkeys, queries, rules, second_factor, service, sign_ins
from webinars.accounts.entering import asked_again, fresh
from webinars.accounts.letters import CODES_GONE
from webinars.accounts.models import User
from webinars.accounts.staff_views import staff_pages
from webinars.accounts.step_views import passkey_facts, set_up_page, show_new_codes, take_code
from webinars.core.audience import Audience, Scope, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict, UserError


def _me() -> User:
    """Give whoever is signed in, with the values of this moment."""
    user = queries.current_staff()
    assert user is not None
    return queries.get_user(user.id)


def _to_account() -> ResponseReturnValue:
    return redirect(url_for("accounts_staff.account"))


@staff_pages.get("/account")
@needs(Audience.STAFF, Scope.OWN)
def account() -> ResponseReturnValue:
    """Show how one signs in, with what can be done about it."""
    user = _me()
    return render_template(
        "accounts_staff/account.html",
        user=user,
        form=forms.NameForm(name=user.name),
        passkeys=queries.passkeys_of(user.id),
        can_have_passkeys=passkeys.host() is not None,
        codes_left=queries.count_recovery_codes(user.id),
        required=entering.is_required(user),
        sign_ins=queries.sessions_of(user.id, utc_now()),
        at_hand=entering.sign_in_at_hand().id,
        device_words=rules.device_words,
    )


@staff_pages.post("/account/name")
@needs(Audience.STAFF, Scope.OWN)
def account_name() -> ResponseReturnValue:
    """Change one's own name."""
    form = forms.NameForm()
    if form.validate_on_submit():
        with transaction():
            service.rename(_me(), form.name.data or "", utc_now())
        flash(_("Saved."), "success")
    return _to_account()


@staff_pages.route("/account/confirm", methods=["GET", "POST"])
@needs(Audience.STAFF, Scope.OWN)
def confirm() -> ResponseReturnValue:
    """Ask once more for what signing in asks, or for a passkey, before something weighty is changed."""
    user, session_id = _me(), entering.sign_in_at_hand().id
    form = forms.ConfirmForm(user, asks_code=entering.asks_code(user))
    target = entering.asked_target() or url_for("accounts_staff.account")
    if form.validate_on_submit() and (not form.code or take_code(user, form.code)):
        with transaction():
            sign_ins.prove(session_id, utc_now(), strong=form.code is not None)
        return redirect(target)
    user = _me()
    facts = passkey_facts() if queries.passkeys_of(user.id) else {}
    page = render_template("accounts_staff/confirm.html", form=form, user=user, target=target, **facts)
    return page, 422 if form.errors else 200


@staff_pages.post("/account/confirm/passkey")
@needs(Audience.STAFF, Scope.OWN)
def confirm_passkey() -> ResponseReturnValue:
    """Take a passkey in place of the password."""
    form, session_id, user_id = forms.PasskeyForm(), entering.sign_in_at_hand().id, _me().id
    target, now = entering.asked_target() or url_for("accounts_staff.account"), utc_now()
    if form.validate_on_submit():
        with transaction():
            user = passkeys.use(form.answer.data, entering.take_challenge(), now)
            if user is not None and user.id == user_id:
                sign_ins.prove(session_id, now, strong=True)
                return redirect(target)
    flash(_("This passkey opened nothing, or the page was open for long. Try again, or use your password."), "error")
    return redirect(url_for("accounts_staff.confirm", next=target))


@staff_pages.route("/account/second-factor", methods=["GET", "POST"])
@needs(Audience.STAFF, Scope.OWN)
@fresh
def second_factor_set_up() -> ResponseReturnValue:
    """Set up a code app, or another one in place of the present."""
    return set_up_page(_me(), "accounts_staff/second_factor.html", _is_set_up)


def _is_set_up(user: User) -> ResponseReturnValue:
    """Make this sign-in one with two factors, and end the others, which were made without this app."""
    user_id, session_id, now = user.id, entering.sign_in_at_hand().id, utc_now()
    with transaction():
        sign_ins.prove(session_id, now, strong=True)
        sign_ins.end_others(queries.get_user(user_id), session_id, now)
    flash(_("From now on a code of your app is asked when you sign in."), "success")
    if queries.count_recovery_codes(user_id):
        return _to_account()
    return show_new_codes(user_id, url_for("accounts_staff.account"))


@staff_pages.post("/account/second-factor/remove")
@needs(Audience.STAFF, Scope.OWN)
@fresh
def second_factor_remove() -> ResponseReturnValue:
    """Do without the code app."""
    try:
        with transaction():
            user = _me()
            codes_too = second_factor.remove(user, utc_now(), required=entering.is_required(user))
    except UserError as error:
        flash(str(error), "error")
    else:
        _say(_("No code is asked any more when you sign in."), codes_too)
    return _to_account()


def _say(words: str, codes_too: bool) -> None:
    """Say what was removed, and that the recovery codes went with it."""
    flash(f"{words} {CODES_GONE}" if codes_too else words, "success")


@staff_pages.post("/account/recovery-codes")
@needs(Audience.STAFF, Scope.OWN)
@fresh
def recovery_codes_new() -> ResponseReturnValue:
    """Make new recovery codes; those before open nothing any more."""
    return show_new_codes(_me().id, url_for("accounts_staff.account"))


@staff_pages.route("/account/passkeys/new", methods=["GET", "POST"])
@needs(Audience.STAFF, Scope.OWN)
@fresh
def passkey_new() -> ResponseReturnValue:
    """Add a passkey of this device, or of a key that is plugged in."""
    if passkeys.host() is None:
        return _to_account()
    form = forms.NewPasskeyForm()
    if form.validate_on_submit():
        try:
            with transaction():
                passkeys.add(_me(), form.answer.data, entering.take_challenge(), form.name.data or "", utc_now())
        except UserError as error:
            form.name.errors = [str(error)]
        else:
            flash(_("The passkey is added. You can sign in with it."), "success")
            return _to_account()
    elif request.method == "POST":
        form.name.errors = [_("Your browser made no passkey. Press the button and follow what it asks.")]
    page = render_template("accounts_staff/passkey_new.html", form=form, **passkey_facts(_me()))
    return page, 422 if form.errors else 200


@staff_pages.post("/account/passkeys/<int:passkey_id>/remove")
@needs(Audience.STAFF, Scope.OWN)
@fresh
def passkey_remove(passkey_id: int) -> ResponseReturnValue:
    """Forget a passkey."""
    try:
        with transaction():
            user = _me()
            codes_too = passkeys.remove(user, passkey_id, utc_now(), required=entering.is_required(user))
    except Conflict as error:
        flash(str(error), "error")
    else:
        _say(_("The passkey opens nothing here any more. You can delete it on the device as well."), codes_too)
    return _to_account()


@staff_pages.post("/account/sign-ins/<int:session_id>/end")
@needs(Audience.STAFF, Scope.OWN)
def sign_in_end(session_id: int) -> ResponseReturnValue:
    """End one of one's own sign-ins; the one at hand ends by signing out."""
    if session_id != entering.sign_in_at_hand().id:
        with transaction():
            sign_ins.end_one(_me(), session_id, utc_now())
        flash(_("That device is signed out."), "success")
    return _to_account()


@staff_pages.post("/account/sign-ins/end-others")
@needs(Audience.STAFF, Scope.OWN)
def sign_ins_end_others() -> ResponseReturnValue:
    """End all of one's own sign-ins but the one at hand."""
    session_id = entering.sign_in_at_hand().id
    with transaction():
        sign_ins.end_others(_me(), session_id, utc_now())
    flash(_("All other devices are signed out."), "success")
    return _to_account()


@staff_pages.route("/password", methods=["GET", "POST"])
@needs(Audience.STAFF, Scope.OWN)
@asked_again(where=lambda: not _me().password or entering.asks_code(_me()))
def password() -> ResponseReturnValue:
    """Change one's own password, or choose the first; every other device is signed out."""
    user = _me()
    user_id, form, strong = user.id, forms.ChangePasswordForm(user), entering.sign_in_at_hand().strong
    if form.validate_on_submit():
        with transaction():
            user = queries.get_user(user_id)
            service.change_password(user, form.new_password.data or "", utc_now())
        login_user(user, authn_via=[entering.SAME_STRENGTH if strong else "password"])
        flash(_("Your password is changed. Other devices were signed out."), "success")
        return redirect(url_for("staff.today"))
    return render_template("accounts_staff/password.html", form=form, user=user), 422 if form.errors else 200
