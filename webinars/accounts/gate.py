"""Who is signed in, and whether they may enter: sign-ins kept in the database, the gate in front of staff pages."""

from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import user_logged_out
from flask_security import Security, user_authenticated
from flask_security.utils import set_request_attr
from flask_wtf.csrf import generate_csrf
from sqlalchemy import inspect
from werkzeug.wrappers import Response as AnyResponse

from webinars.accounts import entering, pending, queries, rules, service, sign_ins
from webinars.accounts.drafts.typing import GO_ON, keep_from_former_sign_in, keep_without_token
from webinars.accounts.models import User
from webinars.core.audience import Audience, Needs, Scope
from webinars.core.clock import utc_now
from webinars.core.database import transaction


def init_gate(app: Flask, security: Security) -> None:
    """Put the gate in place and keep sign-ins in the database."""
    app.extensions["staff_gate"] = staff_gate
    app.extensions["keep_typed"] = keep_without_token
    security.login_manager.user_loader(_load_user)
    # No tokens in headers, addresses or bodies: programs use the API and its own tokens.
    security.login_manager.request_loader(None)
    security.login_manager.session_protection = None
    security.want_json(lambda asked: False)
    user_authenticated.connect(_note_sign_in, app)
    user_logged_out.connect(_note_sign_out, app)
    app.jinja_env.globals.update(current_staff=queries.current_staff, staff_may=staff_may)


def staff_gate(asked: Needs, named: Mapping[str, Any]) -> AnyResponse | None:
    """Let in who may enter: None, or the way to the sign-in page; aborts with 403 for whom the page is not.

    Parameters: named holds what the address names; of a webinar its ``slug``.
    """
    user = queries.current_staff()
    if user is None:
        return _to_sign_in()
    _note_use()
    if not asked.audience.admits(rules.roles_of(user)):
        abort(403, _("Your role does not include this. An owner can change that under People and access."))
    if asked.scope is Scope.WEBINAR and not _is_theirs(user, str(named["slug"])):
        abort(403, _("You have no part in this webinar. Whoever is responsible for it can add you to its team."))
    return None


def _is_theirs(user: User, slug: str) -> bool:
    """Say whether a webinar is open to somebody: hosts have those in which they have a part."""
    if not rules.is_host(user):
        return True
    open_to: bool = current_app.extensions["has_part"](user.id, slug)
    return open_to


def staff_may(role: str) -> bool:
    """Say whether whoever is signed in may do what a role may do; for templates: ``staff_may("editor")``."""
    user = queries.current_staff()
    return user is not None and Audience[role.upper()].admits(rules.roles_of(user))


def _to_sign_in() -> AnyResponse:
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("security.login")})
    if place := keep_from_former_sign_in():
        flash(_("You were signed out in the meantime. Sign in, and what you typed is here."), "warning")
        return redirect(url_for("security.login", next=request.script_root + place + GO_ON), 303)
    if request.method not in {"GET", "HEAD"}:
        flash(_("You were signed out in the meantime. Sign in and try again."), "warning")
        return redirect(url_for("security.login"), 303)
    target = request.script_root + request.full_path.rstrip("?")
    return redirect(url_for("security.login", next=rules.safe_next(target) or None))


def _load_user(uniquifier: str) -> User | None:
    """Find whose cookie this is, as long as the sign-in behind it holds."""
    token = session.get(service.TOKEN)
    found = queries.find_session(service.token_hash(token), utc_now()) if token else None
    if found is None or found.user.fs_uniquifier != uniquifier:
        return None
    # Whoever became an owner meanwhile, or signed in before this was asked, comes in again with a second factor.
    if not found.strong and entering.is_required(found.user):
        return None
    g.staff_session = found
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return found.user


def _note_use() -> None:
    """Note now and then that a sign-in is used; not while somebody is looked up, which may be inside a transaction."""
    found, now = entering.sign_in_at_hand(), utc_now()
    if not sign_ins.is_use_noted(found, now):
        session_id = found.id
        with transaction(durable=False):
            sign_ins.note_use(session_id, now)


def _note_sign_in(app: Flask, user: User, authn_via: list[str] | None = None, **about: Any) -> None:
    """Start a new session in the middle of the library's sign-in; an earlier one on this device ends."""
    now, earlier, shown = utc_now(), session.pop(service.TOKEN, None), inspect(user).attrs.password.history
    pending.forget()
    with transaction():
        known = queries.find_user_by_uniquifier(session["_user_id"])
        if known is None:
            _begin_anew()
        # The library may have hashed the password anew, and the transaction starts from what is stored.
        if shown.added and shown.deleted:
            service.renew_hash(known, shown.deleted[0], shown.added[0])
        if earlier:
            service.end_session(earlier, now)
        strong = entering.is_strong(authn_via)
        session[service.TOKEN] = service.start_session(known, request.user_agent.string, now, strong=strong)
    _renew_csrf(app)


def _begin_anew() -> NoReturn:
    """Refuse who was deactivated, or got another password, while they were signing in with the one before."""
    session.clear()
    flash(_("Something about your account changed in the meantime. Sign in once more."), "warning")
    abort(redirect(url_for("security.login"), 303))


def _renew_csrf(app: Flask) -> None:
    """Forget the form token of the time before signing in."""
    session.pop(app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token"), None)
    generate_csrf()


def _note_sign_out(app: Flask, **about: Any) -> None:
    token = session.pop(service.TOKEN, None)
    pending.forget()
    if token:
        with transaction():
            service.end_session(token, utc_now())
