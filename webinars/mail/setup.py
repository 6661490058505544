"""Joins mail to the application: Flask-Mail, the queue, waking the worker after a commit."""

from flask import Flask, current_app
from flask_mail import Mail
from sqlalchemy import event
from sqlalchemy.orm import Session

from config import Settings
from webinars.core.database import db
from webinars.mail.dkim_signing import signer_from
from webinars.mail.inbound import queries
from webinars.mail.outbox import OWED
from webinars.mail.queue import init_queue, queue_of


def init_mail(app: Flask) -> None:
    """Set up sending and the waking of workers; the settings are in extensions["settings"].

    Raises SettingError for a DKIM key that cannot be used.
    """
    settings: Settings = app.extensions["settings"]
    app.config.update(
        MAIL_SERVER=settings.mail_server,
        MAIL_PORT=settings.mail_port,
        MAIL_USERNAME=settings.mail_username or None,
        MAIL_PASSWORD=settings.mail_password or None,
        MAIL_USE_TLS=settings.mail_use_tls,
        MAIL_USE_SSL=settings.mail_use_ssl,
        MAIL_DEFAULT_SENDER=settings.mail_default_sender,
        MAIL_MAX_EMAILS=settings.mail_max_emails,
        # smtplib prints every letter to standard error at level 1.
        MAIL_DEBUG=0,
        # Tests use a real server too.
        MAIL_SUPPRESS_SEND=False,
    )
    Mail(app)
    app.extensions["dkim"] = signer_from(settings)
    init_queue(app, settings)
    app.jinja_env.globals["tray_waiting"] = queries.count_waiting
    _listen_to_commits()


def _listen_to_commits() -> None:
    if not event.contains(db.session, "after_commit", _wake):
        event.listen(db.session, "after_commit", _wake)
        event.listen(db.session, "after_rollback", _forget)


def _wake(session: Session) -> None:
    if session.info.pop(OWED, False):
        queue_of(current_app._get_current_object()).wake()  # type: ignore[attr-defined]


def _forget(session: Session) -> None:
    session.info.pop(OWED, None)
