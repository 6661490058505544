"""Invented people and their registrations: the same ones for the same seed."""

import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from webinars.core.database import db
from webinars.core.text import email_key, name_key
from webinars.demo import content
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.schedule.models import Webinar

BATCH = 2000
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Registrants:
    """Registers numbered people, demo-1@example.net and on, many at a time."""

    def __init__(self, seed: int, now: datetime) -> None:
        self._random = random.Random(seed)
        self._now = now
        self._count = 0

    def skip(self, numbers: int) -> None:
        """Leave numbers out, so that two runs of registrants never share an address."""
        self._count += numbers

    def register(self, webinar: Webinar, confirmed: int, waitlisted: int = 0) -> None:
        """Register people for a webinar, the confirmed ones first, and set its counters."""
        rows = self._rows(webinar, confirmed, waitlisted)
        while batch := [row for row, _ in zip(rows, range(BATCH), strict=False)]:
            db.session.execute(insert(Registration), batch)
        webinar.confirmed_count += confirmed
        webinar.waitlisted_count += waitlisted
        webinar.next_in_line += waitlisted
        db.session.flush()

    def _rows(self, webinar: Webinar, confirmed: int, waitlisted: int) -> Iterator[dict[str, Any]]:
        moments = sorted(self._moment(webinar) for _ in range(confirmed + waitlisted))
        for number, moment in enumerate(moments):
            line = number - confirmed + 1 if number >= confirmed else None
            told = webinar.sequence + (1 if webinar.state == "cancelled" else 0)
            yield self._person() | {
                "webinar_id": webinar.id,
                "state": RegistrationState.CONFIRMED if line is None else RegistrationState.WAITLISTED,
                "line_number": line,
                "created_at": moment,
                "state_since": moment,
                "told_sequence": told,
                "entry_sequence": told if line is None else None,
                "entry_withdrawn": line is None and webinar.state == "cancelled",
            }

    def _moment(self, webinar: Webinar) -> datetime:
        """Choose when somebody signed up: more of them soon after the announcement and shortly before the start."""
        first = webinar.published_at or webinar.created_at
        last = min(self._now, webinar.starts_at) - timedelta(minutes=5)
        share = self._random.betavariate(0.7, 0.9)
        return first + (last - first) * share

    def _person(self) -> dict[str, Any]:
        choose = self._random
        self._count += 1
        name = f"{choose.choice(content.FIRST_NAMES)} {choose.choice(content.LAST_NAMES)}"
        email = f"demo-{self._count}@example.net"
        language = _weighted(choose, content.LANGUAGES)
        questions = content.QUESTIONS_ES if language == "es" else content.QUESTIONS
        asks = choose.random() * 100 < content.SHARE_WITH_QUESTION
        mode = _weighted(choose, content.MODES)
        return {
            "public_id": "".join(choose.choices(_ALPHABET, k=22)),
            "name": name, "name_key": name_key(name), "email": email, "email_key": email_key(email), "phone": "",
            "mode": mode if mode in (Mode.LIVE, Mode.PHONE) else Mode.LIVE,
            "time_zone": _weighted(choose, content.TIME_ZONES), "language": language,
            "discreet": choose.random() * 100 < content.SHARE_DISCREET,
            "question": choose.choice(questions) if asks else "",
            "uid": str(uuid.UUID(int=choose.getrandbits(128), version=4)), "state_changes": 1,
        }  # fmt: skip


def _weighted(choose: random.Random, weights: dict[str, int]) -> str:
    return choose.choices(list(weights), weights=list(weights.values()))[0]
