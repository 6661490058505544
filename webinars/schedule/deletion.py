"""Taking away for good what nobody holds on to: drafts, speakers, news."""

from datetime import datetime

from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.accounts.drafts import service as drafts
from webinars.core.database import db, lock
from webinars.core.errors import Conflict
from webinars.schedule import events, queries
from webinars.schedule.catalogue import pages_of
from webinars.schedule.models import NewsItem, Speaker, Webinar, WebinarState

Deletable = Webinar | Speaker | NewsItem
_KINDS = {Webinar: "webinar", Speaker: "speaker", NewsItem: "news item"}
_MOST_NAMED = 5


def delete(thing: Deletable, now: datetime) -> None:
    """Delete a thing, with an entry in the audit trail. Raises NotFound, Conflict with the sentence of why_kept."""
    lock(thing)
    reason = why_kept(thing)
    if reason:
        raise Conflict(reason)
    kind = _KINDS[type(thing)]
    audit.record(f"{kind} deleted", kind, thing.id, before={"name": name_of(thing)}, now=now)
    if isinstance(thing, Speaker):
        events.speaker_deleted.send(thing, now=now)
    # The next thing may get the same address.
    drafts.forget(pages_of(type(thing), thing.id if isinstance(thing, Speaker) else thing.slug))
    db.session.delete(thing)
    db.session.flush()


def why_kept(thing: Deletable) -> str | None:
    """Say in a sentence why a thing cannot be deleted; None when it can."""
    if isinstance(thing, NewsItem):
        return None
    if isinstance(thing, Webinar) and thing.state != WebinarState.DRAFT:
        return _("Only a draft can be deleted: people may know of this webinar.")
    uses = _uses(thing)
    if not uses:
        return None
    named = ", ".join(uses[:_MOST_NAMED])
    places = _("%(places)s and others", places=named) if len(uses) > _MOST_NAMED else named
    if isinstance(thing, Webinar):
        return _("This draft cannot be deleted, because it has %(places)s. Cancel it instead.", places=places)
    return _("%(name)s is named by %(places)s. Take the name off there first.", name=thing.name, places=places)


def name_of(thing: Deletable) -> str:
    """Give the words by which staff know a thing."""
    return thing.name if isinstance(thing, Speaker) else thing.title


def _uses(thing: Webinar | Speaker) -> list[str]:
    titles = queries.titles_of_speaker(thing.id, _MOST_NAMED + 1) if isinstance(thing, Speaker) else []
    elsewhere = [use for _receiver, uses in events.uses_asked.send(thing) for use in uses]
    return [_("the webinar “%(title)s”", title=title) for title in titles] + elsewhere
