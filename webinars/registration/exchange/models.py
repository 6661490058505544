"""Imports: a file of people on its way into a webinar. All of it is deleted once it is entered, or after a day."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, SmallInteger, String, Text, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinars.core.database import Model
from webinars.core.leases import Leased
from webinars.schedule.models import Webinar


class ImportState(StrEnum):
    """How far an import is."""

    #: a worker looks at what the file is and which columns it has
    READING = "reading"
    #: staff have to say what the columns hold
    COLUMNS = "columns"
    #: a worker reads the rows and checks each
    CHECKING = "checking"
    #: staff see what would happen
    CHECKED = "checked"
    #: staff said yes; a worker enters all in one transaction
    ENTERING = "entering"
    DONE = "done"
    #: nothing can be made of the file; ``reason`` says why
    REFUSED = "refused"
    #: staff, or the erasure of somebody in it, put an end to it
    DISCARDED = "discarded"


#: a worker goes on with these by itself
AT_WORK = (ImportState.READING, ImportState.CHECKING, ImportState.ENTERING)
#: nothing follows any more: what they hold of people is deleted at once
ENDED = (ImportState.DONE, ImportState.REFUSED, ImportState.DISCARDED)


class Fate(StrEnum):
    """What becomes of a row."""

    #: something in it cannot be read
    BAD = "bad"
    #: readable, not yet compared with who is registered
    GOOD = "good"
    #: a new place
    NEW = "new"
    #: was cancelled, and comes back
    BACK = "back"
    #: has the recording, and gets a seat or a place in line
    SEAT = "seat"
    #: is registered already, and nothing changes
    KNOWN = "known"
    #: the same person as in another row
    TWICE = "twice"
    #: all places are taken and nobody may wait
    FULL = "full"
    #: the webinar does not take this way of taking part any more
    SHUT = "shut"


#: what stands against entering anything
PROBLEMS = (Fate.BAD, Fate.FULL, Fate.SHUT)
#: what gives somebody a place
ENTERED = (Fate.NEW, Fate.BACK, Fate.SEAT)


class Import(Leased, Model):
    """One file on its way into one webinar."""

    __tablename__ = "imports"
    __table_args__ = (
        Index("ix_imports_webinar_id", "webinar_id"),
        Index("ix_imports_created_at", "created_at"),
        Index("ix_imports_at_work", "id",
              postgresql_where=text("state IN ('reading', 'checking', 'entering')"),
              sqlite_where=text("state IN ('reading', 'checking', 'entering')")),
        {"sqlite_autoincrement": True},
    )  # fmt: skip

    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinars.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(12), default=ImportState.READING, server_default="reading")
    created_at: Mapped[datetime]
    #: who acted on it last, as the audit trail names people
    acted_by: Mapped[str] = mapped_column(String(40))
    #: of whoever began it, for the sentence why nothing can be made of the file
    language: Mapped[str] = mapped_column(String(5), default="en", server_default="en")
    file_name: Mapped[str] = mapped_column(String(200))
    #: what the file turned out to be: a word of ``sheets.Kind``; empty until a worker looked
    kind: Mapped[str] = mapped_column(String(20), default="", server_default="")
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: what stands above the columns, the first rows below, and the field of each column ("" = left out)
    headers: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    samples: Mapped[list[list[str]]] = mapped_column(JSON, default=list, server_default="[]")
    columns: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    #: rows read so far, and about how many there will be (None = nobody knows)
    rows: Mapped[int] = mapped_column(default=0, server_default="0")
    expected: Mapped[int | None]
    #: how many rows have which fate ("new"), and of those with a place which state ("new confirmed")
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, server_default="{}")
    #: rows with problems that staff left out, so that the others can be entered
    left_out: Mapped[int] = mapped_column(default=0, server_default="0")
    #: whether who is entered gets a letter
    letters: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: staff pressed, and something stood against it by then
    held_up: Mapped[bool] = mapped_column(default=False, server_default=false())

    webinar: Mapped[Webinar] = relationship()

    @property
    def problems(self) -> int:
        """Count the rows that stand against entering anything."""
        return sum(self.counts.get(fate, 0) for fate in PROBLEMS)

    def getting(self, state: str) -> int:
        """Count the people who get a state."""
        return sum(self.counts.get(f"{fate} {state}", 0) for fate in ENTERED)


class ImportPiece(Model):
    """A part of an uploaded file: kept where every worker finds it, on whichever machine."""

    __tablename__ = "import_pieces"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRow(Model):
    """One row of a file, and what becomes of it."""

    __tablename__ = "import_rows"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    #: 1..n, in the order of the file
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: where it stands in the file, counted from 1
    line: Mapped[int]
    #: what stood in it, of which cells the file gives no value, and what it answers to what the webinar asks beyond
    #: the usual: {"cells": […], "flaws": {column: kind}, "extras": {"role": …, "answers": {question: …}}}
    written: Mapped[dict[str, Any]] = mapped_column(JSON)
    fate: Mapped[str] = mapped_column(String(8))
    #: the state of registration it leads to; None = it leads to none
    state: Mapped[str | None] = mapped_column(String(16))
    line_number: Mapped[int | None]

    # What a registration is made of; empty in a row that is bad.
    public_id: Mapped[str | None] = mapped_column(String(22))
    uid: Mapped[str | None] = mapped_column(String(36))
    name: Mapped[str | None] = mapped_column(String(200))
    name_key: Mapped[str | None] = mapped_column(String(300))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(300))
    address_key: Mapped[str | None] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(60))
    mode: Mapped[str | None] = mapped_column(String(12))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(5))
    discreet: Mapped[bool | None]
    question: Mapped[str | None] = mapped_column(Text)


class ColumnMemory(Model):
    """What staff said the columns of such files hold, kept by the names above them."""

    __tablename__ = "import_columns"

    #: hash of the names
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    columns: Mapped[dict[str, str]] = mapped_column(JSON)
    used_at: Mapped[datetime]
