"""What a browser may see and do, kept for two hours in one signed cookie.

Three kinds of access, and none turns into another:

proof   the link from a letter was opened: the place may be managed, and pressing a button proves the address
entered this browser made the place by sending the form: it is shown and may be cancelled
receipt this browser sent the form of somebody who was registered before: it sees what a newcomer would see

The last two are written in the same way and look the same, so that nobody learns which one they hold. To both belongs
what the form said, name and address: shown is what this browser typed, never what is registered. When the letter goes
is worked out from the forms of this browser too: the letters that others caused tell that an address is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property

from werkzeug.wrappers import Response as AnyResponse

from webinars.core.http import current_settings
from webinars.core.links import address_key
from webinars.core.text import email_key, name_key
from webinars.mail.limits import turn_of
from webinars.registration import cookie, queries, service
from webinars.registration.cookie import Dates, Form, Held, Typed
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.questions.queries import requires_proof
from webinars.registration.rules import begins_at
from webinars.schedule.models import Webinar

#: what fits into a cookie of 4 kB with room to spare
_MOST_PROVEN = 20
_MOST_FORMS = 18
_MOST_TYPED = 3
_MOST_LETTERS = 16
_MOST_PARTIES = 2
#: characters of the name of somebody whom a form named beside the first
_LONGEST_NAME = 80
#: characters of an address's code that name it well enough within one cookie
_ADDRESS_NAME = 6


class Access(Enum):
    """How a browser came to see a place."""

    PROOF = "proof"
    ENTERED = "entered"
    RECEIPT = "receipt"


@dataclass(frozen=True)
class Seen:
    """A place as a browser may see it."""

    registration: Registration
    position: int | None
    access: Access
    #: None for who opened the link from a letter, and for forms sent too long ago
    typed: Typed | None = None
    #: public id and name, as typed, of whoever else the same form named
    others: tuple[tuple[str, str], ...] = ()
    #: one of several dates of a series that a form of this browser took
    several: bool = False

    @property
    def proven(self) -> bool:
        """Say whether the link from a letter was opened here."""
        return self.access is Access.PROOF

    @property
    def held(self) -> bool:
        """Say whether the page speaks of a place that is held until its address is proven.

        Where that is asked, it does to every browser that did not open the link: nobody learns what an address has
        proven before.
        """
        place = self.registration
        return place.active and (place.held or (not self.proven and requires_proof(place.webinar)))

    @property
    def shown(self) -> Registration:
        """Give the place as its page shows it: an offered seat, which only a proven address gets, as any held one."""
        place = self.registration
        if self.proven or not self.held or place.state != RegistrationState.OFFERED:
            return place
        own = place.mode, place.time_zone, place.language, place.discreet, place.public_id
        return service.receipt(place.webinar, RegistrationState.CONFIRMED, *own)


def look(public_id: str) -> Seen | None:
    """Give a place as this browser may see it, or None."""
    held = cookie.held()
    registration = queries.find_by_public_id(public_id)
    if registration is not None and _Proofs(held).cover(registration):
        return Seen(registration, queries.position(registration), Access.PROOF)
    form = next((form for form in held.forms if form[0] == public_id), None)
    if form is None:
        return None
    several = held.dates is not None and public_id in held.dates.public_ids
    about = held.said(public_id), held.others(public_id), several
    if registration is not None:
        return Seen(registration, queries.position(registration), Access.ENTERED, *about)
    webinar = queries.find_webinar_by_id(form[1])
    return _seen_receipt(form, webinar, *about) if webinar else None


def look_at_dates(series_id: int) -> list[Seen]:
    """Give the dates of a series that one form of this browser took, in order of time; none without such a form."""
    held = cookie.held()
    if held.dates is None or held.dates.series_id != series_id:
        return []
    ids = held.dates.public_ids
    found = {one.public_id: one for one in queries.find_all_by_public_id(ids)}
    positions, proofs = queries.positions(list(found.values())), _Proofs(held)
    forms = {form[0]: form for form in held.forms if form[0] in ids}
    webinars = {one.id: one for one in queries.find_webinars({form[1] for form in forms.values()})}
    seen = []
    for public_id, form in forms.items():
        typed, place = held.said(public_id), found.get(public_id)
        if place is not None:
            access = Access.PROOF if proofs.cover(place) else Access.ENTERED
            seen.append(Seen(place, positions.get(place.id), access, typed))
        elif form[1] in webinars:
            seen.append(_seen_receipt(form, webinars[form[1]], typed))
    return sorted(seen, key=lambda one: ids.index(one.registration.public_id))


class _Proofs:
    """What the links prove that were opened here; read only when it is asked for, and once for several places."""

    def __init__(self, held: Held) -> None:
        self._held = held

    def cover(self, place: Registration) -> bool:
        """Say whether a place may be managed here."""
        if self._held.proven.get(place.public_id) == place.link_version:
            return True
        if place.party and (place.party, place.email_key) in self._parties:
            return True
        return bool(place.email) and place.email_key in self.addresses

    @cached_property
    def addresses(self) -> set[str]:
        """List the addresses, folded, whose "my webinars" was opened."""
        return {one.email_key for one in _opened(self._held.addresses) if one.email}

    @cached_property
    def _parties(self) -> set[tuple[str, str]]:
        # Whoever reads the letter to one person of a form reads those to the others, as long as all go to one address.
        return {(one.party, one.email_key) for one in _opened(self._held.proven) if one.party}


def _opened(links: Mapping[str, int]) -> list[Registration]:
    """List the places that links lead to which still hold, given link versions by public id."""
    found = queries.find_all_by_public_id(links.keys()) if links else ()
    return [one for one in found if one.link_version == links[one.public_id]]


def proven_addresses() -> set[str]:
    """List the addresses, folded, whose "my webinars" this browser opened."""
    return _Proofs(cookie.held()).addresses


def _seen_receipt(
    form: Form,
    webinar: Webinar,
    typed: Typed | None,
    others: tuple[tuple[str, str], ...] = (),
    several: bool = False,
) -> Seen:
    public_id, _webinar_id, state, position, mode, zone, language, discreet = form
    registration = service.receipt(webinar, state, mode, zone, language, discreet, public_id)
    return Seen(registration, position, Access.RECEIPT, typed, others, several)


def grant(
    response: AnyResponse, registration: Registration, now: datetime, others: Sequence[Registration] = ()
) -> None:
    """Let this browser see what its form led to: give the registrations of the service's outcome."""
    held = cookie.held()
    if others:
        party = [(one.public_id, one.name[:_LONGEST_NAME]) for one in (registration, *others)]
        held.parties = [party, *held.parties][:_MOST_PARTIES]
    # The newest comes first, and what is older may have to go.
    for one, typed in [(one, _typed_before(held, [one])) for one in (*reversed(others), registration)]:
        if typed is None and one.email:
            typed = Typed(one.name, one.email, letter_at=_note_letter(held, one, one.email, now))
        _remember_form(held, one, _place(one), typed)
    cookie.write(response, held)


