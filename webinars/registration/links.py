"""The links of a registration: manage, join, calendar, one that ends each class of mail. Each opens only its own."""

from datetime import datetime, timedelta
from functools import lru_cache

from webinars.core.http import current_settings, site_url_for
from webinars.core.links import address_key, open_token, sign
from webinars.mail.leaving import leaving_token
from webinars.registration.models import AddressChange, Registration

MANAGE = "manage"
JOIN = "join"
CALENDAR = "calendar"
MY_WEBINARS = "my"
#: the button that makes an address the one of a place
NEW_ADDRESS = "address"
MY_LINK_LASTS = timedelta(days=1)


def token_for(purpose: str, registration: Registration) -> str:
    """Make the token of one purpose; raising the registration's link_version revokes it."""
    return sign(purpose, registration.public_id, registration.link_version)


def opens(purpose: str, token: str, registration: Registration | None) -> bool:
    """Say whether a token opens this registration for this purpose, and has not been revoked."""
    opened = open_token(purpose, token)
    return registration is not None and opened == (registration.public_id, registration.link_version)


def manage_url(registration: Registration) -> str:
    """Give the absolute address of the page where a person manages their place."""
    return _url("registration.open_link", MANAGE, registration)


def join_url(registration: Registration) -> str:
    """Give the absolute address of the person's own door to the room."""
    return _url("live.join", JOIN, registration)


def calendar_url(registration: Registration) -> str:
    """Give the absolute address of the person's own calendar entry."""
    return _url("registration.entry", CALENDAR, registration)


def leaving(mail_class: str) -> str:
    """Name the purpose of the links that end a class of mail in the first letters, which name the registration."""
    return f"leave-{mail_class}"


def leave_url(registration: Registration, mail_class: str) -> str:
    """Give the absolute address that ends a class of mail, by a button or one POST of a mail program (RFC 8058)."""
    # Somebody made up, for a letter that is only looked at, has no key yet.
    key = registration.address_key or address_key(registration.email_key)
    token = leaving_token(key, mail_class, registration.webinar.series.id)
    return _address("notices.leaving", registration.language, token)


def my_url(registration: Registration, now: datetime) -> str:
    """Give the absolute address that shows all places of the registration's address, good for one day."""
    expires = int((now + MY_LINK_LASTS).timestamp())
    token = sign(MY_WEBINARS, f"{registration.public_id}-{registration.link_version}", expires)
    return site_url_for("registration.open_my", language=registration.language, token=token)


def new_address_url(change: AddressChange) -> str:
    """Give the absolute address of the button that makes a new address theirs, good for one day."""
    place = change.registration
    expires = int((change.created_at + MY_LINK_LASTS).timestamp())
    token = sign(NEW_ADDRESS, f"{change.secret}-{place.link_version}", expires)
    return site_url_for("registration.open_new_address", language=place.language, token=token)


def open_my(token: str, now: datetime) -> tuple[str, int] | None:
    """Give (public id, link version) of a token made by my_url, or None for a wrong or old one."""
    opened = open_token(MY_WEBINARS, token)
    if opened is None or opened[1] < now.timestamp():
        return None
    public_id, _dash, version = opened[0].rpartition("-")
    return (public_id, int(version)) if version.isdecimal() else None


def _url(endpoint: str, purpose: str, registration: Registration) -> str:
    return _address(endpoint, registration.language, token_for(purpose, registration))


def _address(endpoint: str, language: str, token: str) -> str:
    before, after = _around_token(current_settings().site_url, endpoint, language)
    return f"{before}{token}{after}"


@lru_cache(maxsize=64)
def _around_token(site_url: str, endpoint: str, language: str) -> tuple[str, str]:
    """Give what stands before and after the token: building addresses would be most of what a mailing's links cost."""
    before, _mark, after = site_url_for(endpoint, language=language, token="zqtokenqz").partition("zqtokenqz")
    return before, after
