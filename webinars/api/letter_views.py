"""Letters and mailings: what is owed, what was sent, what went wrong."""

from typing import Any

from flask_babel import gettext as _

from webinars.api import queries, schemas
from webinars.api.blueprint import pages
from webinars.core.errors import UserError
from webinars.schedule import queries as schedule


@pages.lists("/messages", schemas.Message, schemas.MessageQuery)
def list_messages(query: dict[str, Any]) -> queries.Part[queries.Letter]:
    """List the letters to a registration or about a webinar, in the order they were owed."""
    registration, webinar = query.get("registration"), query.get("webinar")
    if not registration and not webinar:
        raise UserError(_("Name a registration or a webinar."))
    subject = queries.get_registration(registration).subject if registration else ""
    about = _about(webinar) if webinar else ""
    return queries.letters_part(queries.Window(query["cursor"], query["limit"]), subject, about)


@pages.lists("/mailings", schemas.Mailing, schemas.MailingQuery)
def list_mailings(query: dict[str, Any]) -> queries.Part[queries.Progress]:
    """List the mailings about a webinar with their progress."""
    return queries.mailings_part(queries.Window(query["cursor"], query["limit"]), _about(query["webinar"]))


def _about(slug: str) -> str:
    return f"w{schedule.get_webinar(slug).id}"