def grant_dates(response: AnyResponse, places: Sequence[Registration], now: datetime) -> None:
    """Let this browser see the dates of a series that its form took: the registrations of dates.Taken."""
    held, first = cookie.held(), places[0]
    address, typed = first.email or "", _typed_before(held, places)
    for one in reversed(places):
        _remember_form(held, one, _place(one), None)
    if typed is None:
        typed = Typed(first.name, address, letter_at=_note_letters(held, places, address, now))
    held.dates = Dates(first.webinar.series_id, typed, tuple(one.public_id for one in places))
    cookie.write(response, held)


def _typed_before(held: Held, places: Sequence[Registration]) -> Typed | None:
    """Give what this browser typed before of one person for one webinar, or for all dates of a form.

    That form again causes no second letter, whether it made these places or led to receipts.
    """
    person = email_key(places[0].email or ""), name_key(places[0].name)
    before = [(form[1], typed) for form in reversed(held.forms) if (typed := held.said(form[0]))]
    theirs = {number: typed for number, typed in before if (email_key(typed.address), name_key(typed.name)) == person}
    return theirs.get(places[0].webinar_id) if theirs.keys() >= {one.webinar_id for one in places} else None


def change_address_of_dates(response: AnyResponse, seen: Sequence[Seen], address: str, now: datetime) -> None:
    """Remember that the form for several dates said another address, to which other letters go."""
    held = cookie.held()
    if held.dates is None:
        return
    letter_at = _note_letters(held, [one.registration for one in seen], address, now)
    held.dates = held.dates._replace(typed=Typed(held.dates.typed.name, address, corrected=True, letter_at=letter_at))
    held.typed = {key: typed for key, typed in held.typed.items() if key not in held.dates.public_ids}
    cookie.write(response, held)


