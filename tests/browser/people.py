"""People whose private pages the browser looks at."""

from datetime import timedelta

from tests.factories import make_webinar
from tests.support.browser import Site
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.registration import links, service
from webinars.registration.models import Registration
from webinars.registration.rules import Application
from webinars.schedule import queries as schedule


class People:
    """Makes places and gives the paths of their pages."""

    def __init__(self, site: Site) -> None:
        self._site = site
        open_to_all, full = "immunotherapy-and-side-effects", "is-a-trial-right-for-me"
        with site.app.app_context():
            small = make_webinar(now=utc_now(), title="Small group", capacity=1, offer_hours=24).slug
            now = make_webinar(now=utc_now(), starts_in=timedelta(minutes=5), title="Starting now").slug
            self.public_ids = {
                "confirmed": self._register(open_to_all, "Vera"),
                "waiting": self._register(full, "Walter"),
                "cancelled": self._register(open_to_all, "Carla"),
                "gone again": self._register(small, "Gloria"),
                "offered": self._register(small, "Otto"),
                "door open": self._register(now, "Olga"),
                "managed without script": self._register(open_to_all, "Mona"),
            }
            with transaction():
                for who in ("cancelled", "gone again"):
                    service.cancel(self._find(who), utc_now())

    def _register(self, slug: str, name: str) -> str:
        webinar = schedule.get_webinar(slug)
        application = Application(name=name, email=f"{name.lower()}@example.org", time_zone="America/Los_Angeles")
        with transaction():
            return service.register(webinar.id, application, utc_now()).registration.public_id

    def _find(self, who: str) -> Registration:
        return db.session.query(Registration).filter_by(public_id=self.public_ids[who]).one()

    def path(self, kind: str, who: str) -> str:
        """Give the path of a link as letters carry it: "manage", "join" or "my"."""
        with self._site.app.test_request_context():
            registration = self._find(who)
            made = {"manage": links.manage_url, "join": links.join_url}
            url = links.my_url(registration, utc_now()) if kind == "my" else made[kind](registration)
            return url.removeprefix(self._site.url)
