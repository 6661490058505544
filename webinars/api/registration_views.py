"""Registrations, entered as staff enter them: never limited, names may appear in letters."""

from datetime import datetime
from typing import Any

from config import LANGUAGES
from webinars.api import queries, schemas
from webinars.api.answers import Made, ensure_unchanged
from webinars.api.blueprint import pages
from webinars.registration import seats, service
from webinars.registration.questions.rules import Given
from webinars.registration.rules import Application
from webinars.schedule import queries as schedule
from webinars.schedule.models import Webinar


@pages.lists("/webinars/<slug>/registrations", schemas.Registration, schemas.ListQuery)
def list_registrations(query: dict[str, int], slug: str) -> queries.Part[queries.Place]:
    """List the registrations of a webinar in order of arrival, in every state."""
    return queries.places_part(schedule.get_webinar(slug), queries.Window(query["cursor"], query["limit"]))


@pages.makes("/webinars/<slug>/registrations", schemas.Registration, schemas.NewRegistration)
def create_registration(given: dict[str, Any], slug: str, now: datetime) -> Made | queries.Place:
    """Register somebody; the same person again gets no second place."""
    webinar = schedule.get_webinar(slug)
    outcome = service.register(webinar.id, _application(given, webinar), now, by_staff=True)
    place = queries.place_of(outcome.registration)
    if not outcome.is_new:
        return place
    return Made(place, "api.get_registration", {"public_id": outcome.registration.public_id})


@pages.shows("/registrations/<public_id>", schemas.Registration)
def get_registration(public_id: str) -> queries.Place:
    """Get a registration."""
    return queries.place_of(queries.get_registration(public_id))


@pages.changes("/registrations/<public_id>/cancel", schemas.Registration, schemas.Nothing)
def cancel_registration(given: dict[str, Any], public_id: str, now: datetime) -> queries.Place:
    """Give up a place; the seat goes to the next in line at once."""
    registration = queries.get_registration(public_id)
    seats.lock_place(registration)
    ensure_unchanged(registration)
    service.cancel(registration, now, by="staff")
    return queries.place_of(registration)


def _application(given: dict[str, Any], webinar: Webinar) -> Application:
    language = given.get("language") or (webinar.language if webinar.language in LANGUAGES else LANGUAGES[0])
    values = {name: given[name] for name in ("phone", "question", "time_zone") if given.get(name)}
    return Application(
        given=Given(answers=_answers(given.get("answers") or {})),
        name=given["name"],
        email=given.get("email"),
        mode=given["mode"],
        discreet=given["discreet"],
        language=language,
        **values,
    )


def _answers(given: dict[str, Any]) -> dict[str, list[str]]:
    """Give the answers by the names that fields of the form have."""
    return {f"answer_{number}": said if isinstance(said, list) else [said] for number, said in given.items()}
