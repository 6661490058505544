"""Writing what comes with a video: slides, handouts, links, and written answers to questions that were not reached."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.archive import media, rules, search, store, world_queries
from webinars.archive.models import Video
from webinars.archive.world_models import Answer, Paper, PaperKind
from webinars.core.database import db, lock
from webinars.core.errors import UserError
from webinars.schedule.catalogue import refuse_outdated
from webinars.schedule.cleaning import Problems, Reader, line, lines, read_all, web_address
from webinars.schedule.rules import version_of

#: bytes; slides with many pictures are a third of it
LARGEST_PAPER = 50 * 1024**2
#: a PDF ends with this word, behind it a few bytes at most (ISO 32000-1 section 7.5.5)
_END, _TAIL = b"%%EOF", 1024
MOST_PAPERS, MOST_ANSWERS = 50, 200


def keep_paper(kept_in: store.Store, stem: str, stream: BinaryIO) -> tuple[str, int]:
    """Store a PDF; gives "media:<name>" and its size. Raises NotMedia for another kind and for half a file."""
    size = stream.seek(0, 2)
    if size > LARGEST_PAPER:
        raise media.NotMedia(_("This file is too large. Fifty megabytes are the most."))
    stream.seek(max(0, size - _TAIL))
    whole = _END in stream.read()
    stream.seek(0)
    if media.sniff(stream.read(64)) == ".pdf" and not whole:
        raise media.NotMedia(_("This PDF breaks off before its end. Save it again and send it once more."))
    stream.seek(0)
    return store.keep(kept_in, f"{stem[:60]}-paper", stream, {".pdf"}), size


def add_paper(video: Video, fields: Mapping[str, Any], now: datetime) -> Paper:
    """Add slides or a handout (``stored`` and ``bytes`` as ``keep_paper`` gave them), or a link (``url``).

    Raises Problems, also when it is there already: somebody else may have added it meanwhile.
    """
    readers: dict[str, Reader] = {
        "kind": _kind, "title": line(200, _("Give it a title.")), "url": web_address, "at": moment,
    }  # fmt: skip
    stored, size = fields.get("stored"), fields.get("bytes")
    given = {name: value for name, value in fields.items() if name not in {"stored", "bytes"}}
    values = read_all(dict.fromkeys(readers) | given, readers)
    if values["kind"] == PaperKind.LINK:
        if not values.get("url"):
            raise Problems({"url": _("Give the address it leads to.")})
        stored, size = values["url"], None
    elif not stored:
        raise Problems({"file": _("Choose the PDF file.")})
    lock(video)
    present = world_queries.papers_of(video.id)
    if len(present) >= MOST_PAPERS:
        raise Problems({"title": _("There are too many already. Remove one first.")})
    same = next((one for one in present if (one.url, one.start_seconds) == (stored, values.get("at"))), None)
    if same is not None:
        told = _("This is in the list already, as “%(title)s”. Nothing was added.", title=same.title)
        raise Problems({"url" if size is None else "file": told})
    paper = Paper(video_id=video.id, kind=values["kind"], title=values["title"], url=stored, bytes=size,
                  start_seconds=values.get("at"))  # fmt: skip
    db.session.add(paper)
    _note(video, "paper added", {"title": paper.title}, now)
    return paper


def remove_paper(video: Video, paper_id: int, now: datetime) -> None:
    """Take a paper away; from then on its file is nobody's and not served."""
    paper = world_queries.get_paper(video.id, paper_id)
    db.session.delete(paper)
    _note(video, "paper removed", {"title": paper.title}, now)


def answer_version(answer: Answer) -> str:
    """Fingerprint a written answer; pass it back as ``seen`` to notice that somebody else saved."""
    return version_of(answer, ("question", "answer", "answered_by", "start_seconds"))


def write_answer(
    video: Video, fields: Mapping[str, Any], now: datetime, answer_id: int | None = None, *, seen: str | None = None
) -> Answer:
    """Write an answer to a question that was not reached, or put it in other words.

    Raises Problems, NotFound, and Conflict when somebody saved after the version ``seen``.
    """
    readers: dict[str, Reader] = {
        "question": lines(1000, _("Write the question.")),
        "answer": lines(20_000, _("Write the answer.")),
        "answered_by": line(200, _("Say who answers.")),
        "at": moment,
    }
    values = read_all({**dict.fromkeys(readers), **fields}, readers)
    lock(video)
    if answer_id is not None:
        answer = world_queries.get_answer(video.id, answer_id)
        refuse_outdated(answer_version(answer), seen)
    elif len(world_queries.answers_of(video.id)) >= MOST_ANSWERS:
        raise Problems({"question": _("There are too many already. Remove one first.")})
    else:
        answer = Answer(video_id=video.id)
        db.session.add(answer)
    answer.question, answer.answer = values["question"], values["answer"]
    answer.answered_by, answer.start_seconds = values["answered_by"], values.get("at")
    search.index_video(video)
    _note(video, "answer written", {}, now)
    return answer


def remove_answer(video: Video, answer_id: int, now: datetime) -> None:
    """Take a written answer away."""
    db.session.delete(world_queries.get_answer(video.id, answer_id))
    search.index_video(video)
    _note(video, "answer removed", {}, now)


def moment(raw: Any) -> int | None:
    """Read a moment of the talk: seconds, or text such as "12:40"; nothing = it belongs to the whole."""
    if raw is None or raw == "":
        return None
    if raw == 0 or (isinstance(raw, str) and raw.strip("0: ") == "" and raw.strip()):
        return 0
    try:
        return rules.length(raw)
    except UserError:
        raise UserError(_("Give the moment as minutes and seconds, such as 12:40.")) from None


def _kind(raw: Any) -> str:
    if raw not in set(PaperKind):
        raise UserError(_("Choose what it is."))
    return str(raw)


def _note(video: Video, deed: str, after: dict[str, Any], now: datetime) -> None:
    video.updated_at = now
    db.session.flush()
    audit.record(deed, "video", video.id, after=after, now=now)
