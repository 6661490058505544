"""What all forms of the staff have in common: sentences beside fields, and nothing typed is lost to somebody else."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, FieldList, HiddenField
from wtforms.fields.choices import SelectFieldBase

from webinars.accounts.drafts.models import Draft
from webinars.accounts.drafts.queries import find_draft
from webinars.accounts.queries import current_staff
from webinars.core.differences import pieces
from webinars.schedule.merging import merge, plain

_OWN = frozenset({"csrf_token", "seen", "base", "meanwhile"})
Pieces = list[tuple[str, str]]


@dataclass(frozen=True)
class Clash:
    """A field that two people changed; both values as pieces of text, told apart from what both began with."""

    name: str
    label: str
    theirs: Pieces
    mine: Pieces
    #: "theirs", "mine", or nothing yet
    chosen: str
    #: id of the field in the form
    place: str


@dataclass(frozen=True)
class Meanwhile:
    """What somebody else did while this person was writing."""

    #: who and when, as a sentence
    sentence: str
    #: what is taken in from them, by labels
    taken: list[str]
    clashes: list[Clash]


class PlainForm(FlaskForm):  # type: ignore[misc]
    """Shows the service's sentences beside the fields and keeps everything typed."""

    #: fingerprint of what the form was filled from
    seen = HiddenField()
    #: what the form was filled from, as JSON: against it two people's changes are told apart
    base = HiddenField()
    #: what was shown of somebody else's changes, as JSON: {"said", "taken", "was"}; ``was`` names what both changed
    meanwhile = HiddenField()

    #: where a sentence about a field goes that has another name here
    places: Mapping[str, str] = {}
    #: fields that mean something only together
    together: Iterable[frozenset[str]] = ()
    #: whether what is typed is kept until it is saved
    drafted = False
    #: what this person typed here and has not saved yet
    typed_before: Draft | None = None
    #: of the answer that shows the form
    status = 200

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if self.drafted and request.method == "GET":
            self.typed_before = _find_draft()
            if self.typed_before and "draft" in request.args:
                kwargs["formdata"] = MultiDict([(name, value) for name, value in self.typed_before.fields])
        super().__init__(*args, **kwargs)
        # Of something new there is no version that somebody else could have saved.
        if kwargs.get("formdata") and self.seen.object_data and self.seen.data != self.seen.object_data:
            self._take_in("")
        elif not self.is_submitted() and not self.base.data:
            self.base.data = json.dumps(self._filled())

    def show(self, problems: Mapping[str, str]) -> None:
        """Put sentences beside their fields, and at the top when there is no such field."""
        self.status = 422
        for name, sentence in problems.items():
            field = self._fields.get(self.places.get(name, name))
            if field is None:
                self.form_errors.append(sentence)
            else:
                field.errors = [sentence]

    def show_conflict(self, sentence: str, current: str, said: str = "") -> None:
        """Say that somebody saved in between, take in what only they changed, and ask about what both changed.

        Parameters: current, the fingerprint of what is saved; said, who saved and when. A form that was not filled
        from what is saved keeps what was typed, and saving again is then meant.
        """
        self.status = 409
        if any(isinstance(field, FileField) and field.data for field in self):
            self.form_errors.append(gettext("Choose the file once more: browsers do not keep it."))
        if _object(self.base.data) and self.seen.object_data is not None:
            self._take_in(said)
        else:
            self.form_errors.append(sentence)
            self.seen.data = current

    def validate(self, extra_validators: Any = None) -> bool:
        """Check, and do as was chosen where two people changed the same."""
        return bool(super().validate(extra_validators)) and self._settle()

    def told(self) -> Meanwhile | None:
        """Give what is to be shown of somebody else's changes, if there were any."""
        shown, theirs = _object(self.meanwhile.data), _object(self.base.data)
        if not shown:
            return None
        taken = [self._label(name) for name in _object(shown.get("taken")) if name in self]
        was = _object(shown.get("was"))
        clashes = [self._clash(name, was[name], theirs) for name in was if name in self]
        return Meanwhile(str(shown.get("said", "")), taken, clashes)

    def is_stirred(self, names: Iterable[str]) -> bool:
        """Say whether one of these fields has an error, differs from what is saved, or was changed by somebody else."""
        saved, typed, shown = self._filled(), self._typed(), _object(self.meanwhile.data)
        concerned = {*_object(shown.get("taken")), *_object(shown.get("was"))}
        held = [name for name in names if name in self]
        return any(self[name].errors or name in concerned or typed[name] != saved[name] for name in held)

    def in_brief(self, names: Iterable[str]) -> str:
        """Tell in words what is set in these fields."""
        typed = self._typed()
        told = [self._in_brief(name, typed[name]) for name in names if name in self]
        return " · ".join(filter(None, told))

    def begun(self) -> dict[str, Any]:
        """Give what the form was filled from, as far as it says."""
        return _object(self.base.data)

    def texts(self, *names: str) -> dict[str, Any]:
        """Give the fields of these names that the form has."""
        return {name: self[name].data for name in names if name in self}

    def _take_in(self, said: str) -> None:
        """Merge what somebody else saved into what was typed here."""
        base = self.begun()
        # What the form was filled from just now, which may be older than the fingerprint given.
        theirs, mine = self._filled(), self._typed()
        merged = merge(base, theirs, mine, self.together)
        for name in merged.taken:
            self._put(name, theirs[name])
        was = {name: base.get(name, "") for name in merged.clashes}
        self.meanwhile.data = json.dumps({"said": said, "taken": dict.fromkeys(merged.taken), "was": was})
        self.base.data, self.seen.data = json.dumps(theirs), self.seen.object_data

    def _settle(self) -> bool:
        shown, theirs = _object(self.meanwhile.data), _object(self.base.data)
        open_ones = []
        for name in _object(shown.get("was")):
            choice = request.form.get(f"keep-{name}")
            if choice == "theirs" and name in self and name in theirs:
                self._put(name, theirs[name])
            elif choice != "mine" and name in self:
                open_ones.append(self._label(name))
        if open_ones:
            self.status = 422
            asked = gettext("Choose whose words to keep: %(fields)s.", fields=", ".join(open_ones))
            self.form_errors.append(asked)
            return False
        self.meanwhile.data = ""
        return True

    def _content(self) -> list[Field]:
        return [field for field in self if field.short_name not in _OWN and not isinstance(field, FileField)]

    def _filled(self) -> dict[str, Any]:
        return {field.short_name: _plain(field, field.object_data) for field in self._content()}

    def _typed(self) -> dict[str, Any]:
        return {field.short_name: _plain(field, field.data) for field in self._content()}

    def _put(self, name: str, value: Any) -> None:
        field = self[name]
        if not isinstance(field, FieldList):
            field.data = value
            return
        while field.entries:
            field.pop_entry()
        for one in value:
            field.append_entry(one)

    def _label(self, name: str) -> str:
        return str(self[name].label.text)

    def _words(self, name: str, value: Any) -> str:
        return _words(self[name], value)

    def _in_brief(self, name: str, value: Any) -> str:
        """Name a field with what is set in it; nothing where nothing is."""
        if value is True:
            return self._label(name)
        return f"{self._label(name)}: {self._words(name, value)}" if value else ""

    def _clash(self, name: str, was: Any, theirs: Mapping[str, Any]) -> Clash:
        old, own, other = (self._words(name, one) for one in (was, self._typed()[name], theirs.get(name, "")))
        return Clash(
            name, self._label(name), pieces(old, other, whole=True), pieces(old, own, whole=True),
            request.form.get(f"keep-{name}", ""), self[name].id,
        )  # fmt: skip


def _find_draft() -> Draft | None:
    user = current_staff()
    return find_draft(user.id, request.path) if user else None


def _object(text: Any) -> dict[str, Any]:
    """Read JSON that came back from a page; what is none says nothing."""
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _plain(field: Field, value: Any) -> Any:
    # A box that nobody said anything about is not ticked.
    return bool(value) if isinstance(field, BooleanField) else plain(value)


def _words(field: Field, value: Any) -> str:
    """Give a value as people read it: of a choice the words of the list."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    chosen = field.entries[0] if isinstance(field, FieldList) and field.entries else field
    known = {}
    if isinstance(chosen, SelectFieldBase):
        known = {str(choice[0]): str(choice[1]) for choice in chosen.iter_choices()}
    return ", ".join(known.get(str(one), str(one)) for one in (value if isinstance(value, list) else [value]))
