"""Who of the staff has a part in which webinar."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, select

from webinars.accounts import audit
from webinars.accounts.models import User
from webinars.accounts.queries import called
from webinars.core.database import db, lock
from webinars.schedule.catalogue import refuse_outdated
from webinars.schedule.models import Part, TeamPlace, Webinar
from webinars.schedule.rules import fingerprint

Team = Mapping[int, frozenset[str]]
Chosen = Mapping[int, Iterable[str]]


def team_of(webinar_id: int) -> dict[int, frozenset[str]]:
    """Give the parts of everybody who has one in a webinar, by user id (one query)."""
    return teams_of([webinar_id]).get(webinar_id, {})


def teams_of(webinar_ids: Collection[int]) -> dict[int, dict[int, frozenset[str]]]:
    """Give webinar id → user id → parts (one query)."""
    found: dict[int, dict[int, frozenset[str]]] = {}
    for place in db.session.scalars(select(TeamPlace).where(TeamPlace.webinar_id.in_(webinar_ids))):
        team = found.setdefault(place.webinar_id, {})
        team[place.user_id] = team.get(place.user_id, frozenset()) | {place.part}
    return found


def names_by_part(webinar_id: int) -> dict[str, list[str]]:
    """Give part → names of those who have it in a webinar (two queries)."""
    team = team_of(webinar_id)
    return _told(team, _names(team))


def has_part(user_id: int, slug: str) -> bool:
    """Say whether somebody has any part in a webinar."""
    wanted = select(TeamPlace).join(Webinar).where(TeamPlace.user_id == user_id, Webinar.slug == slug)
    return bool(db.session.scalar(select(wanted.exists())))


def begin_team(webinar: Webinar, original: Webinar | None = None) -> None:
    """Give a new webinar the team of the one it was copied from, else make responsible who writes it."""
    team: Team = team_of(original.id) if original else {}
    kind, _colon, number = audit.actor().partition(":")
    if not team and kind == "staff":
        team = {int(number): frozenset({Part.RESPONSIBLE.value})}
    _add(webinar.id, team)


def version(webinar_id: int) -> str:
    """Give a fingerprint of a team, for forms."""
    return fingerprint(sorted((user_id, sorted(parts)) for user_id, parts in team_of(webinar_id).items()))


def set_team(webinar: Webinar, team: Chosen, now: datetime, *, seen: str | None = None) -> None:
    """Set who has which parts; nobody else has one afterwards.

    Parameters: team maps user ids to parts. Raises ValueError for a part that does not exist, and Conflict when
    somebody saved after the version ``seen``.
    """
    lock(webinar)
    refuse_outdated(version(webinar.id), seen)
    before = team_of(webinar.id)
    after = {user_id: frozenset(Part(part).value for part in parts) for user_id, parts in team.items() if parts}
    if after == before:
        return
    db.session.execute(delete(TeamPlace).where(TeamPlace.webinar_id == webinar.id))
    _add(webinar.id, after)
    names = _names({*before, *after})
    audit.record("team changed", "webinar", webinar.id, before=_told(before, names), after=_told(after, names), now=now)


def _add(webinar_id: int, team: Team) -> None:
    places = [(user_id, part) for user_id, parts in team.items() for part in parts]
    db.session.add_all(TeamPlace(webinar_id=webinar_id, user_id=user_id, part=part) for user_id, part in places)
    db.session.flush()


def _names(user_ids: Iterable[int]) -> dict[int, str]:
    people = db.session.execute(select(User.id, User.name, User.email).where(User.id.in_(list(user_ids))))
    return {user_id: called(name, email) for user_id, name, email in people}


def _told(team: Team, names: Mapping[int, str]) -> dict[str, list[str]]:
    return {part.value: sorted(names.get(one, "") for one, parts in team.items() if part in parts) for part in Part}
