"""The people whom one form registered, as each of their pages names the others."""

from dataclasses import dataclass

from webinars.registration import access, queries, words
from webinars.registration.access import Seen
from webinars.registration.models import Registration


@dataclass(frozen=True)
class Fellow:
    """Somebody whom the same form registered."""

    name: str
    public_id: str
    state: str
    position: int | None
    held: bool

    @property
    def words(self) -> str:
        """Say where they stand."""
        return words.state_words(self.state, self.position, self.held)

    @property
    def kind(self) -> str | None:
        """Give the kind of chip that goes with it."""
        return words.state_kind(self.state, self.held)


def state_of(registration: Registration) -> str:
    """Say where somebody stands."""
    return words.state_words(registration.state, queries.position(registration))


def shown(seen: Seen) -> list[Fellow]:
    """List who else belongs to a place: by what is written where the address is proven, else as this browser typed."""
    if seen.proven:
        others = queries.party_of(seen.registration)
        places = queries.positions(others)
        return [Fellow(one.name, one.public_id, one.state, places.get(one.id), one.held) for one in others]
    return [Fellow(name, one.shown.public_id, one.shown.state, one.position, one.held) for name, one in fellows(seen)]


def fellows(seen: Seen) -> list[tuple[str, Seen]]:
    """List whoever else a form of this browser named, by name, as it may see them."""
    found = ((name, access.look(public_id)) for public_id, name in seen.others)
    return [(name, other) for name, other in found if other is not None]
