"""Joins the sign-in library to the application: addresses, rules for passwords, letters, and what it may cost."""

from datetime import timedelta
from typing import Any

from flask import Flask, Response, request
from flask_babel import lazy_gettext as _l
from flask_security import Security, SQLAlchemyUserDatastore

from webinars.accounts import service, views
from webinars.accounts.forms import SignInForm
from webinars.accounts.gate import init_gate
from webinars.accounts.issuer import init_issuer
from webinars.accounts.letters import OutboxMail
from webinars.accounts.limits import init_limits
from webinars.accounts.models import Role, User
from webinars.accounts.rules import LEAST_PASSWORD
from webinars.core.database import db

#: argon2id with the least that OWASP's password storage cheat sheet accepts: 19 MiB, two rounds, one lane (some 30 ms)
_ARGON2 = {"argon2__type": "ID", "argon2__memory_cost": 19 * 1024, "argon2__time_cost": 2, "argon2__parallelism": 1}

_CONFIG: dict[str, Any] = {
    "SECURITY_LOGIN_URL": "/staff/sign-in",
    "SECURITY_LOGOUT_URL": "/staff/sign-out",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_RESET_URL": "/staff/reset-password",
    "SECURITY_POST_LOGIN_VIEW": "staff.today",
    "SECURITY_POST_LOGOUT_VIEW": "security.login",
    "SECURITY_RECOVERABLE": True,
    "SECURITY_RESET_PASSWORD_WITHIN": service.RESET_HOLDS,
    # Our own page asks for the password again (account_views); below zero the library leaves out its own.
    "SECURITY_FRESHNESS": timedelta(minutes=-1),
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    # One answer for all that is wrong is given by our own form, which still names empty fields.
    "SECURITY_RETURN_GENERIC_RESPONSES": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": service.EMAIL_ARGS,
    "SECURITY_EMAIL_HTML": False,
    "SECURITY_PASSWORD_LENGTH_MIN": LEAST_PASSWORD,
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    # A second hash under the secret key would make every password worthless when that key is changed.
    "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": _ARGON2,
    "SECURITY_MSG_INVALID_REDIRECT": (_l("That page is not here."), "error"),
}


def init_accounts(app: Flask) -> None:
    """Set up signing in, and the gate in front of staff pages."""
    app.config.update(_CONFIG)
    init_limits(app)
    security = Security(app, SQLAlchemyUserDatastore(db, User, Role), login_form=SignInForm, mail_util_cls=OutboxMail)
    app.view_functions["security.login"] = views.sign_in
    app.view_functions["security.forgot_password"] = views.forgot_password
    app.view_functions["security.reset_password"] = views.reset_password
    _spare_public_pages(app, security)
    init_gate(app, security)
    init_issuer(app)
    app.after_request(_keep_private)


def _spare_public_pages(app: Flask, security: Security) -> None:
    """Take away what the libraries would do on every request.

    Asking for the user and looking into the session each time costs public pages a query for staff, makes their answers
    vary by cookie, and serves identities and remembered sign-ins, which are not used here.
    """
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)
    processors = app.template_context_processors[None]
    processors[:] = [each for each in processors if each.__name__ != "_user_context_processor"]


def _keep_private(response: Response) -> Response:
    """Let nobody keep, index or frame staff pages; forms inside still tell their own site where they come from."""
    if request.path.startswith("/staff"):
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "same-origin"
    return response
