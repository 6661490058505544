"""Addresses through which letters come back: each names the one it answers (VERP, RFC 5321 section 3.6.3)."""

import re
from email.utils import parseaddr
from enum import StrEnum
from functools import lru_cache

from webinars.core.http import current_settings

#: octets of a local part (RFC 5321 section 4.5.3.1.1)
_LONGEST_LOCAL = 64
_NAMED = re.compile(r"\+(?P<purpose>[bu])-(?P<reference>[0-9a-f]{16,40})@")


class Purpose(StrEnum):
    """What an address is for; the letter stands in it."""

    BOUNCE = "b"
    UNSUBSCRIBE = "u"


def bounce_address(reference: str) -> str:
    """Give the envelope sender of the letter with this reference."""
    return _named(Purpose.BOUNCE, reference)


def unsubscribe_address(reference: str) -> str:
    """Give the address to which mail ends the class of mail that the letter with this reference belongs to."""
    return _named(Purpose.UNSUBSCRIBE, reference)


def named_letter(address: str) -> tuple[Purpose, str] | None:
    """Give what an address is for and the reference of its letter; None for an address that names none."""
    found = _NAMED.search(address.lower())
    return (Purpose(found["purpose"]), found["reference"]) if found else None


def reply_address() -> str:
    """Give the address that answers of people go to."""
    settings = current_settings()
    return "@".join(_parts(settings.mail_reply_to or settings.mail_default_sender))


def _named(purpose: Purpose, reference: str) -> str:
    settings = current_settings()
    local, domain = _parts(settings.mail_bounce_address or settings.mail_default_sender)
    tagged = settings.mail_verp and len(local) + 35 <= _LONGEST_LOCAL
    # A provider that insists on one sender, or a local part without room, leaves the Message-ID to find the letter by.
    return f"{local}+{purpose}-{reference}@{domain}" if tagged else f"{local}@{domain}"


@lru_cache(maxsize=8)
def _parts(written: str) -> tuple[str, str]:
    local, _at, domain = parseaddr(written)[1].rpartition("@")
    return local, domain
