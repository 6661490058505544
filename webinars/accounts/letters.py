"""Letters to staff: about passwords, and whatever the sign-in library wants to say; all through the outbox."""

from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import MailUtil
from flask_security.recoverable import generate_reset_password_token

from webinars.accounts import passkeys, service
from webinars.accounts.models import User
from webinars.accounts.queries import find_user
from webinars.core.clock import utc_now
from webinars.core.http import current_settings, site_url_for
from webinars.core.language import DEFAULT_LANGUAGE, speaking
from webinars.mail.letters import Letter, NotSent, plain
from webinars.mail.models import Message
from webinars.mail.styles import inline

CODES_GONE = _l("Your recovery codes went with it: they open nothing any more.")
_NOBODY = NotSent("nobody who may sign in has this address")


def prepare(message: Message, now: datetime) -> Letter | NotSent:
    """Write the letter of a row with the notice ``staff-letter``.

    Links that open an account are made here, just before sending, so that none lies in the database.
    """
    payload: dict[str, Any] = message.payload or {}
    user = find_user(str(payload.get("email", "")))
    if user is None or not user.active:
        return _NOBODY
    with speaking(str(payload.get("language", DEFAULT_LANGUAGE))):
        return _letter(str(payload.get("kind", "")), user, payload)


def _letter(kind: str, user: User, payload: dict[str, Any]) -> Letter | NotSent:
    sender = current_settings().mail_sender_name or current_settings().organization_name
    language = str(payload.get("language", DEFAULT_LANGUAGE))
    if kind == "library":
        return Letter(user.email, sender, payload["subject"], plain(payload["text"]), language=language)
    subject = _subjects().get(kind)
    if subject is None:
        return NotSent(f"unknown kind of letter: {kind}")
    facts: dict[str, Any] = {
        "subject": subject,
        "language": language,
        "sender_name": sender,
        "name": user.name,
        "email": user.email,
        "home_url": site_url_for("site.home", language=language),
        "hours": int(service.RESET_HOLDS.total_seconds() // 3600),
        "url": _link(kind, user, language, str(payload.get("about", ""))),
    }
    if kind == "welcome":
        facts |= {"passkeys": passkeys.open_to_letters(), "issuer": current_settings().oidc_name,
                  "sign_in_url": site_url_for("security.login", language=language)}  # fmt: skip
    if note := _notes().get(kind):
        facts["note"] = f"{note} {CODES_GONE}" if payload.get("codes") else note
    folder = f"accounts_staff/letters/{'note' if note else kind}"
    html = inline(render_template(f"{folder}.html", **facts))
    text = render_template(f"{folder}.txt", **facts)
    return Letter(user.email, sender, subject, plain(text), plain(html), language=language)


def _link(kind: str, user: User, language: str, about: str) -> str:
    if kind == "wave":
        return site_url_for("registration_staff.wave", language=language, number=about)
    if kind == "test":
        return site_url_for("settings_staff.page", language=language, topic="mail")
    if kind == "password-changed" or kind in _notes():
        return site_url_for("security.forgot_password", language=language)
    return site_url_for("security.reset_password", language=language, token=generate_reset_password_token(user))


def _subjects() -> dict[str, str]:
    return {
        "welcome": _("Welcome to the webinar desk: choose how to sign in"),
        "reset": _("Choose a new password for the webinar desk"),
        "wave": _("Unusually many people are signing up"),
        "test": _("A test letter from the webinar desk"),
        "password-changed": _("Your password for the webinar desk has changed"),
        **dict.fromkeys(_notes(), _("The way you sign in to the webinar desk has changed")),
    }


def _notes() -> dict[str, str]:
    """Say what was done to the way somebody signs in, by the kind of letter."""
    return {
        "second-factor-set": _("From now on a code of an app on your telephone is asked when you sign in."),
        "second-factor-removed": _("No code of an app is asked any more when you sign in."),
        "second-factor-reset": _(
            "An owner took away your code app, your recovery codes and your passkeys, and signed you out everywhere. "
            "Sign in with your password, and set up a second factor anew under Your account."
        ),
        "recovery-code-used": _("Somebody signed in with one of your recovery codes. It opens nothing any more."),
        "passkey-added": _("A passkey was added. It opens the webinar desk without your password."),
        "passkey-removed": _("A passkey was removed. It opens nothing any more."),
    }


class OutboxMail(MailUtil):
    """Sends what the sign-in library wants to say through the outbox instead of from inside a request."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Owe the letter, in the transaction of the request."""
        now = utc_now()
        address = recipient[1] if isinstance(recipient, tuple) else recipient
        name = template.rpartition("/")[2]
        occasion = f"{name[:24]}-{now.timestamp():.6f}"
        service.owe_letter("library", address, now, occasion=occasion, subject=str(subject), text=body or "")
