"""What a medical term may be, and the list as a CSV file (RFC 4180)."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from webinars.archive.terms.models import Term
from webinars.core.errors import UserError
from webinars.core.text import one_line
from webinars.schedule.cleaning import Problems, language, line, read

COLUMNS = ("language", "spelling", "misheard", "explanation", "elsewhere")
MOST_TERMS = 5000
MOST_BYTES = 2_000_000
MOST_MISHEARD = 40
_BETWEEN = ";"
#: what a spreadsheet takes for the beginning of a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read_term(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Check a term; raises Problems with a sentence for each field."""
    readers = {
        "language": language,
        "spelling": line(100, _("Write the term as it is spelt.")),
        "misheard": misheard,
        "explanation": line(500),
        "elsewhere": line(100),
    }
    values, problems = read({name: fields.get(name) or "" for name in readers}, readers)
    spelling = values.get("spelling", "")
    if spelling and not any(c.isalnum() for c in spelling):
        problems["spelling"] = _("Write the term as it is spelt.")
    if spelling in values.get("misheard", ()):
        problems["misheard"] = _("The right spelling stands among the wrong ones.")
    if problems:
        raise Problems(problems)
    return values


def misheard(raw: Any) -> list[str]:
    """Read wrong spellings, one a line or with semicolons between them."""
    if not isinstance(raw, str):
        raise UserError(_("This must be text."))
    found = [one_line(part) for part in raw.replace("\r", "\n").replace(_BETWEEN, "\n").split("\n")]
    wrong = list(dict.fromkeys(part for part in found if part))
    if any(len(part) > 100 for part in wrong):
        raise UserError(_("This is too long: %(most)s characters are the most.", most=100))
    if any(not any(c.isalnum() for c in part) for part in wrong):
        raise UserError(_("A wrong spelling needs letters or digits."))
    if len(wrong) > MOST_MISHEARD:
        raise UserError(_("These are too many wrong spellings: %(most)s are the most.", most=MOST_MISHEARD))
    return wrong


def csv_of(terms: Iterable[Term]) -> str:
    """Write terms as CSV, with the byte order mark by which Excel knows UTF-8."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for term in terms:
        cells = (term.language, term.spelling, f"{_BETWEEN} ".join(term.misheard), term.explanation, term.elsewhere)
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return text.getvalue()


def read_csv(data: bytes) -> list[dict[str, Any]]:
    """Read terms from a CSV file; raises UserError that names the first line to mend."""
    if len(data) > MOST_BYTES:
        raise UserError(_("This file is too large. Two megabytes are the most."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(_("Some letters cannot be read. Save the file as UTF-8.")) from None
    head = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    try:
        return _read_rows(rows)
    except csv.Error:
        raise UserError(_("This file cannot be read as CSV.")) from None


def _read_rows(rows: Any) -> list[dict[str, Any]]:
    heads = [cell.strip().lower() for cell in next(rows, [])]
    if "spelling" not in heads or "language" not in heads:
        raise UserError(_("The first line names the columns: language, spelling, misheard, explanation, elsewhere."))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        cells = [cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell for cell in row]
        try:
            values = read_term(dict(zip(heads, cells, strict=False)))
        except Problems as problems:
            raise UserError(_("Line %(line)s: %(sentence)s", line=rows.line_num, sentence=problems)) from None
        # What a file has no column for stays as it is: one of an earlier version would else empty it.
        found[values["language"], values["spelling"]] = {name: values[name] for name in COLUMNS if name in heads}
        if len(found) > MOST_TERMS:
            raise UserError(_("These are too many terms: %(most)s are the most.", most=MOST_TERMS))
    return list(found.values())
