"""Is this installation fit to be public? The web server and the worker refuse to start when it is not."""

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask_babel import lazy_gettext as _l

from webinars.archive.processing import ffmpeg
from webinars.archive.store import current_store
from webinars.core.database import db
from webinars.core.http import current_settings
from webinars.core.migrations import pending_migrations
from webinars.core.organization import standing
from webinars.mail.outbox import sender_domain


class Unfit(Exception):
    """Refuse to start, with what to do."""


@dataclass(frozen=True)
class Check:
    """Something that has to be so before an installation is public."""

    #: what is looked at, what it means when it is not so, and how it is mended
    name: str
    means: str
    mend: str
    #: says what is amiss, for whoever runs the server; empty when nothing is
    problem: Callable[[], str]
    #: no public server starts with it
    danger: bool = False


def _debug() -> str:
    return "FLASK_DEBUG is on: it shows the inside of the program to visitors" if current_settings().debug else ""


def _secret() -> str:
    weak = current_settings().weak_secret
    return "SECRET_KEY must be set to at least 32 random bytes, for example from: openssl rand -hex 32" if weak else ""


def _database_file() -> str:
    return "the database file can be read by other users: chmod 600 it" if _readable_by_others() else ""


def _dkim_file() -> str:
    file = current_settings().dkim_key_file
    open_to_all = file and Path(file).stat().st_mode & stat.S_IRWXO
    return "DKIM_KEY_FILE can be read by everybody on this machine: chmod 600 it" if open_to_all else ""


def _migrations() -> str:
    return "the database is behind the code: run flask db upgrade" if pending_migrations() else ""


def _https() -> str:
    if current_settings().production:
        return ""
    return "SITE_URL does not begin with https, so visitors' data would travel in the clear"


def _mail_server() -> str:
    settings = current_settings()
    own = settings.mail_server in {"127.0.0.1", "localhost"} and settings.mail_port != 25
    return "MAIL_SERVER is this machine's test mailbox: name the server that sends your mail" if own else ""


def _sender() -> str:
    nobody = current_settings().mail_default_sender.endswith(("localhost", "localdomain", ".example", "example.org"))
    return (
        "MAIL_DEFAULT_SENDER is no address of yours, so no mail server will take your letters for real"
        if nobody
        else ""
    )


def _dkim_domain() -> str:
    domain = current_settings().dkim_domain
    other = domain and not f".{sender_domain()}".endswith(f".{domain}")
    return (
        "DKIM_DOMAIN is not the domain of MAIL_DEFAULT_SENDER, so its signature does not speak for it" if other else ""
    )


def _hash_key() -> str:
    settings = current_settings()
    lost = settings.secret_key_fallbacks and settings.hash_key == settings.secret_key
    return "SECRET_KEY has changed: set HASH_KEY to the first one, or who unsubscribed is forgotten" if lost else ""


def _ffmpeg() -> str:
    lacking = ", ".join(ffmpeg.missing())
    return f"ffmpeg cannot make sizes of recordings, since {lacking} is missing: install ffmpeg" if lacking else ""


def _limits() -> str:
    if current_settings().ratelimit_enabled:
        return ""
    return "RATELIMIT_ENABLED is 0, so nothing limits letters to an address or guesses at a password"


def _stored_settings() -> str:
    broken = ", ".join(standing.in_force().broken)
    return f"settings that were made in the browser cannot be read ({broken}): set them once more" if broken else ""


CHECKS = (
    Check(
        _l("The inside of the program is hidden"),
        _l("Visitors who meet a fault would read parts of the program, and could run some of their own."),
        _l("Whoever runs the server sets FLASK_DEBUG to 0 and starts the service again."),
        _debug,
        danger=True,
    ),
    Check(
        _l("The secret key cannot be guessed"),
        _l("Whoever guesses it could sign in as anybody and open anybody’s registration."),
        _l("Whoever runs the server sets SECRET_KEY to at least 32 random bytes."),
        _secret,
        danger=True,
    ),
    Check(
        _l("The database belongs to the service alone"),
        _l("Other users of the server could read every registration."),
        _l("Whoever runs the server takes their rights from the database file (chmod 600)."),
        _database_file,
        danger=True,
    ),
    Check(
        _l("The key that signs letters belongs to the service alone"),
        _l("Other users of the server could send letters in your name."),
        _l("Whoever runs the server takes their rights from DKIM_KEY_FILE (chmod 600)."),
        _dkim_file,
        danger=True,
    ),
    Check(
        _l("Database and program are of one version"),
        _l("Pages and letters that need what is new would fail."),
        _l("Whoever runs the server runs flask db upgrade."),
        _migrations,
        danger=True,
    ),
    Check(
        _l("What visitors send is encrypted on its way"),
        _l("Others in the same network could read who registers, and for what."),
        _l("Whoever runs the server gets a certificate and sets SITE_URL to an address that begins with https."),
        _https,
    ),
    Check(
        _l("Letters go to a mail server"),
        _l("They stay in a mailbox for trials on this machine: nobody gets one."),
        _l("Whoever runs the server sets MAIL_SERVER to the one that sends your mail."),
        _mail_server,
    ),
    Check(
        _l("Letters come from an address of yours"),
        _l("Mail servers refuse letters from addresses that do not exist, or take them for spam."),
        _l("Set the address that letters come from, under Mail on these pages."),
        _sender,
    ),
    Check(
        _l("The signature of letters speaks for their sender"),
        _l("Large mail providers take letters for spam whose signature belongs to somebody else."),
        _l("Set the sender to an address of the domain that is signed for, under Mail, or have DKIM_DOMAIN changed."),
        _dkim_domain,
    ),
    Check(
        _l("Who stopped letters is remembered"),
        _l("After the secret key was changed, people would get letters again that they had stopped."),
        _l("Whoever runs the server sets HASH_KEY to the first secret key."),
        _hash_key,
    ),
    Check(
        _l("Recordings can be made ready"),
        _l("Recordings are shown only as they were uploaded: large ones stop and start for many people."),
        _l("Whoever runs the server installs ffmpeg."),
        _ffmpeg,
    ),
    Check(
        _l("There is a place for recordings and pictures"),
        _l("What is uploaded cannot be kept."),
        _l("Whoever runs the server looks at MEDIA_ROOT or MEDIA_STORE_URL."),
        lambda: current_store().problem(),
    ),
    Check(
        _l("Somebody who tries passwords is slowed down"),
        _l("A program could guess passwords, or fill a stranger’s mailbox with our letters."),
        _l("Whoever runs the server sets RATELIMIT_ENABLED to 1."),
        _limits,
    ),
    Check(
        _l("What was set on these pages can be read"),
        _l("The configuration holds in place of what you set."),
        _l("Set it once more on its page."),
        _stored_settings,
    ),
)


def looked_at() -> list[tuple[Check, str]]:
    """Give every check with what is amiss, the dangerous ones first; empty where all is well."""
    return [(check, check.problem()) for check in CHECKS]


def problems() -> list[str]:
    """List what is missing for production, in plain words."""
    return [problem for _check, problem in looked_at() if problem]


def dangers() -> list[str]:
    """List what no public installation may run with."""
    return [problem for check in CHECKS if check.danger and (problem := check.problem())]


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
