"""The browser side: a list of letters and a page for each, served apart from the product's own pages."""

import io
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    render_template,
    request,
    send_file,
    send_from_directory,
)
from werkzeug.exceptions import HTTPException

from webinars.demo.mailbox.letter import Headers, Letter, read_headers, read_letter
from webinars.demo.mailbox.store import KEPT_LETTERS, LetterNotFound, LetterStore, arrived_at
from webinars.demo.mailbox.wording import link_addresses, say_moment

PAGE_SIZE = 50

_TEMPLATES = Path(__file__).parents[3] / "templates" / "demo_mailbox"
_ASSETS = ("mailbox.css", "mailbox.js", "mailbox.svg")
#: The names a browser may use for us. Any other is a website that had its name pointed at this machine to read letters.
_LOOPBACK_NAMES = ["127.0.0.1", "localhost"]

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: The letter's own page: styled, with its links working in new tabs, and nothing else. The sandbox stands here too, for
#: whoever opens the page outside its frame.
LETTER_SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    f"frame-ancestors 'self'; sandbox {LETTER_SANDBOX}"
)
_FILE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"

letters = Blueprint("letters", __name__)


@dataclass(frozen=True)
class Page:
    """One page of the list: the names on it and its place among the pages."""

    names: list[str]
    number: int
    count: int
    total: int


