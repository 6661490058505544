"""Looks at pictures and at the texts that show them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Text, cast, or_, select
from sqlalchemy.orm import Session

from webinars.accounts.drafts.models import Draft
from webinars.archive.models import Video
from webinars.archive.world_models import Answer, Standing
from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.core.organization.models import OrganizationSetting
from webinars.core.paging import Page, page_of
from webinars.core.pictures import (
    FACES,
    PICTURE,
    PORTRAIT,
    SCHEME,
    Picture,
    file_name,
    kind_and_key,
    named_in,
)
from webinars.core.text import one_line
from webinars.schedule.models import NewsItem, Speaker, Topic, Webinar

_PER_PAGE = 24
#: texts in Markdown with translations: their table, its column, and the staff page of the thing
_TEXTS: tuple[tuple[Any, str, str], ...] = (
    (Webinar, "description", "staff.webinar"),
    (Topic, "body", "schedule_staff.topic_edit"),
    (NewsItem, "body", "schedule_staff.news_edit"),
)


@dataclass(frozen=True)
class Use:
    """A text that shows a picture, and the page on which it is written."""

    title: str
    endpoint: str = ""
    values: dict[str, str] = field(default_factory=dict)


def get_picture(number: int) -> Picture:
    """Give a picture. Raises NotFound."""
    found = db.session.get(Picture, number)
    if found is None:
        raise NotFound(_("This is not there any more: somebody deleted it meanwhile."))
    return found


def pictures(words: str = "", page: int = 1, per_page: int = _PER_PAGE) -> Page[Picture]:
    """List a page of the pictures whose words hold some words, the newest first (two queries)."""
    wanted = select(Picture)
    if words := one_line(words)[:200]:
        # JSON keeps what is not ASCII as escapes.
        wanted = wanted.where(cast(Picture.words, Text).icontains(json.dumps(words)[1:-1], autoescape=True))
    return page_of(wanted, [Picture.id.desc()], page, per_page)


def all_pictures() -> list[Picture]:
    """List all pictures."""
    return list(db.session.scalars(select(Picture).order_by(Picture.id)))


def uses() -> dict[int, list[Use]]:
    """Give the texts that show pictures, by the picture's number (one query for each kind of text)."""
    found: dict[int, list[Use]] = {}
    for use, texts in _texts():
        for number in named_in(*texts):
            found.setdefault(number, []).append(use)
    return found


def _texts() -> Iterator[tuple[Use, list[str]]]:
    for model, column, endpoint in _TEXTS:
        text, others = getattr(model, column), cast(model.translations, Text)
        wanted = select(model.title, model.slug, text, others).where(or_(_names(text), _names(others)))
        for title, slug, *texts in db.session.execute(wanted.order_by(model.id.desc())):
            yield Use(title, endpoint, {"slug": slug}), texts
    yield from _video_texts()
    for (fields,) in db.session.execute(select(cast(Draft.fields, Text)).where(_names(cast(Draft.fields, Text)))):
        yield Use(_("a draft that somebody has not saved yet")), [fields]
    settings = select(OrganizationSetting.value).where(_names(OrganizationSetting.value))
    for value in db.session.scalars(settings):
        yield Use(_("the settings of the organization")), [value]


def _video_texts() -> Iterator[tuple[Use, list[str]]]:
    of_video = select(Video.title, Video.slug, Video.description).where(_names(Video.description))
    why = select(Video.title, Video.slug, Standing.withdrawn_because).join(Standing, Standing.video_id == Video.id)
    answers = select(Video.title, Video.slug, Answer.answer).join(Answer, Answer.video_id == Video.id)
    for wanted, endpoint in (
        (of_video, "archive_staff.video"),
        (why.where(_names(Standing.withdrawn_because)), "archive_staff.video"),
        (answers.where(_names(Answer.answer)), "archive_staff.video_extras"),
    ):
        for title, slug, text in db.session.execute(wanted):
            yield Use(title, endpoint, {"slug": slug}), [text]


def _names(text: Any) -> ColumnElement[bool]:
    return text.contains(SCHEME)


def is_public(name: str) -> bool:
    """Say whether a file of the media store is of a picture or portrait that is there: texts show it to everybody."""
    found = kind_and_key(name)
    return found is not None and is_named(db.session(), *found)


def is_named(session: Session, kind: str, key: str) -> bool:
    """Say whether a picture, or the portrait of a speaker, has this key."""
    wanted = {
        PICTURE: select(Picture.id).where(Picture.key == key),
        PORTRAIT: select(Speaker.id).where(Speaker.portrait == key),
    }
    return session.scalar(wanted[kind].limit(1)) is not None


def file_names() -> set[str]:
    """Name the files of all pictures and portraits (two queries)."""
    rows = db.session.execute(select(Picture.key, Picture.widths))
    named = {file_name(PICTURE, width, key) for key, widths in rows for width in widths}
    portraits = db.session.scalars(select(Speaker.portrait).where(Speaker.portrait != ""))
    return named | {file_name(PORTRAIT, width, key) for key in portraits for width in FACES}
