"""The way in: who showed one thing about themselves, what is still asked of them, and the sign-in at its end.

Until the last step nobody is signed in: the cookie says, signed, who is half-way, and for some minutes only.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.utils import login_user
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from werkzeug.wrappers import Response

from webinars.accounts import pending, queries, rules
from webinars.accounts.drafts.typing import GO_ON, keep_for, place_of_form
from webinars.accounts.models import StaffSession, User
from webinars.core.clock import utc_now
from webinars.core.http import current_settings

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
_HALF, _CHALLENGE = "half", "challenge"
#: a page that asks for a passkey leaves at least ten minutes for it
_CHALLENGE_RENEWED = timedelta(minutes=5)
#: after this somebody is asked again for what changes the ways in; whoever has the page open has longer to finish it
FRESH, FRESH_TO_FINISH = timedelta(minutes=10), timedelta(minutes=30)
#: ways in that stand for two factors
SAME_STRENGTH = "as before"
_STRONG = frozenset({"code", "recovery code", "passkey", "issuer with second factor", SAME_STRENGTH})


@dataclass(frozen=True)
class HalfWay:
    """Somebody who has shown one thing about themselves."""

    user: User
    #: how: "password", "issuer" …
    via: str
    #: the page to go on to
    target: str


def is_required(user: User) -> bool:
    """Say whether somebody has to have a second factor here."""
    return rules.needs_second_factor(user, production=current_settings().production)


def asks_code(user: User) -> bool:
    """Say whether more than a password is asked of somebody."""
    return bool(user.totp_secret) or is_required(user)


def go_on(user: User, via: str, target: str) -> Response:
    """Let somebody in who has shown enough, or lead on to what is still asked."""
    if via in _STRONG or not asks_code(user):
        return enter(user, via, target)
    pending.keep(_HALF, who=user.fs_uniquifier, via=via, target=target)
    return redirect(url_for(_next_step(user)), 303)


def _next_step(user: User) -> str:
    if user.totp_secret or queries.passkeys_of(user.id):
        return "accounts.code"
    return "accounts.set_up"


def half_way() -> HalfWay | None:
    """Give who is half-way in, as long as that holds."""
    kept = pending.find(_HALF)
    user = named_in(kept)
    return HalfWay(user, kept["via"], kept["target"]) if user else None


def named_in(kept: dict[str, Any]) -> User | None:
    """Give whom something names that the session keeps, if they may still sign in."""
    return queries.find_user_by_uniquifier(kept["who"]) if kept else None


def enter(user: User, via: str, target: str) -> Response:
    """Sign somebody in, and go on to the page they wanted."""
    start(user, via)
    return redirect(target_or_today(target))


def start(user: User, via: str) -> None:
    """Sign somebody in; the gate notes it in the database."""
    login_user(user, authn_via=[via])


def is_strong(via: list[str] | None) -> bool:
    """Say whether ways in stand for two factors."""
    return not _STRONG.isdisjoint(via or ())


def target_or_today(target: str) -> str:
    """Give the page to go on to, which lies in the staff area."""
    return rules.safe_next(target) or url_for(current_app.config["SECURITY_POST_LOGIN_VIEW"])


def asked_target() -> str:
    """Give the page that this request says somebody wanted."""
    return rules.safe_next(request.form.get("next") or request.args.get("next", ""))


def sign_in_at_hand() -> StaffSession:
    """Give the sign-in that this request came with; only behind the gate."""
    found: StaffSession = g.staff_session
    return found


def asked_again(*methods: str, where: Callable[..., bool] = lambda **named: True) -> Callable[[View], View]:
    """Ask whoever enters a view to show that it is them, unless they did not long ago.

    Parameters: methods, only these; where, a condition on what the address names.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def asked(*args: Any, **named: Any) -> ResponseReturnValue:
            within = FRESH_TO_FINISH if request.method == "POST" else FRESH
            is_due = request.method in (methods or {request.method}) and where(**named)
            if not is_due or rules.is_fresh(sign_in_at_hand().proved_at, within, utc_now()):
                return view(*args, **named)
            place = _place_after_asking() if request.method == "POST" else request.path
            target = rules.safe_next(request.script_root + place)
            return redirect(url_for("accounts_staff.confirm", next=target or None), 303)

        asked.asked_again = frozenset(methods or {"GET", "POST"})  # type: ignore[attr-defined]
        return cast(View, asked)

    return mark


def fresh(view: View) -> View:
    """Ask whoever enters a view to show that it is them, whatever it is asked."""
    return asked_again()(view)


def _place_after_asking() -> str:
    """Keep what was sent as a draft where the form can show it again, and give the page to come back to."""
    user, place = queries.current_staff(), place_of_form()
    if user is not None and place is not None:
        keep_for(user, place)
        flash(_("This was open for a while. Confirm that it is you: what you typed is kept."), "warning")
        return place + GO_ON
    flash(_("This was open for a while. Confirm that it is you, then do it once more."), "warning")
    came_from = "" if rules.is_broken_address(request.referrer or "") else request.referrer or ""
    return urlsplit(came_from).path.removeprefix(request.script_root)


def challenge() -> bytes:
    """Give what the next passkey has to sign: the same on pages opened within minutes, until one is used."""
    if not pending.find(_CHALLENGE, _CHALLENGE_RENEWED):
        pending.keep(_CHALLENGE, asked=bytes_to_base64url(secrets.token_bytes(32)))
    return base64url_to_bytes(pending.find(_CHALLENGE)["asked"])


def take_challenge() -> bytes:
    """Give what a passkey had to sign; when nothing was asked, or long ago, something that none has signed."""
    asked = pending.take(_CHALLENGE)
    return base64url_to_bytes(asked["asked"]) if asked else secrets.token_bytes(32)
