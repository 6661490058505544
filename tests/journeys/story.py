"""The people of the stories and what they do, through pages, letters and the worker's own parts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import make_user
from tests.journeys.letters import Post
from tests.support.pages import CheckedClient, parse, text_of
from tests.support.smtp_sink import SmtpSink
from webinars import commands
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.delivery import deliver_due
from webinars.staff.readiness.service import choose_digests

PASSWORD = "a long and harmless sentence"
STAFF = "editor@harbor.example"
SLUG = "what-to-expect"
TITLE = "What to expect"
CLIP = Path(__file__).parents[2] / "webinars" / "demo" / "media" / "early-signs-to-report.mp4"
CAPTIONS = """WEBVTT

00:01.000 --> 00:04.000
Let us start with the skin, because people notice it first.

00:12.500 --> 00:16.000
If the rash blisters, call the same day.
"""


def path_of(address: str) -> str:
    """Give the path of an absolute address, as a browser asks for it."""
    return urlsplit(address).path


class Story:
    """A service, its staff, its visitors, its worker and its clock."""

    def __init__(self, app: Flask, sink: SmtpSink, clock: time_machine.Traveller) -> None:
        self.app, self.sink, self._clock = app, sink, clock
        self._staff: tuple[CheckedClient, datetime] | None = None

    # --- time and letters ------------------------------------------------------------------------------------------

    def it_is(self, moment: str) -> None:
        """Let it be a moment in UTC, such as "2026-12-03 18:00"."""
        self._clock.move_to(datetime.fromisoformat(moment).replace(tzinfo=UTC))

    def letters(self) -> list[Post]:
        """Let the worker look once, and give what arrived."""
        before = len(self.sink.received)
        with transaction():
            commands._derive(utc_now())
        deliver_due(commands._prepare)
        return [Post(one) for one in self.sink.received[before:]]

    def letter(self) -> Post:
        """Let the worker look, and give the one letter that arrived."""
        arrived = self.letters()
        assert len(arrived) == 1, [(one.to, one.subject) for one in arrived]
        return arrived[0]

    # --- visitors --------------------------------------------------------------------------------------------------

    def browser(self) -> CheckedClient:
        """Open a browser that was never here."""
        made = self.app.test_client()
        assert isinstance(made, CheckedClient)
        return made

    def registers(self, name: str, browser: CheckedClient | None = None, **fields: str) -> str:
        """Register somebody on the webinar's page, and give the words of the page they end on."""
        visitor = browser or self.browser()
        given = {"name": name, "email": f"{name.lower()}@example.org", "time_zone": "America/New_York"} | fields
        answer = visitor.submit(visitor.page(f"/webinars/{SLUG}"), "/register", **given)
        assert answer.status_code == 200
        return text_of(parse(answer))

    def opens(self, link: str, browser: CheckedClient | None = None) -> TestResponse:
        """Press a link in a letter."""
        answer = (browser or self.browser()).get(path_of(link), follow_redirects=True)
        assert answer.status_code == 200
        return answer

    def cancels(self, link: str) -> str:
        """Cancel a place through the link of a letter, and give the words of the page."""
        browser = self.browser()
        return text_of(parse(browser.submit(self.opens(link, browser), "/cancel", "Cancel my place")))

    # --- staff -----------------------------------------------------------------------------------------------------

    def staff(self) -> CheckedClient:
        """Give the browser of a member of staff, who signs in again when more than an hour has passed."""
        now = utc_now()
        if self._staff is None or abs(now - self._staff[1]) > timedelta(hours=1):
            browser = self.browser()
            answer = browser.submit(browser.page("/staff/sign-in"), "sign-in", email=STAFF, password=PASSWORD)
            assert answer.request.path == "/staff/"
            self._staff = browser, now
        return self._staff[0]

    def staff_begins(self) -> None:
        """Hire somebody, who wants no letters about their webinars: these stories are of those who register."""
        user, none = make_user(STAFF, "editor", PASSWORD, now=utc_now()), {"weekly": False, "day_before": False}
        with transaction():
            choose_digests(user.id, none | {"language": "en", "time_zone": "America/New_York"}, utc_now())

    def schedules(self, start: str = "2026-12-03 13:00", **fields: Any) -> CheckedClient:
        """Write topic, series and webinar; give the browser it was done with."""
        browser, (day, time) = self.staff(), start.split()
        self._writes(browser, "/staff/topics/new", title="Immunotherapy", summary="How it works.")
        sponsor = "Paid for by a fund that chooses no topics."
        self._writes(browser, "/staff/series/new", title="Side Effects", topic="immunotherapy", sponsor_text=sponsor)
        given = {
            "title": TITLE, "summary": "What nurses want you to know.", "description": "Bring **questions**.",
            "start_date": day, "start_time": time, "time_zone": "America/New_York", "duration_minutes": "60",
            "join_url": "https://meet.example.org/room", "phone_number": "1-800-555-0142", "phone_pin": "4471",
        } | fields  # fmt: skip
        answer = self._writes(browser, "/staff/webinars/new?series=side-effects", **given)
        assert answer.request.path == f"/staff/webinars/{SLUG}"
        return browser

    def publishes(self, **fields: Any) -> None:
        """Schedule and publish in one go."""
        browser = self.schedules(**fields)
        browser.submit(browser.page(f"/staff/webinars/{SLUG}/publish"), "", "Publish now")

    def moves(self, start: str) -> str:
        """Move the webinar; give the words of the page that names the consequences."""
        browser, (day, time) = self.staff(), start.split()
        asked = browser.submit(
            browser.page(f"/staff/webinars/{SLUG}/move"), "", "Continue", start_date=day, start_time=time
        )
        browser.submit(asked, "/move", "Move it", confirm="1")
        return text_of(parse(asked))

    def calls_off(self, reason: str) -> str:
        """Cancel the webinar; give the words of the page that names the consequences."""
        browser = self.staff()
        page = browser.page(f"/staff/webinars/{SLUG}/cancel")
        browser.submit(page, "", "Cancel this webinar", reason=reason)
        return text_of(page)

    @staticmethod
    def adds_the_recording(browser: CheckedClient) -> None:
        """Link a recording with captions to the webinar, as a draft."""
        saved = browser.submit(browser.page(f"/staff/videos/new?webinar={SLUG}"), "/new", "Go on to the recording")
        assert saved.request.path == f"/staff/videos/{SLUG}"
        with CLIP.open("rb") as film:
            saved = browser.submit(saved, "/media", "Save the recording", file=(film, "talk.mp4"))
        saved = browser.submit(saved, "/captions", "Save the captions", captions=CAPTIONS)
        assert "The captions are saved" in text_of(parse(saved))

    @staticmethod
    def _writes(browser: CheckedClient, path: str, **fields: Any) -> TestResponse:
        page = browser.page(path)
        address = path.partition("?")[0]
        answer = browser.submit(page, address, "Save", **fields)
        assert answer.status_code == 200 and answer.request.path != address, text_of(parse(answer))
        return answer

    # --- the books -------------------------------------------------------------------------------------------------

    def books(self) -> dict[str, list[str]]:
        """Give every row of every table."""
        db.session.rollback()
        with db.engine.connect() as connection:
            return {
                name: sorted(map(str, connection.execute(sa.text(f'SELECT * FROM "{name}"')).all()))
                for name in sa.inspect(connection).get_table_names()
            }

    def page(self, path: str) -> BeautifulSoup:
        """Show a public page to a newcomer."""
        return self.browser().page(path)
