"""Tokens that end a class of mail: address and list stand in them as keys, so that they outlive every registration."""

import re

from webinars.core.links import open_token, sign
from webinars.mail.classes import LEAVABLE, Left, list_of

_WRITTEN = re.compile(r"\bunsubscribe ([0-9a-f]{32}\.\d{1,19}\.[\w-]{43})(?![\w-])", re.IGNORECASE)


def leaving_token(address_key: str, mail_class: str, series_id: int) -> str:
    """Make the token that lets an address leave the letters of a class about a series."""
    return sign(_purpose(mail_class), address_key, series_id)


def open_leaving(token: str) -> Left | None:
    """Give the list that a token ends and for whom; None for a wrong one."""
    for mail_class in LEAVABLE:
        opened = open_token(_purpose(mail_class), token)
        if opened is not None:
            return Left(opened[0], mail_class, list_of(opened[1]))
    return None


def subject_line(token: str) -> str:
    """Write the subject line of a mail that ends what a token names."""
    return f"unsubscribe {token}"


def token_in(subject: str) -> str:
    """Find the token in the subject line of a mail that came in; empty when there is none."""
    found = _WRITTEN.search(subject)
    return found[1] if found else ""


def _purpose(mail_class: str) -> str:
    return f"stop-{mail_class}"
