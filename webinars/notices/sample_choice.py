"""With whom and which webinar staff look at a letter: what they chose on the page, and what they may choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response

from webinars.core.http import let_in, private
from webinars.core.language import DEFAULT_LANGUAGE
from webinars.mail.limits import is_proven
from webinars.notices import preview, wording_queries
from webinars.notices.facts import Facts
from webinars.notices.kinds import Notice
from webinars.notices.preview import Invented
from webinars.registration.models import Registration
from webinars.schedule.forms import language_names
from webinars.schedule.models import Series, Webinar

#: what a letter in a frame may do: show itself
_FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@dataclass(frozen=True)
class SampleChoice:
    """A webinar and a reader."""

    webinar: Webinar
    webinars: list[Webinar]
    people: list[Registration]
    #: the public id of a registration, or one of Invented
    who: str
    language: str

    def facts(self, notice: Notice) -> Facts:
        """Give what the letter is made of."""
        for person in self.people:
            if person.public_id == self.who:
                known = Facts(person, proven=is_proven(person.address_key))
                return preview.alike(notice, known, self.language)
        return preview.invented(notice, self.webinar, self.language, Invented(self.who))

    @property
    def parameters(self) -> dict[str, str]:
        """Give the choice as parameters of an address."""
        return {"webinar": self.webinar.slug, "who": self.who, "language": self.language}


def chosen(series: Series, given: Mapping[str, str], now: datetime, only: Webinar | None = None) -> SampleChoice:
    """Read a choice; what means nothing is read as the newest webinar, a known reader, the first language."""
    webinars = [only] if only else wording_queries.webinars_to_show(series.id)
    webinars = webinars or [preview.invented_webinar(series, now)]
    webinar = next((one for one in webinars if one.slug == given.get("webinar")), webinars[0])
    people = wording_queries.people_to_show(webinar.id)
    person = next((one for one in people if one.public_id == given.get("who")), None)
    who = given.get("who", "")
    usual = person.language if person else DEFAULT_LANGUAGE
    language = given.get("language", "")
    return SampleChoice(
        webinar,
        webinars,
        people,
        who if person or who in set(Invented) else Invented.KNOWN,
        language if language in language_names() else usual,
    )


def asked(given: Mapping[str, str]) -> dict[str, Any]:
    """Give what was chosen, to be kept in the next address."""
    return {name: given[name] for name in ("webinar", "who", "language") if name in given}


def allow_frames() -> None:
    """Let the page of this answer show letters in frames."""
    let_in("frame-src", "'self'")


def framed(html: str) -> Response:
    """Answer with a letter as mail programs show it, for a frame on a page of ours and nothing else."""
    answer = Response(html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = _FRAME_POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return private(answer)
