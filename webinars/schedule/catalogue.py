"""Writing what webinars hang on: series, topics, news, speakers; and the addresses of all of them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webinars.accounts import audit
from webinars.accounts.drafts import service as drafts
from webinars.core.database import db, lock
from webinars.core.errors import Conflict, UserError
from webinars.core.http import current_settings
from webinars.core.text import slugify
from webinars.schedule import events, queries
from webinars.schedule.cleaning import Problems, Reader, Values, read
from webinars.schedule.fields import news_readers, series_readers, speaker_readers, topic_readers
from webinars.schedule.languages import told_apart, translated
from webinars.schedule.models import NewsItem, Series, Speaker, Topic, Webinar
from webinars.schedule.rules import differing, version_of

#: staff pages such as /staff/webinars/new live beside the addresses of things
_RESERVED = frozenset({"new"})
#: the fields of a series or a webinar that switch what a sign-up asks
ASKING = frozenset({"asks_role", "asks_access", "access_days", "companions", "require_proof"})
#: a series' updated_at would tell apart two saves that changed nothing; a portrait has a page of its own
_NOT_TYPED = frozenset({"updated_at", "portrait", "portrait_words"})
Addressed = Webinar | Series | Topic | NewsItem
#: where their forms are, below /staff
_PLACES: Mapping[type[Any], str] = {
    Webinar: "webinars", Series: "series", Topic: "topics", NewsItem: "news", Speaker: "speakers",
}  # fmt: skip


def create_series(fields: Mapping[str, Any], now: datetime) -> Series:
    """Write a new series; needs ``title``. Raises Problems."""
    values = checked({"title": None, "reminders": [*current_settings().reminders], **fields}, series_readers())
    slug = values.pop("slug", "")
    series = Series(created_at=now, updated_at=now)
    change(series, values)
    insert(series, slug)
    audit.record("series created", "series", series.id, after={"title": series.title}, now=now)
    return series


def edit_series(series: Series, changes: Mapping[str, Any], now: datetime, *, seen: str | None = None) -> Series:
    """Change some fields of a series.

    Raises Problems, and Conflict when somebody saved after the version ``seen``.
    """
    reminders = set(series.reminders)
    asks_otherwise = differing(series, changes, ASKING)
    if asks_otherwise:
        lock_series(series)
    _edit(series, "series", changes, series_readers(), now, seen)
    series.updated_at = now
    if asks_otherwise:
        events.asking_changed.send(series, now=now)
    if added := set(series.reminders) - reminders:
        events.reminders_added.send(queries.webinars_reminded_by(series.id), minutes=added, now=now)
    return series


def lock_series(series: Series) -> None:
    """Hold all webinars of a series in the order of their ids, and then the series itself, as everywhere."""
    theirs = select(Webinar.id).where(Webinar.series_id == series.id).order_by(Webinar.id)
    while True:
        trial = db.session.begin_nested()
        held = db.session.scalars(theirs.with_for_update()).all()
        lock(series)
        if db.session.scalars(theirs).all() == held:
            trial.commit()
            return
        # One came in between. To hold it after the series would be to wait for who waits for the series: begin again.
        trial.rollback()


def create_topic(fields: Mapping[str, Any], now: datetime) -> Topic:
    """Write a new topic; needs ``title``. Raises Problems."""
    values = checked({"title": None, **fields}, topic_readers())
    slug = values.pop("slug", "")
    topic = Topic()
    change(topic, values)
    insert(topic, slug)
    audit.record("topic created", "topic", topic.id, after={"title": topic.title}, now=now)
    return topic


def edit_topic(topic: Topic, changes: Mapping[str, Any], now: datetime, *, seen: str | None = None) -> Topic:
    """Change some fields of a topic.

    Raises Problems, and Conflict when somebody saved after the version ``seen``.
    """
    _edit(topic, "topic", changes, topic_readers(), now, seen)
    return topic


def create_news_item(fields: Mapping[str, Any], now: datetime) -> NewsItem:
    """Write a news item; needs ``topic`` (slug or Topic), ``title``, ``body``, ``published_on``. Raises Problems."""
    needed = {"topic": None, "title": None, "body": None, "published_on": None}
    values = checked({**needed, **fields}, news_readers(), topic_needed=True)
    slug = values.pop("slug", "")
    item = NewsItem()
    change(item, values)
    insert(item, slug)
    audit.record("news item created", "news item", item.id, after={"title": item.title}, now=now)
    return item


def edit_news_item(item: NewsItem, changes: Mapping[str, Any], now: datetime, *, seen: str | None = None) -> NewsItem:
    """Change some fields of a news item.

    Raises Problems, and Conflict when somebody saved after the version ``seen``.
    """
    _edit(item, "news item", changes, news_readers(), now, seen, topic_needed=True)
    return item


def create_speaker(fields: Mapping[str, Any], now: datetime) -> Speaker:
    """Write a new speaker; needs ``name``. Raises Problems."""
    speaker = Speaker()
    change(speaker, checked({"name": None, **fields}, speaker_readers()))
    db.session.add(speaker)
    db.session.flush()
    audit.record("speaker created", "speaker", speaker.id, after={"name": speaker.name}, now=now)
    return speaker


def edit_speaker(speaker: Speaker, changes: Mapping[str, Any], now: datetime, *, seen: str | None = None) -> Speaker:
    """Change some fields of a speaker.

    Raises Problems, and Conflict when somebody saved after the version ``seen``.
    """
    _edit(speaker, "speaker", changes, speaker_readers(), now, seen)
    return speaker


def version(thing: Series | Topic | NewsItem | Speaker) -> str:
    """Fingerprint a thing; pass it back as ``seen`` to notice that somebody else saved in between."""
    columns = (column.key for column in type(thing).__mapper__.column_attrs if column.key not in _NOT_TYPED)
    return version_of(thing, columns)


def refuse_outdated(
    current: str, seen: str | None, sentence: str | None = None, *, about: tuple[str, int] | None = None
) -> None:
    """Refuse to act on what somebody else changed since; raises Conflict, with the usual sentence or one given.

    Parameters: about, kind and number of the thing, so that it can be said who changed it.
    """
    if seen is None or seen == current:
        return
    conflict = Conflict(
        sentence or _("Somebody else saved changes while you were writing. What you typed is still here.")
    )
    conflict.about = (about[0], str(about[1])) if about else None
    raise conflict


def checked(fields: Mapping[str, Any], readers: Mapping[str, Reader], topic_needed: bool = False) -> Values:
    """Read the fields and look up the topic; raises Problems with all of them at once."""
    values, problems = read(fields, readers)
    if "topic" in values:
        try:
            values["topic"] = _topic(values["topic"], topic_needed)
        except UserError as error:
            problems["topic"] = str(error)
    if problems:
        raise Problems(problems)
    return values


def _edit(
    thing: Series | Topic | NewsItem | Speaker,
    kind: str,
    changes: Mapping[str, Any],
    readers: Mapping[str, Reader],
    now: datetime,
    seen: str | None,
    topic_needed: bool = False,
) -> None:
    lock(thing)
    refuse_outdated(version(thing), seen, about=(kind, thing.id))
    values = checked(changes, readers, topic_needed)
    slug = values.pop("slug", "")
    before = change(thing, values)
    if not isinstance(thing, Speaker) and slug and slug != thing.slug:
        before["slug"] = readdress(thing, slug)
    db.session.flush()
    if before:
        told, after = trail(thing, before, _told)
        audit.record(f"{kind} edited", kind, thing.id, before=told, after=after, now=now)


def _topic(given: Any, needed: bool) -> Topic | None:
    if isinstance(given, Topic):
        return given
    if given and isinstance(given, str):
        return queries.get_topic(given)
    if given or needed:
        raise UserError(_("Choose a topic."))
    return None


def _told(name: str, value: Any) -> Any:
    if name == "phone_pin" and value:
        return "…"
    if isinstance(value, Topic):
        return value.slug
    if value is None or isinstance(value, list | int):
        return value
    return str(value)


def change(thing: Any, values: Values) -> Values:
    """Set what differs on a thing, translations laid over those it has; returns the values before, by name."""
    if "translations" in values:
        values = {**values, "translations": translated(thing.translations, values["translations"])}
    before = {name: getattr(thing, name) for name, value in values.items() if getattr(thing, name) != value}
    for name in before:
        setattr(thing, name, values[name])
    return before


def trail(thing: Any, before: Values, told: Callable[[str, Any], Any]) -> tuple[Values, Values]:
    """Say what changed as the audit trail keeps it, each translated text by itself.

    Parameters: before, as change gives it; told, what the trail keeps of a value, by its name.
    Returns (values before, values after).
    """
    old, new = dict(before), {name: getattr(thing, name) for name in before}
    was, became = told_apart(old.pop("translations", None)), told_apart(new.pop("translations", None))
    differing = [name for name in {**was, **became} if was.get(name) != became.get(name)]
    for kept, texts in ((old, was), (new, became)):
        kept.update({name: texts.get(name, "") for name in differing})
    return (
        {name: told(name, value) for name, value in old.items()},
        {name: told(name, value) for name, value in new.items()},
    )


def free_slug(model: type[Addressed], wanted: str, own: str = "") -> str:
    """Give the wanted address.

    Raises Problems when another thing has it.
    """
    if wanted != own and (wanted in _RESERVED or wanted in queries.taken_slugs(model, wanted)):
        raise Problems({"slug": _("This address is taken. Choose another one.")})
    return wanted


def readdress(thing: Addressed, wanted: str) -> str:
    """Give a thing another address, to which the drafts of its texts go along; returns the one before.

    Raises Problems when another thing has it.
    """
    before, thing.slug = thing.slug, free_slug(type(thing), wanted, own=thing.slug)
    drafts.follow(*(pages_of(type(thing), slug) for slug in (before, thing.slug)))
    return before


def pages_of(model: type[Any], name: str | int) -> str:
    """Give the beginning of the paths of a thing's own staff pages; name: as its address has it."""
    return f"/staff/{_PLACES[model]}/{name}/"


def insert(thing: Addressed, wanted: str) -> None:
    """Write a new thing under the wanted address, or under a free one made from its title.

    Raises Problems when the wanted address is taken.
    """
    if wanted:
        thing.slug = free_slug(type(thing), wanted)
        _try_insert(thing, _refuse_taken)
        return
    for slug in _numbered(type(thing), slugify(thing.title)):
        thing.slug = slug
        if _try_insert(thing, lambda: None):
            return


def _try_insert(thing: Addressed, when_taken: Callable[[], None]) -> bool:
    """Insert inside a savepoint: somebody may take the same address between our look and our write."""
    try:
        with db.session.begin_nested():
            db.session.add(thing)
        return True
    except IntegrityError as error:
        if "slug" not in str(error.orig):
            raise
        when_taken()
        return False


def _refuse_taken() -> None:
    raise Problems({"slug": _("This address is taken. Choose another one.")})


def _numbered(model: type[Addressed], base: str) -> Iterable[str]:
    taken = queries.taken_slugs(model, base) | _RESERVED
    for count in range(1, 100_000):
        slug = base if count == 1 else f"{base}-{count}"
        if slug not in taken:
            yield slug
