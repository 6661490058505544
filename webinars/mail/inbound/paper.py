"""A message as it came, from whomever: whatever stands in it, reading it is bounded and raises nothing.

The MIME structure comes from the standard library's parser, whose old message class keeps values as they were sent.
Decoding is done here, because a header or charset made to hurt must cost a message no more than its beauty.
"""

import codecs
import html
import re
from collections import defaultdict
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr
from itertools import islice

import nh3

from webinars.core.text import email_key, many_lines, one_line

#: octets of a message that are read; the rest of a longer one is cut
LARGEST = 10 * 1024 * 1024
#: of what is bigger than this only the head is read: nobody writes such a thing, but it costs memory to parse
MOST_LINES, MOST_BOUNDARIES, MOST_NESTED, MOST_BLOCKS = 400_000, 2_000, 60, 5_000
_LONGEST_HEAD, _LONGEST_HEADER, _MOST_HEADERS, _MOST_PARTS = 256 * 1024, 2_000, 500, 200
#: octets of one part that are decoded, and characters of HTML that are read
_LONGEST_PART, _LONGEST_HTML = 512 * 1024, 50_000
#: octets of a message in which a server's own words stand, if it writes prose
_BEGINNING = 128 * 1024
#: charsets whose decoders take the square of the length, or are no charsets
_REFUSED_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"})


class Paper:
    """One message; ``whole`` is false when only a part of it could be read."""

    def __init__(self, raw: bytes) -> None:
        """Take the octets as they came, from the first header on."""
        self._beginning = raw[:_BEGINNING]
        self.message, self.whole = _parse(raw[:LARGEST])
        self.whole = self.whole and len(raw) <= LARGEST
        self._headers: dict[str, list[str]] = defaultdict(list)
        for name, value in fields_of(self.message):
            self._headers[name].append(value)

    def beginning(self) -> Message:
        """Give the message cut short, for readers whose time grows faster than its length."""
        return message_from_bytes(self._beginning) if self.whole else self.message

    def header(self, name: str) -> str:
        """Give the first header of a name in one clean line; empty when there is none."""
        return next(iter(self.headers(name)), "")

    def headers(self, *names: str) -> list[str]:
        """Give all headers of these names, name by name."""
        return [value for name in names for value in self._headers.get(name.lower(), ())]

    @property
    def sender(self) -> str:
        """Give the bare address it is from, folded for comparing; empty when there is none."""
        return address_in(self.header("From"))

    @property
    def title(self) -> str:
        """Give the subject line."""
        return self.header("Subject")

    def parts(self) -> Iterator[Message]:
        """Give the message and its parts, outermost first, as many as a person's program would make."""
        return islice(self.message.walk(), _MOST_PARTS)

    def part(self, *types: str) -> Message | None:
        """Find the first part of one of these types (lower case)."""
        return next((part for part in self.parts() if type_of(part) in types), None)

    def text(self) -> str:
        """Give the words a person would read, without markup."""
        texts = {type_of(part): part for part in reversed(list(self._written()))}
        if "text/plain" in texts:
            return words(texts["text/plain"])
        return _without_markup(words(texts["text/html"])) if "text/html" in texts else ""

    def _written(self) -> Iterator[Message]:
        """Give the text parts that stand outside of messages that travel along."""
        inside: set[int] = set()
        for part in self.parts():
            if id(part) in inside or type_of(part).startswith("message/"):
                children = part.get_payload()
                inside.update(map(id, children if isinstance(children, list) else ()))
            elif "attachment" not in str(part.get("Content-Disposition", ""))[:40].lower():
                yield part


def address_in(header: str) -> str:
    """Give the bare address of a header's value, folded for comparing; empty for what is none."""
    try:
        address = one_line(parseaddr(header)[1] or next((one for _name, one in getaddresses([header]) if one), ""))
    except (RecursionError, ValueError, IndexError):
        # Comments in comments are read by a function that calls itself.
        return ""
    return email_key(address) if "@" in address and len(address) <= 254 else ""


