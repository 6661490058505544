"""Invitations for many: the entry is written once with marks where one person's own stands, then filled for each.

A full calendar library needs about a millisecond for an entry; a mailing sends thousands that differ in five texts.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypedDict

from icalendar.parser import Parameters

from webinars.calendars.entries import CANCEL, Entry, cancel, mailbox, request

#: what is the same for everybody, as octets, and lines to fill, their odd parts numbers of values
Stencil = tuple[bytes | tuple[str, ...], ...]
#: what a link may hold without being escaped in a text (RFC 5545 section 3.3.11)
_CLEAN = re.compile(r"[^\s\\,;\"\x00-\x1f]*", re.ASCII)
#: nobody can write a mark into a title: it is another one in every process
_SALT = secrets.token_hex(8)
_MARK = re.compile(rf"zq(\d){_SALT}qz")
_UID, _ADDRESS, _NAME, _JOIN, _MANAGE, _STAMP = (f"zq{number}{_SALT}qz" for number in range(6))
#: octets in a line, so that with the space before it stays under 75
_WIDTH = 74
_STAMPED = re.compile(r"^(DTSTAMP|LAST-MODIFIED):.*$")


@dataclass(frozen=True, slots=True)
class Own:
    """What one person's entry says and nobody else's; raises ValueError for links that a text could not hold."""

    uid: str
    #: exactly the address the letter goes to
    address: str
    #: one clean line; empty unless the letter may carry it
    name: str
    join_url: str
    manage_url: str

    def __post_init__(self) -> None:
        for value in (self.uid, self.join_url, self.manage_url):
            if not _CLEAN.fullmatch(value):
                raise ValueError("a link in a calendar entry must need no escaping")


class Marks(TypedDict):
    """Marks in place of one person's own."""

    uid: str
    address: str
    name: str | None
    join_url: str
    manage_url: str


def marks(*, named: bool) -> Marks:
    """Give the marks to make an entry with, for people whose letters may or may not carry their name."""
    return {
        "uid": _UID,
        "address": _ADDRESS,
        "name": _NAME if named else None,
        "join_url": _JOIN,
        "manage_url": _MANAGE,
    }


def stamp_of(now: datetime) -> str:
    """Write the instant at which invitations are made (RFC 5545 section 3.8.7.2)."""
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def invitation(stencil: Stencil, own: Own, stamp: str) -> bytes:
    """Write the invitation of one person."""
    name = Parameters({"CN": own.name}).to_ical().decode().partition("=")[2] if own.name else ""
    values = (own.uid, mailbox(own.address).partition(":")[2], name, own.join_url, own.manage_url, stamp)
    return b"".join([part if isinstance(part, bytes) else _line(part, values) for part in stencil])


def _line(parts: tuple[str, ...], values: tuple[str, ...]) -> bytes:
    return _folded("".join([values[int(part)] if index % 2 else part for index, part in enumerate(parts)]))


def _folded(line: str) -> bytes:
    """Fold a content line (RFC 5545 section 3.1) where the library would, which weighs every character by itself."""
    octets, start, pieces = line.encode(), 0, []
    while len(octets) - start > _WIDTH:
        end = start + _WIDTH
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        if octets[end - 1] in b"\\^":
            end -= 1
        pieces.append(octets[start:end])
        start = end
    return b"\r\n ".join([*pieces, octets[start:]]) + b"\r\n"


@lru_cache(maxsize=256)
def stencil_of(method: str, entry: Entry) -> Stencil:
    """Make the stencil of a REQUEST or CANCEL from an entry with marks."""
    whole = (cancel if method == CANCEL else request)(entry)
    stencil: list[bytes | tuple[str, ...]] = []
    for line in whole.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n"):
        parts = tuple(_MARK.split(_STAMPED.sub(rf"\1:{_STAMP}", line)))
        if len(parts) > 1:
            stencil.append(parts)
        elif stencil and isinstance(stencil[-1], bytes):
            stencil[-1] += _folded(line)
        else:
            stencil.append(_folded(line))
    return tuple(stencil)
