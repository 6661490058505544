"""Is this installation fit to be public? The web server and the worker refuse to start when it is not."""

import stat
from pathlib import Path

from webinars.archive.processing import ffmpeg
from webinars.archive.store import current_store
from webinars.core.database import db
from webinars.core.http import current_settings
from webinars.core.migrations import pending_migrations
from webinars.mail.outbox import sender_domain


class Unfit(Exception):
    """Refuse to start, with what to do."""


def problems() -> list[str]:
    """List what is missing for production, in plain words."""
    settings = current_settings()
    found = dangers()
    if not settings.production:
        found.append("SITE_URL does not begin with https, so visitors' data would travel in the clear")
    if settings.mail_server in {"127.0.0.1", "localhost"} and settings.mail_port != 25:
        found.append("MAIL_SERVER is this machine's test mailbox: name the server that sends your mail")
    if settings.mail_default_sender.endswith(("localhost", "localdomain", ".example", "example.org")):
        found.append("MAIL_DEFAULT_SENDER is no address of yours, so no mail server will take your letters for real")
    if settings.dkim_domain and not f".{sender_domain()}".endswith(f".{settings.dkim_domain}"):
        found.append("DKIM_DOMAIN is not the domain of MAIL_DEFAULT_SENDER, so its signature does not speak for it")
    if settings.secret_key_fallbacks and settings.hash_key == settings.secret_key:
        found.append("SECRET_KEY has changed: set HASH_KEY to the first one, or who unsubscribed is forgotten")
    if lacking := ffmpeg.missing():
        found.append(f"ffmpeg cannot make sizes of recordings, since {', '.join(lacking)} is missing: install ffmpeg")
    if amiss := current_store().problem():
        found.append(amiss)
    if not settings.ratelimit_enabled:
        found.append("RATELIMIT_ENABLED is 0, so nothing limits letters to an address or guesses at a password")
    return found


def dangers() -> list[str]:
    """List what no public installation may run with."""
    settings = current_settings()
    found = []
    if settings.debug:
        found.append("FLASK_DEBUG is on: it shows the inside of the program to visitors")
    if settings.weak_secret:
        found.append("SECRET_KEY must be set to at least 32 random bytes, for example from: openssl rand -hex 32")
    if _readable_by_others():
        found.append("the database file can be read by other users: chmod 600 it")
    if settings.dkim_key_file and Path(settings.dkim_key_file).stat().st_mode & stat.S_IRWXO:
        found.append("DKIM_KEY_FILE can be read by everybody on this machine: chmod 600 it")
    if pending_migrations():
        found.append("the database is behind the code: run flask db upgrade")
    return found


def refuse_to_start_unfit() -> None:
    """Stop a production server or worker that would be a danger.

    Raises Unfit.
    """
    if current_settings().production and (found := dangers()):
        raise Unfit("Not started. " + "; ".join(found))


def _readable_by_others() -> bool:
    if db.engine.dialect.name != "sqlite":
        return False
    file = Path(str(db.engine.url.database))
    return file.exists() and bool(file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