class Shelf:
    """Read letters out of the store, each once: a stored letter never changes."""

    def __init__(self, store: LetterStore) -> None:
        """Stand before a store."""
        self._store = store
        self.headers = lru_cache(maxsize=KEPT_LETTERS)(self._headers)
        self.deed = lru_cache(maxsize=KEPT_LETTERS)(self._deed)

    def page(self, query: str, number: int) -> Page:
        """Find a page of letters whose recipient or subject holds every word of the query, newest first."""
        words = query.lower().split()
        names = self._store.names()
        if words:
            names = [name for name in names if self._matches(name, words)]
        count = max(1, -(-len(names) // PAGE_SIZE))
        number = min(max(1, number), count)
        return Page(names[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], number, count, len(names))

    def neighbours(self, name: str) -> tuple[str | None, str | None]:
        """Name the next newer and the next older letter."""
        names = self._store.names()
        newer = [other for other in names if other > name]
        older = [other for other in names if other < name]
        return (newer[-1] if newer else None, older[0] if older else None)

    def source(self, name: str) -> bytes:
        """Return a letter's bytes. Raises LetterNotFound."""
        return self._store.read(name)

    def letter(self, name: str) -> Letter:
        """Take a letter apart. Raises LetterNotFound."""
        return read_letter(self.source(name))

    def _matches(self, name: str, words: list[str]) -> bool:
        try:
            return all(word in self.headers(name).searchable for word in words)
        except LetterNotFound:
            # Removed as one of the oldest since the folder was listed.
            return False

    def _headers(self, name: str) -> Headers:
        return read_headers(self.source(name))

    def _deed(self, name: str) -> str:
        return next((entry.deed for entry in self.letter(name).entries), "")


def create_reader(store: LetterStore, site_url: str | None = None) -> Flask:
    """Make the reader of a store; `site_url` is where its pages lead back to."""
    app = Flask("webinars-mailbox", template_folder=str(_TEMPLATES), static_folder=None)
    app.config["TRUSTED_HOSTS"] = _LOOPBACK_NAMES
    app.extensions["shelf"] = Shelf(store)
    app.jinja_env.globals.update(site_url=site_url, letter_sandbox=LETTER_SANDBOX)
    app.jinja_env.filters.update(linked=link_addresses, local_time=_local_time)
    app.register_blueprint(letters)
    app.register_error_handler(HTTPException, _say_problem)
    app.after_request(_guard)
    return app


@letters.get("/")
def index() -> str:
    """List the letters."""
    query = request.args.get("q", "").strip()
    page = _shelf().page(query, request.args.get("page", 1, type=int))
    rows = [_row(name) for name in page.names]
    is_still = "still" in request.args or bool(query) or page.number > 1
    return render_template("list.html", page=page, rows=[row for row in rows if row], query=query, is_still=is_still)


@letters.get("/letters/<name>")
def letter(name: str) -> str:
    """Show one letter."""
    content = _letter_or_404(name)
    newer, older = _shelf().neighbours(name)
    return render_template("letter.html", name=name, arrived=arrived_at(name), letter=content, newer=newer, older=older)


@letters.get("/letters/<name>/html")
def html(name: str) -> Response:
    """Show the HTML text of a letter, as its mail reader would, in a page that can do nothing."""
    text = _letter_or_404(name).html
    if text is None:
        abort(404)
    response = Response(_with_links_in_new_tabs(text), mimetype="text/html")
    response.headers["Content-Security-Policy"] = _LETTER_POLICY
    return response


@letters.get("/letters/<name>/source")
def source(name: str) -> Response:
    """Show a letter's bytes as they were received; with `?download` as a file."""
    raw = _source_or_404(name)
    if "download" in request.args:
        return _download(raw, f"{name}.eml", "message/rfc822")
    response = Response(raw, content_type="text/plain; charset=utf-8")
    response.headers["Content-Security-Policy"] = _FILE_POLICY
    return response


@letters.get("/letters/<name>/attachments/<int:number>")
def attachment(name: str, number: int) -> Response:
    """Hand out an attachment, always as a file to save."""
    found = next((file for file in _letter_or_404(name).attachments if file.number == number), None)
    if found is None:
        abort(404)
    return _download(found.content, found.name, found.content_type)


@letters.get("/assets/<name>")
def asset(name: str) -> Response:
    """Serve the reader's own style, script and icon."""
    if name not in _ASSETS:
        abort(404)
    return send_from_directory(_TEMPLATES, name)


def _shelf() -> Shelf:
    shelf: Shelf = current_app.extensions["shelf"]
    return shelf


def _row(name: str) -> dict[str, object] | None:
    """Gather what the list says of a letter, or None if it has been removed since the folder was listed."""
    try:
        headers, deed = _shelf().headers(name), _shelf().deed(name)
    except LetterNotFound:
        return None
    return {"name": name, "headers": headers, "deed": deed, "arrived": arrived_at(name)}


def _source_or_404(name: str) -> bytes:
    try:
        return _shelf().source(name)
    except LetterNotFound:
        abort(404)


def _letter_or_404(name: str) -> Letter:
    return read_letter(_source_or_404(name))


def _download(content: bytes, name: str, content_type: str) -> Response:
    # The type is the sender's word: one that is no plain media type must not reach a header.
    is_plain = re.fullmatch(r"[\w.+-]+/[\w.+-]+", content_type, re.ASCII)
    mimetype = content_type if is_plain else "application/octet-stream"
    response = send_file(io.BytesIO(content), mimetype=mimetype, as_attachment=True, download_name=name)
    response.headers["Content-Security-Policy"] = _FILE_POLICY
    return response


def _with_links_in_new_tabs(text: str) -> str:
    """Put a <base> at the start of the head: a link followed inside the frame would be lost in its sandbox."""
    head = re.search(r"<head\b[^>]*>", text, re.IGNORECASE)
    start = head or re.match(r"\s*(<!doctype[^>]*>)?\s*(<html\b[^>]*>)?", text, re.IGNORECASE)
    position = start.end() if start else 0
    return f'{text[:position]}<base target="_blank">{text[position:]}'


def _local_time(moment: datetime) -> str:
    """Write an aware instant in this computer's zone."""
    return say_moment(moment.astimezone())


def _say_problem(problem: HTTPException) -> Response | tuple[str, int]:
    code = problem.code or 500
    if code != 404:
        return Response(f"{problem.description}\n", status=code, mimetype="text/plain")
    return render_template("missing.html"), code


def _guard(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response