def fields_of(part: Message) -> list[tuple[str, str]]:
    """Give the headers of a part, names in lower case, values in one clean line each."""
    return [(name.lower(), _header_text(value)) for name, value in islice(part.raw_items(), _MOST_HEADERS)]


def value_of(part: Message, name: str) -> str:
    """Give a header of a part; empty when there is none."""
    return next((value for key, value in fields_of(part) if key == name.lower()), "")


def type_of(part: Message) -> str:
    """Give the type of a part in lower case, such as "text/plain"."""
    return part.get_content_type()


def content(part: Message) -> bytes:
    """Give the octets of a part without their transfer encoding; of a broken one what can be had."""
    try:
        found = part.get_payload(decode=True)
    except Exception:
        # The standard library raises half a dozen kinds of errors on encodings made up to provoke them.
        return b""
    return found[:_LONGEST_PART] if isinstance(found, bytes) else b""


def words(part: Message) -> str:
    """Give the text of a part, clean, with what cannot be decoded replaced."""
    return many_lines(_decode(content(part), _charset(part)))


def _parse(raw: bytes) -> tuple[Message, bool]:
    """Parse a message, of a bomb only the head; say whether it is whole."""
    # The parser takes each of the three line ends for one, so whoever counts must as well.
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    head = lines.partition(b"\n\n")[0]
    if len(head) <= _LONGEST_HEAD and not _is_bomb(lines):
        try:
            return message_from_bytes(raw), True
        except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
            # Nothing is known to get here; a parser of strangers' octets is not trusted to have no bug.
            pass
    return BytesHeaderParser().parsebytes(head[:_LONGEST_HEAD] + b"\n\n"), False


def _is_bomb(lines: bytes) -> bool:
    """Say whether parsing would make more objects than any program's message has; ``lines`` end with LF alone."""
    folded = lines.lower()
    nested = folded.count(b"boundary") + folded.count(b"message/")
    blocks = folded.count(b"\n\n") if b"/delivery-status" in folded else 0
    return (
        nested > MOST_NESTED
        or blocks > MOST_BLOCKS
        or lines.count(b"\n--") > MOST_BOUNDARIES
        or lines.count(b"\n") > MOST_LINES
    )


def _header_text(value: str) -> str:
    """Decode what RFC 2047 encodes, and octets beyond ASCII as UTF-8; one clean line of bounded length."""
    text = value[:_LONGEST_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return one_line(text)
    return one_line(
        "".join(_decode(piece, charset) if isinstance(piece, bytes) else piece for piece, charset in pieces)
    )


def _charset(part: Message) -> str | None:
    try:
        found = part.get_param("charset")
    except Exception:
        # Parameters continued and encoded by RFC 2231 are parsed with a good deal of trust.
        return None
    return found if isinstance(found, str) else None


def _decode(data: bytes, charset: str | None) -> str:
    try:
        known = codecs.lookup(charset or "utf-8").name
        if known in _REFUSED_CHARSETS:
            raise LookupError(known)
        text = data.decode(known, "replace")
    except (LookupError, ValueError):
        # Not a charset at all ("rot13", "x-unknown", a NUL).
        text = data.decode("utf-8", "replace")
    # Some decoders give halves of characters, which no database takes.
    return text.encode("utf-8", "replace").decode("utf-8")


def _without_markup(text: str) -> str:
    """Give the words of an HTML text; its structure is lost, its line ends kept where blocks end."""
    broken = re.sub(r"<(?:br|/p|/div|/li|/tr|/h\d)\b[^>]{0,200}>", "\n", text[:_LONGEST_HTML], flags=re.IGNORECASE)
    return many_lines(re.sub(r"\n{3,}", "\n\n", html.unescape(nh3.clean(broken, tags=set()))))
