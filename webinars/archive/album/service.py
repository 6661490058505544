"""Pictures for texts and portraits of speakers: kept, described, given up."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask_babel import gettext as _
from sqlalchemy import event

from config import LANGUAGES
from webinars.accounts import audit
from webinars.archive import store
from webinars.archive.album import queries
from webinars.archive.album.making import Made
from webinars.core import links
from webinars.core.database import db, lock, reading
from webinars.core.errors import Conflict, UserError
from webinars.core.pictures import FACES, PICTURE, PORTRAIT, Picture, file_name
from webinars.schedule.catalogue import refuse_outdated
from webinars.schedule.cleaning import Problems, Reader, line, read_all
from webinars.schedule.models import Speaker
from webinars.schedule.rules import version_of

LOG = structlog.get_logger("webinars.archive.album")
LONGEST_WORDS = 300
#: so long a picture stays that no text shows any more: who takes one out may put it back
GRACE = timedelta(days=30)
_MOST_NAMED = 5
_KEPT = "picture-kept"


def keep(made: Made, kind: str) -> str:
    """Store the files of a picture; gives the key that names them. Not inside a transaction."""
    # Files of portraits are deleted at once: nobody else may have been given the same ones at that instant.
    key = secrets.token_hex(8) if kind == PORTRAIT else hashlib.sha256(b"".join(made.files.values())).hexdigest()[:16]
    for width, data in made.files.items():
        store.keep_made(store.current_store(), file_name(kind, width, key), data)
    return key


def token_of(key: str, made: Made) -> str:
    """Sign what is stored and not named yet, so that a form can bring it back with the words that were missing."""
    return links.sign(_KEPT, "-".join(map(str, (key, made.width, made.height, *made.files))), 0)


def kept_by(token: str) -> dict[str, Any] | None:
    """Read what token_of signed; None for anything else, and when the files are not there any more."""
    opened = links.open_token(_KEPT, token)
    if opened is None:
        return None
    key, *numbers = opened[0].split("-")
    width, height, *widths = map(int, numbers)
    there = all(store.current_store().has(file_name(PICTURE, one, key)) for one in widths)
    return {"key": key, "width": width, "height": height, "widths": widths} if there else None


def add_picture(kept: Mapping[str, Any] | None, fields: Mapping[str, Any], now: datetime) -> Picture:
    """Name a picture that is stored (``kept_by``), with its words. Raises Problems."""
    problems = {} if kept else {"file": _("Choose the picture.")}
    try:
        words = _described(fields)
    except Problems as found:
        problems |= found.fields
    if problems or kept is None:
        raise Problems(problems)
    picture = Picture(**kept, words=words, created_at=now)
    db.session.add(picture)
    db.session.flush()
    audit.record("picture added", "picture", picture.id, after=_told(picture), now=now)
    return picture


def edit_picture(picture: Picture, fields: Mapping[str, Any], now: datetime, *, seen: str | None = None) -> None:
    """Say otherwise what a picture shows.

    Raises Problems, and Conflict when somebody saved after the version ``seen``.
    """
    lock(picture)
    refuse_outdated(version(picture), seen, about=("picture", picture.id))
    words, before = _described(fields), _told(picture)
    if words != picture.words:
        picture.words = words
        audit.record("picture edited", "picture", picture.id, before=before, after=_told(picture), now=now)


def version(picture: Picture) -> str:
    """Fingerprint the words of a picture."""
    return version_of(picture, ("words",))


def delete_picture(picture: Picture, now: datetime) -> None:
    """Delete a picture that no text shows; `flask media clean` removes its files. Raises Conflict with the texts."""
    lock(picture)
    if reason := why_kept(picture.id):
        raise Conflict(reason)
    audit.record("picture deleted", "picture", picture.id, before=_told(picture), now=now)
    db.session.delete(picture)
    db.session.flush()


def why_kept(number: int) -> str | None:
    """Say in a sentence which texts show a picture; None when none does."""
    uses = queries.uses().get(number, [])
    if not uses:
        return None
    named = ", ".join(f"“{use.title}”" for use in uses[:_MOST_NAMED])
    places = _("%(places)s and others", places=named) if len(uses) > _MOST_NAMED else named
    return _("This picture is shown in %(places)s. Take it out there first.", places=places)


def give_up_unused(now: datetime) -> list[int]:
    """Note which pictures no text shows, and delete those of which that was noted long enough ago."""
    used, gone = queries.uses(), []
    for picture in queries.all_pictures():
        if picture.id in used:
            picture.unused_since = None
        elif picture.unused_since is None:
            picture.unused_since = now
        elif picture.unused_since < now - GRACE:
            gone.append(picture.id)
            delete_picture(picture, now)
    return gone


def set_portrait(speaker: Speaker, key: str | None, fields: Mapping[str, Any], now: datetime) -> None:
    """Give a speaker a portrait (a key of ``keep``), and words where the name does not do.

    Parameters: key, None = the one they have stays. Raises Problems.
    """
    lock(speaker)
    key = key or speaker.portrait
    if not key:
        raise Problems({"file": _("Choose the picture.")})
    words = {code: text for code, text in read_all(fields, _readers(needed=False)).items() if text}
    before, speaker.portrait_words = _portrait_told(speaker), _by_language(words)
    if key != speaker.portrait:
        forget(speaker.portrait)
        speaker.portrait = key
    if before != _portrait_told(speaker):
        audit.record("portrait set", "speaker", speaker.id, before=before, after=_portrait_told(speaker), now=now)


def remove_portrait(speaker: Speaker, now: datetime) -> None:
    """Take a portrait away; its files are deleted."""
    lock(speaker)
    if not speaker.portrait:
        return
    before = _portrait_told(speaker)
    forget(speaker.portrait)
    speaker.portrait, speaker.portrait_words = "", {}
    audit.record("portrait removed", "speaker", speaker.id, before=before, now=now)


def forget(key: str) -> None:
    """Delete the files of a portrait once this transaction is committed, unless somebody has it still."""
    if key:
        event.listen(db.session(), "after_commit", lambda _session: _delete_portrait(key), once=True)


def _delete_portrait(key: str) -> None:
    try:
        with reading() as session:
            if queries.is_named(session, PORTRAIT, key):
                return
        for width in FACES:
            store.current_store().delete(file_name(PORTRAIT, width, key))
    except (UserError, OSError) as fault:
        # Nobody is shown it any more; `flask media clean` removes what is left.
        LOG.error("a portrait was not deleted", fault=type(fault).__name__)


def _described(fields: Mapping[str, Any]) -> dict[str, str]:
    """Read the words of a picture in every language, or the word that it only decorates. Raises Problems."""
    given = dict(fields)
    decorates = given.pop("decorates", False)
    if not decorates:
        return _by_language(read_all(given, _readers(needed=True)))
    typed = [name for name, text in given.items() if text and text.strip()]
    if typed:
        both = _("Either say what it shows, or tick that it only decorates.")
        raise Problems(dict.fromkeys(typed, both))
    return {}


def _readers(*, needed: bool) -> dict[str, Reader]:
    missing = _("Say what the picture shows: people who do not see it hear these words.") if needed else None
    return {f"words_{code}": line(LONGEST_WORDS, missing) for code in LANGUAGES}


def _by_language(fields: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix("words_"): text for name, text in fields.items()}


def _told(picture: Picture) -> dict[str, str]:
    return {f"picture_words ({code})": text for code, text in picture.words.items()} or {"picture_words": ""}


def _portrait_told(speaker: Speaker) -> dict[str, Any]:
    words = {f"picture_words ({code})": text for code, text in speaker.portrait_words.items()}
    return {"portrait": speaker.portrait, **words}