def _note_letters(held: Held, places: Sequence[Registration], address: str, now: datetime) -> int:
    """Note the letters to several dates, which go together: one that lists all, and an invitation to each seat."""
    letter_at = _note_letter(held, places[0], address, now)
    invitations = sum(one.state == RegistrationState.CONFIRMED for one in places)
    held.letters = [*held.letters[:1] * invitations, *held.letters][:_MOST_LETTERS]
    return letter_at


def _note_letter(held: Held, registration: Registration, address: str, now: datetime) -> int:
    """Note a letter that this browser caused; give when it goes, in seconds since 1970."""
    name = address_key(email_key(address))[:_ADDRESS_NAME]
    planned = [datetime.fromtimestamp(at, UTC) for other, at in held.letters if other == name]
    limited = current_settings().ratelimit_enabled and planned
    turn = turn_of(planned, now, begins_at(registration, now)) if limited else now
    turn = max(turn, registration.letters_from or now)
    held.letters = [(name, int(turn.timestamp())), *held.letters][:_MOST_LETTERS]
    return int(turn.timestamp())


def _place(registration: Registration) -> int | None:
    if registration.state != "waitlisted":
        return None
    return queries.position(registration) if registration.id else registration.line_number


def change_receipt(response: AnyResponse, seen: Seen, state: str, position: int | None) -> None:
    """Show a receipt in another state from now on, as a newcomer's place would be."""
    held = cookie.held()
    seen.registration.state = state
    _remember_form(held, seen.registration, position, held.typed.get(seen.registration.public_id))
    cookie.write(response, held)


def change_address(response: AnyResponse, seen: Seen, name: str, address: str, now: datetime) -> None:
    """Remember that the form said another address, to which another letter goes."""
    held = cookie.held()
    for public_id, typed in ((seen.registration.public_id, name), *seen.others):
        # The letters to the others follow them.
        if public_id == seen.registration.public_id or public_id in held.typed:
            letter_at = _note_letter(held, seen.registration, address, now)
            held.typed[public_id] = Typed(typed, address, corrected=True, letter_at=letter_at)
    cookie.write(response, held)


def _remember_form(held: Held, registration: Registration, position: int | None, typed: Typed | None) -> None:
    form: Form = (
        registration.public_id,
        registration.webinar_id,
        str(registration.state),
        position,
        str(registration.mode),
        registration.time_zone,
        registration.language,
        registration.discreet,
    )
    held.forms = [form, *(other for other in held.forms if other[0] != form[0])][:_MOST_FORMS]
    if typed is not None:
        held.typed[registration.public_id] = typed
    newest = [public_id for public_id, *_ in held.forms[:_MOST_TYPED]]
    held.typed = {public_id: held.typed[public_id] for public_id in newest if public_id in held.typed}


def prove(response: AnyResponse, registration: Registration) -> None:
    """Note that the link from a letter to this registration was opened."""
    held = cookie.held()
    rest = {key: value for key, value in held.proven.items() if key != registration.public_id}
    held.proven = dict([(registration.public_id, registration.link_version), *rest.items()][:_MOST_PROVEN])
    cookie.write(response, held)


def prove_address(response: AnyResponse, registration: Registration) -> None:
    """Note that the link to all places of this registration's address was opened."""
    held = cookie.held()
    held.addresses = {registration.public_id: registration.link_version}
    cookie.write(response, held)
