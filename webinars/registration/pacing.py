"""How many letters visitors may cause from one network, and from everywhere together.

Nobody is refused a place: a whole hospital sits behind one address. Letters beyond the limit wait for their turn, which
gives staff the time to look (waves). Counted in this process: with n web processes the limits are at most n times as
wide. What comes from this machine itself counts for no network: it stands there for a proxy nobody told us about.
"""

from datetime import datetime
from typing import NamedTuple, cast

from flask import Flask, current_app

from webinars.core.http import client_is_near, client_key, current_settings
from webinars.core.pace import Pace

#: letters at once, and then in each hour
FROM_NETWORK, FROM_ALL = 300, 10_000
#: letters with lost links: nobody asks for that many
LINKS_FROM_NETWORK, LINKS_FROM_ALL = 60, 2_000


class Paces(NamedTuple):
    """The paces of one kind of request."""

    network: Pace
    everywhere: Pace


class Origin(NamedTuple):
    """Where a form came from, and when the letter it causes may go."""

    #: None for this machine itself
    client_key: str | None
    letters_from: datetime | None


def init_pacing(app: Flask) -> None:
    """Give the application its own counters."""
    app.extensions["paces"] = {
        "sign-up": Paces(Pace(FROM_NETWORK, FROM_NETWORK), Pace(FROM_ALL, FROM_ALL)),
        "links": Paces(Pace(LINKS_FROM_NETWORK, LINKS_FROM_NETWORK), Pace(LINKS_FROM_ALL, LINKS_FROM_ALL)),
    }


def take_turn(kind: str, now: datetime, letters: int = 1) -> Origin:
    """Count a request that may cause letters, whoever they are for, and say when these may go."""
    key = None if client_is_near() else client_key()
    if not current_settings().ratelimit_enabled:
        return Origin(key, None)
    paces = cast(dict[str, Paces], current_app.extensions["paces"])[kind]
    turns = [paces.everywhere.turn("", now, letters)]
    if key is not None:
        turns.append(paces.network.turn(key, now, letters))
    turn = max(turns)
    return Origin(key, turn if turn > now else None)
