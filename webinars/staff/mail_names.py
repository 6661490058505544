"""How the mail desk calls what the outbox knows by code: webinar "w5", series "s2", person "r12", "notice:reminder"."""

from collections.abc import Collection

from flask import url_for

from webinars.notices.kinds import Notice
from webinars.staff import queries
from webinars.staff.words import notice_name

Named = dict[str, tuple[str, str | None]]


def mail_names(codes: Collection[str]) -> Named:
    """Give words and, where there is one, a page for each code (a query for each kind at most)."""
    series, webinars, people = (_numbers(codes, letter) for letter in "swr")
    return {**_notices(codes), **_series(series), **_webinars(webinars), **_people(people)}


def _numbers(codes: Collection[str], letter: str) -> list[int]:
    return [int(code[1:]) for code in codes if code[:1] == letter and code[1:].isdecimal()]


def _notices(codes: Collection[str]) -> Named:
    known = set(Notice)
    named = [code.removeprefix("notice:") for code in codes if code.startswith("notice:")]
    return {f"notice:{name}": (notice_name(Notice(name)), None) for name in named if name in known}


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
