"""Text as people type it: cleaning, keys for comparing, slugs."""

import re
import secrets
import unicodedata

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

_ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_ID_LENGTH = 22


def one_line(text: str) -> str:
    """Clean a single-line value: NFC, no control or direction characters, white space folded."""
    # White space first: some of it, such as U+2028, would else be taken for a sign that nobody sees, and glue words.
    line = " ".join(unicodedata.normalize("NFC", text).split())
    # Captions have thousands of lines; what can be printed hides nothing.
    return line if line.isprintable() else " ".join(_UNSEEN.sub("", line).split())


def whole_number(text: str) -> int | None:
    """Read digits as a number that can be one of a row; None for anything else and for what is longer."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def many_lines(text: str) -> str:
    """Clean a text of several lines: NFC, LF line ends, no control characters, outer white space gone."""
    # Whatever ends a line, such as U+2028 and the vertical tab of word processors: it would vanish, and glue words.
    unified = "\n".join(unicodedata.normalize("NFC", text).splitlines())
    return "".join(c for c in unified if c == "\n" or not _UNSEEN.match(c)).strip()


def name_key(name: str) -> str:
    """Fold a person's name for comparing: case, accents, white space and what nobody sees tell no two people apart."""
    decomposed = unicodedata.normalize("NFKD", one_line(name).casefold())
    seen = "".join(c for c in decomposed if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return " ".join(seen.split())


def email_key(address: str) -> str:
    """Fold an address for comparing: NFC, domain in lower case and punycode, local part in lower case.

    Folding the local part's case treats Ann@x.org and ann@x.org as one mailbox, as every large provider does.
    """
    local, _, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return f"{local.casefold()}@{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    try:
        return domain.lower().encode("idna").decode()
    except UnicodeError:
        return domain.lower()


def slugify(text: str, longest: int = 80) -> str:
    """Make the readable part of an address: a–z, 0–9 and single hyphens; "untitled" when nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text)[:longest].strip("-") or "untitled"


def random_id() -> str:
    """Make an unguessable public id of 131 bits: 22 characters of a–z, A–Z, 0–9."""
    return "".join(secrets.choice(_ID_CHARACTERS) for _ in range(_ID_LENGTH))


def id_from(number: int) -> str:
    """Write a number of 128 bits as a public id."""
    written = ""
    for _ in range(_ID_LENGTH):
        number, place = divmod(number, len(_ID_CHARACTERS))
        written += _ID_CHARACTERS[place]
    return written
