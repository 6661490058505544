"""How staff pages call what the outbox knows by code.

Webinar "w5", series "s2", person "r12" or by address, letter "notice:reminder:0-60".
"""

from collections.abc import Collection

from flask import url_for
from flask_babel import gettext as _

from webinars.core.language import current_language
from webinars.core.text import whole_number
from webinars.notices.announcement_rules import listed_subject
from webinars.notices.kinds import Notice
from webinars.staff import queries
from webinars.staff.words import notice_name

Named = dict[str, tuple[str, str | None]]


def mail_names(codes: Collection[str]) -> Named:
    """Give words and, where there is one, a page for each code (a query for each kind at most)."""
    series, webinars, people = (_numbers(codes, letter) for letter in "swr")
    senders = [code for code in codes if "@" in code]
    letters = _notices(codes) | _announcements(codes)
    return {**letters, **_series(series), **_webinars(webinars), **_people(people), **_senders(senders)}


def _numbers(codes: Collection[str], letter: str) -> list[int]:
    found = [whole_number(code[1:]) for code in codes if code[:1] == letter]
    return [number for number in found if number is not None]


def _notices(codes: Collection[str]) -> Named:
    found: Named = {}
    for code in codes:
        room, _colon, letter = code.partition(":")
        name, _colon, occasion = letter.partition(":")
        if room == "notice" and name in set(Notice):
            minutes = whole_number(occasion.partition("-")[2]) if name == Notice.REMINDER else None
            found[code] = notice_name(Notice(name), minutes), None
    return found


def _announcements(codes: Collection[str]) -> Named:
    """Name announcements by their subjects; one that is not there any more keeps the name of its kind."""
    begin = f"notice:{Notice.ANNOUNCEMENT}:"
    asked = [whole_number(code.removeprefix(begin)) for code in codes if code.startswith(begin)]
    ids = [number for number in asked if number is not None]
    found = queries.announcements_of(ids) if ids else []
    language = current_language()
    return {
        f"{begin}{one.id}": (
            _("Announcement “%(subject)s”", subject=listed_subject(one, language)),
            url_for("notices_staff.announcement", announcement_id=one.id),
        )
        for one in found
    }


def _webinars(ids: list[int]) -> Named:
    found = queries.webinar_titles(ids) if ids else []
    return {f"w{number}": (title, url_for("staff.webinar", slug=slug)) for number, slug, title in found}


def _series(ids: list[int]) -> Named:
    found = queries.series_titles(ids) if ids else []
    return {f"s{number}": (title, url_for("notices_staff.announcements", series=slug)) for number, slug, title in found}


def _people(ids: list[int]) -> Named:
    found = queries.people_names(ids) if ids else []
    return {
        f"r{number}": (name, url_for("registration_staff.person", public_id=public_id))
        for number, public_id, name in found
    }


def _senders(addresses: list[str]) -> Named:
    """Name who writes by the places of their address; several people who share one stay without a name."""
    found = queries.names_of_addresses(addresses) if addresses else {}
    return {
        address: (people[0].name, url_for("registration_staff.person", public_id=people[0].key))
        for address, people in found.items()
        if len(people) == 1
    }
