"""The cookie that says what a browser may see of places (registration.access), signed and kept for two hours."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from webinars.core.http import current_settings

COOKIE = "places"
LASTS_SECONDS = 2 * 3600
#: browsers drop a cookie that is longer than 4,096 with its name and attributes
_LONGEST_COOKIE = 3800

#: public id, webinar id, state, position, mode, zone, language, discreet
Form = tuple[str, int, str, int | None, str, str, str, bool]


class Typed(NamedTuple):
    """Who somebody said to be in a form that this browser sent."""

    name: str
    address: str
    #: the address was put right since: the letter that goes there brings the links
    corrected: bool = False
    #: when the letter goes, by the forms of this browser; seconds since 1970
    letter_at: int = 0


class Dates(NamedTuple):
    """What one form said that led to several dates of a series, and their public ids in order of time."""

    series_id: int
    typed: Typed
    public_ids: tuple[str, ...]


@dataclass
class Held:
    """What the cookie says."""

    #: public id → link version of the places whose link was opened
    proven: dict[str, int]
    #: public id → link version of one place of each address whose "my webinars" was opened
    addresses: dict[str, int]
    forms: list[Form]
    #: public id → what was typed in the newest of the forms
    typed: dict[str, Typed]
    #: to which addresses, named in short, the forms caused letters, and when these go; seconds since 1970
    letters: list[tuple[str, int]]
    #: public ids and names, as typed, of the people of one form
    parties: list[list[tuple[str, str]]]
    #: of the newest form for several dates
    dates: Dates | None = None

    def said(self, public_id: str) -> Typed | None:
        """Give what was typed for a place."""
        of_dates = self.dates.typed if self.dates and public_id in self.dates.public_ids else None
        return self.typed.get(public_id, of_dates)

    def others(self, public_id: str) -> tuple[tuple[str, str], ...]:
        """List who else the form named that led to a place."""
        for party in self.parties:
            if any(one == public_id for one, _name in party):
                return tuple((one, name) for one, name in party if one != public_id)
        return ()


def forget(response: AnyResponse) -> None:
    """Take everything away from this browser."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=current_settings().production)


def held() -> Held:
    """Read the cookie of the request; one that is absent, too old or not ours says nothing."""
    return _read(request.cookies.get(COOKIE, ""))


def _read(value: str) -> Held:
    try:
        content: dict[str, Any] = _serializer().loads(value, max_age=LASTS_SECONDS)
        forms = [tuple(form) for form in content["f"]]
        # Cookies of an earlier version name nobody.
        typed = {public_id: Typed(*words) for public_id, words in content.get("t", {}).items()}
        letters = [(str(address), int(at)) for address, at in content.get("l", ())]
        parties = [[(str(public_id), str(name)) for public_id, name in party] for party in content.get("o", ())]
        dates = _dates_in(content["d"]) if "d" in content else None
        return Held(dict(content["p"]), dict(content["a"]), forms, typed, letters, parties, dates)
    except (BadData, KeyError, TypeError, ValueError):
        return Held({}, {}, [], {}, [], [])


def _dates_in(content: list[Any]) -> Dates:
    series_id, typed, public_ids = content
    return Dates(int(series_id), Typed(*typed), tuple(public_ids))


def write(response: AnyResponse, held: Held) -> None:
    """Give the browser the cookie; what would not fit makes way, what was typed first."""
    text = _sealed(held)
    if len(text) > _LONGEST_COOKIE:
        held.typed, held.letters, held.parties = {}, [], held.parties[:1]
        text = _sealed(held)
    response.set_cookie(
        COOKIE, text, max_age=LASTS_SECONDS, httponly=True, samesite="Lax", secure=current_settings().production
    )


def _sealed(held: Held) -> str:
    content: dict[str, Any] = {
        "p": held.proven,
        "a": held.addresses,
        "f": held.forms,
        "t": held.typed,
        "l": held.letters,
    }
    content |= {"o": held.parties} if held.parties else {}
    content |= {"d": held.dates} if held.dates else {}
    value = _serializer().dumps(content)
    return value if isinstance(value, str) else value.decode()


def _serializer() -> URLSafeTimedSerializer:
    # itsdangerous signs with the last key and accepts all.
    older = current_app.config.get("SECRET_KEY_FALLBACKS") or []
    return _serializer_of(*reversed(older), str(current_app.secret_key))


@lru_cache(maxsize=8)
def _serializer_of(*keys: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keys, salt="webinars.places")
