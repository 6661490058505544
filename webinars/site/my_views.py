"""What a person may ask for by themselves, once their address is proven: everything held about it, and its erasure."""

from flask import Response, json, make_response, render_template
from werkzeug.wrappers import Response as AnyResponse

from webinars.core.clock import utc_now
from webinars.core.database import read_alone, transaction
from webinars.core.formats import rfc3339
from webinars.core.http import private
from webinars.registration import access, cookie, queries
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.views import closed
from webinars.registration.words import standing
from webinars.site import privacy, told
from webinars.site.webinar_views import pages as pages


@pages.get("/my/data")
def my_data() -> AnyResponse:
    """Show everything that is held about the proven address, in plain words."""
    read_alone()
    address = _proven_address()
    if address is None:
        return closed()
    groups = told.in_words(privacy.held(address))
    return private(make_response(render_template("site/my_data.html", groups=groups)))


@pages.get("/my/data.json")
def my_data_file() -> AnyResponse:
    """Give the same as a file."""
    read_alone()
    address = _proven_address()
    if address is None:
        return closed()
    content = {"as_of": rfc3339(utc_now())} | told.as_file(privacy.held(address))
    answer = Response(json.dumps(content, ensure_ascii=False, indent=2, sort_keys=False), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="what-is-held-about-me.json"'
    return private(answer)


@pages.get("/my/erase")
def ask_erasure() -> AnyResponse:
    """Say what erasing leads to; nothing happens yet."""
    address = _proven_address()
    if address is None:
        return closed()
    now, places = utc_now(), queries.of_address(address)
    page = render_template(
        "site/my_erase.html",
        given_up=[one for one in places if one.active and one.webinar.ends_at > now],
        in_calendars=any(_may_be_in_calendar(one) and one.webinar.ends_at > now for one in places),
        positions=queries.positions(places),
        standing=standing,
    )
    return private(make_response(page))


def _may_be_in_calendar(place: Registration) -> bool:
    return place.state == RegistrationState.CONFIRMED and bool(place.email)


@pages.post("/my/erase")
def erase_me() -> AnyResponse:
    """Erase everything held about the proven address, and say that it is done."""
    with transaction():
        address = _proven_address()
        if address is None:
            return closed()
        privacy.erase(address, utc_now())
    answer = make_response(render_template("site/my_erased.html"))
    cookie.forget(answer)
    return private(answer)


def _proven_address() -> str | None:
    """Give the folded address whose "my webinars" this browser opened."""
    return next(iter(access.proven_addresses()), None)
