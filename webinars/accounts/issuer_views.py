"""Signing in with an account elsewhere (OpenID Connect). The way back is a GET and signs nobody in: a button does."""

import hmac
import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from webinars.accounts import entering, issuer, limits, pending
from webinars.accounts.models import User
from webinars.accounts.queries import find_user
from webinars.accounts.step_views import pages
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.http import current_settings, path_in, site_url_for
from webinars.core.language import DEFAULT_LANGUAGE, current_language

#: under which the session keeps what was asked of the issuer, and who came back
_ASKED, _ARRIVED = "asked", "arrived"


@pages.get("/sign-in/elsewhere")
def elsewhere() -> ResponseReturnValue:
    """Send the browser to the issuer."""
    if not issuer.is_there():
        abort(404)
    asked = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    try:
        address = issuer.address_to_ask(**asked, back=_back(), now=utc_now())
    except UserError as error:
        return _refused(str(error))
    pending.keep(_ASKED, **asked, target=entering.asked_target(), language=current_language())
    return redirect(address)


@pages.get("/sign-in/back")
def back() -> ResponseReturnValue:
    """Take who comes back from the issuer, and ask them to go on."""
    asked = pending.take(_ASKED)
    if not asked or not _is_answer_to(asked):
        return _refused(_("That took a while. Sign in once more."))
    code = request.args.get("code", "")
    if not code:
        return _refused(_("You were not signed in there. Try again, or use your password."))
    if not limits.may_ask_issuer():
        abort(429)
    try:
        claims = issuer.claims_for(code, asked["nonce"], asked["verifier"], _back(), utc_now())
        user = _invited(claims)
    except UserError as error:
        return _refused(str(error))
    pending.keep(_ARRIVED, who=user.fs_uniquifier, target=asked["target"], mark=secrets.token_urlsafe(16))
    return redirect(path_in(asked["language"], "accounts.arrived"))


@pages.route("/sign-in/arrived", methods=["GET", "POST"])
def arrived() -> ResponseReturnValue:
    """Sign in who came back, at the press of a button."""
    kept = pending.find(_ARRIVED)
    user = entering.named_in(kept)
    if user is None:
        return _refused(_("That took a while. Sign in once more."))
    if not FlaskForm().validate_on_submit():
        return render_template("security/arrived.html", user=user)
    with transaction():
        is_first = pending.spend(kept["mark"], utc_now())
        user = entering.named_in(kept)
    if not is_first or user is None:
        return _refused(_("That took a while. Sign in once more."))
    via = "issuer with second factor" if current_settings().oidc_trusted_mfa else "issuer"
    return entering.go_on(user, via, kept["target"])


def _is_answer_to(asked: dict[str, Any]) -> bool:
    return hmac.compare_digest(request.args.get("state", "").encode(), asked["state"].encode())


def _invited(claims: dict[str, Any]) -> User:
    """Find whom an owner let in under the address that the issuer has checked; nobody is let in by coming.

    Raises UserError.
    """
    address, name = str(claims.get("email") or ""), current_settings().oidc_name
    if not address or claims.get("email_verified") is not True:
        raise UserError(_("%(name)s has not checked your email address, so we cannot tell who you are.", name=name))
    user = find_user(address)
    if user is None or not user.active:
        words = _(
            "%(address)s may not sign in here. Ask an owner to add this address under People and access.",
            address=address,
        )
        raise UserError(words)
    return user


def _back() -> str:
    """Give where the issuer sends people back to: one address, as it is registered there."""
    return site_url_for("accounts.back", language=DEFAULT_LANGUAGE)


def _refused(words: str) -> ResponseReturnValue:
    flash(words, "error")
    return redirect(url_for("security.login"))
