"""Requests as no browser writes them, each made from a number: the same number makes the same request."""

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote_from_bytes

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X" * 30)
#: what pages read from their address
ASKED = (
    "q", "page", "series", "state", "topic", "language", "sort", "direction", "webinar", "next", "t", "cursor",
    "fields", "limit", "registration", "day", "since",
)  # fmt: skip
#: what the API reads from its bodies
TOLD = (
    "title", "summary", "series", "local_start", "time_zone", "duration_minutes", "capacity", "waiting_list",
    "join_url", "phone_number", "language", "reminders", "slug", "name", "email", "mode", "question", "answers",
    "companions", "reason", "media_url", "captions", "recorded_on", "webinar", "topic", "fold", "discreet",
    "description", "speakers", "texts", "translations",
)  # fmt: skip
ODD_TEXTS = (
    "", " ", "\0", "a\0b", "a\x01\x1f\x7fb", "\ud800", "a\udfffb", "\ufffe\uffff", "\u202e\u2066", "é" * 400,
    "e" + "\u0301" * 3000, "x" * 70_000, "9" * 5000, "1" + "0" * 400, "-1", "0", "1e999", "NaN", "Infinity", "0x10",
    "²", "①", "٣", "１２", "9223372036854775808", "-9223372036854775809", "9999-99-99T99:99", "0000-00-00",
    "0001-01-01T00:00", "9999-12-31T23:59", "2026-03-29T02:30", "2026-11-22", "../../etc/passwd", "..%2f..%2f",
    "//evil.example", "https://evil.example\\@127.0.0.1", "javascript:alert(1)", "{{7*7}}", "%(x)s %s %n {0}",
    "<script>alert(1)</script>", "'; DROP TABLE webinars; --", "a@b", "@", "a@" + "b" * 300 + ".org",
    "a" * 300 + "@example.org", "a@[::1", "a@ex\r\nBcc: b@c.de", "a,b@example.org", "\r\nSet-Cookie: a=b", "true",
    "null", "[]", "{}", "America/../UTC", "/etc/localtime", "UTC\0", "Europe/Berlin" * 40, "=cmd|' /C calc'!A0",
    "en-US-x-" + "y" * 500, "http://[::1", "https://\ud800.example", "1.5", "+1",
)  # fmt: skip
ODD_VALUES = (
    None, True, [], {}, [[]], {"a": None}, 10**400, -(10**400), 1e308, -1, 0, 2**31, 2**63, 2**64, 1.5, [None, 1],
    ["x"] * 3000, {"en": 1}, {"en": {"title": "\0"}}, {"\ud800": "\ud800"},
)  # fmt: skip


@dataclass
class Target:
    """What is asked for: an address, how, and as whom."""

    path: str
    methods: Sequence[str]
    headers: list[tuple[str, str]] = field(default_factory=list)
    #: the fields of the form that a page shows, as it shows them
    form: dict[str, str] | None = None
    speaks_json: bool = False


@dataclass
class Request:
    """What goes over the wire."""

    method: bytes
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    version: bytes = b"HTTP/1.1"
    #: whether the server has all it needs to answer
    whole: bool = True
    #: sent in the place of everything else
    raw: bytes | None = None

    def put(self, name: str, value: bytes | str) -> None:
        """Write a header in the place of those of its name."""
        self.headers = [one for one in self.headers if one[0].lower() != name.lower().encode()]
        self.headers.append((name.encode(), _bytes(value)))

    def wire(self) -> bytes:
        """Give its bytes."""
        if self.raw is not None:
            return self.raw
        names = {name.lower() for name, _value in self.headers}
        if self.body and not names & {b"content-length", b"transfer-encoding"}:
            self.headers.append((b"Content-Length", str(len(self.body)).encode()))
        lines = [b" ".join((self.method, self.target, self.version))]
        lines += [name + b": " + value for name, value in self.headers]
        return b"\r\n".join([*lines, b"Connection: close", b"", b""]) + self.body


def request_of(target: Target, host: str, chance: Random) -> Request:
    """Make a request at what is asked for; at least one thing about it is wrong."""
    method = chance.choice(target.methods if chance.random() < 0.7 else METHODS)
    request = Request(method.encode(), _bytes(target.path), [(b"Host", host.encode())])
    for name, value in target.headers:
        request.put(name, value)
    if method not in {"GET", "HEAD", "OPTIONS"}:
        _fill(request, target, chance)
    # What stands in a form or a body only matters where the request gets as far as that.
    for twist in chance.sample(TWISTS, chance.choice((0, 0, 1, 2)) if request.body else chance.choice((1, 1, 2))):
        twist(request, chance)
    return request


def _fill(request: Request, target: Target, chance: Random) -> None:
    if target.speaks_json:
        request.put("Content-Type", "application/json")
        request.body = _json(chance)
        return
    fields = dict(target.form) if target.form is not None else dict.fromkeys(("name", "email", *TOLD[:6]), "x")
    names = [name for name in fields if name != "csrf_token"] or ["name"]
    for name in chance.sample(names, min(len(names), chance.randint(1, 3))):
        fields[name] = chance.choice(ODD_TEXTS)
    pairs = list(fields.items())
    if chance.random() < 0.2:
        pairs += [(name, chance.choice(ODD_TEXTS)) for name in chance.choices(names, k=5)]
    request.put("Content-Type", "application/x-www-form-urlencoded")
    request.body = b"&".join(_quoted(name) + b"=" + _quoted(value) for name, value in pairs)


def _json(chance: Random) -> bytes:
    if chance.random() < 0.15:
        return chance.choice(
            (
                b"", b"{", b"[]", b'"x"', b"null", b"1e400", b"NaN", b"[" * 50_000, b'{"a":' * 20_000, b"9" * 6000,
                b"\xff\xfe", b'{"title": "\xff"}', b'{"title": 1, "title": 2}', b"\xef\xbb\xbf{}",
                b'{"a": "' + b"x" * 3_000_000 + b'"}',
            )
        )  # fmt: skip
    told = {name: chance.choice(ODD_TEXTS + ODD_VALUES) for name in chance.sample(TOLD, chance.randint(1, 6))}
    sound = {"series": "side-effects", "title": "Sound", "local_start": "2027-03-01T13:00", "time_zone": "UTC",
             "name": "Sound", "email": f"sound{chance.randrange(10**6)}@example.org"}  # fmt: skip
    return json.dumps(sound | told if chance.random() < 0.7 else told).encode()


def _query(request: Request, chance: Random) -> None:
    pairs = [(chance.choice(ASKED), chance.choice(ODD_TEXTS[:60])) for _ in range(chance.randint(1, 8))]
    asked = b"&".join(_quoted(name) + b"=" + _quoted(value[:3000]) for name, value in pairs)
    request.target += b"?" + chance.choice(
        (asked, asked, b"q=%ff%fe", b"q=%", b"&&==&", b"?" * 500, b"q=" + b"y" * 60_000)
    )


def _address(request: Request, chance: Random) -> None:
    head, _, tail = request.target.rpartition(b"/")
    odd = _quoted(chance.choice(ODD_TEXTS)[:2000])
    request.target = chance.choice(
        (
            head + b"/" + odd, head + b"/" + odd, request.target + b"/" + odd, request.target + b"%00",
            head + b"/%ff" + tail, head + b"/%ed%a0%80", b"/es" + request.target, b"/" + request.target,
            request.target + b";a=b", b"*", b"", request.target + b"\xff\xfe", request.target + "ü".encode(),
            b"/" + b"a/" * 20_000, b"/..%2f..%2fetc/passwd", b"http://evil.example" + request.target,
            b"http://[::1" + request.target, request.target + b"#x", head + b"/%", b"/static/" + odd, b"/static/%00",
            b"/static/../config.py", b"/media/" + odd, b"/es/es" + request.target,
        )
    )  # fmt: skip


def _host(request: Request, chance: Random) -> None:
    hosts = (
        b"evil.example",
        b"",
        b"[::1",
        b"[::1]:99999",
        b"127.0.0.1:abc",
        b"\xff\xfe",
        b"127.0.0.1" * 500,
        b"a b",
        b"@",
        b"127.0.0.1, x",
    )
    request.put("Host", chance.choice(hosts))
    if chance.random() < 0.2:
        request.headers.append((b"Host", b"127.0.0.1"))


def _origin(request: Request, chance: Random) -> None:
    name = chance.choice(("Origin", "Sec-Fetch-Site", "Referer"))
    odd = (
        b"https://evil.example",
        b"null",
        b"http://[::1",
        b"\xff",
        b"cross-site",
        b"//",
        b"http://127.0.0.1:1",
        b"x" * 9000,
    )
    request.put(name, chance.choice(odd))


def _cookie(request: Request, chance: Random) -> None:
    held = dict(request.headers).get(b"Cookie", b"places=x")
    place = chance.randrange(len(held) or 1)
    cookies = (
        held[:place] + b"A" + held[place + 1 :], held[:place], b"session=" + b"A" * 6000, b"places=.eJw.x.y", b"=;;=",
        b"tz=../../etc/passwd", b"tz=\xff", b"tz=UTC; tz=x", b"; ".join(b"c%d=1" % one for one in range(300)),
        held + b'; language="\\000"', b"remember_token=1|x", b"places=" + b"W10.x.y" * 300,
    )  # fmt: skip
    request.put("Cookie", chance.choice(cookies))


def _condition(request: Request, chance: Random) -> None:
    name = chance.choice((
        "Range", "If-Range", "If-Modified-Since", "If-Unmodified-Since", "If-None-Match", "If-Match", "Accept",
        "Accept-Language", "Accept-Encoding", "Accept-Charset", "Authorization", "Idempotency-Key", "X-Forwarded-For",
        "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "X-HTTP-Method-Override", "HX-Request",
        "HX-Current-URL", "User-Agent", "Date", "Upgrade", "Forwarded", "Content-Language", "Cache-Control", "Expect",
        "Max-Forwards",
    ))  # fmt: skip
    odd = (
        b"", b"bytes=-", b"bytes=5-2", b"bytes=" + b"0-0," * 500, b"bytes=99999999999999999999-",
        b"bytes=-99999999999999999999", b"Mon, 99 Foo 99999 99:99:99 GMT", b"Thu, 01 Jan 0000 00:00:00 GMT", b'"',
        b'W/"x', b"*", b'"a", ' * 400, b"x;q=NaN", b"de;q=1e999,es;q=-1", b"en-" * 1000, b"\xff\xfe\x80", b"Bearer",
        b"Bearer " + b"x" * 5000, b"Bearer \xff", b"Basic !!!", b"Basic " + b"A" * 999, b"a" * 300,
        b"::ffff:1.2.3.4, x", b"https", b"100-continue", b"gzip;q=x", b"\x0b", b"websocket", b"for=\"[::1",
        b"identity;q=0, *;q=0", b"application/xml",
    )  # fmt: skip
    request.put(name, chance.choice(odd))


def _content(request: Request, chance: Random) -> None:
    kinds = (
        b"",
        b"application/json",
        b"application/json; charset=utf-7",
        b"application/json; charset=nonsense",
        b"text/plain",
        b"multipart/form-data",
        b"multipart/form-data; boundary=",
        b"multipart/form-data; boundary=" + b"b" * 300,
        b"application/x-www-form-urlencoded; charset=utf-16",
        b"application/xml",
        b"\xff",
        b"a/b; c*=x''%ff; c*0=y",
        b"/",
    )
    request.put("Content-Type", chance.choice(kinds))


def _multipart(request: Request, chance: Random) -> None:
    edge, name = b"edge", _bytes(chance.choice((*ASKED, "file", "media", "captions", "names", "email")))
    head = (
        b'--edge\r\nContent-Disposition: form-data; name="'
        + name
        + b'"; filename="'
        + _quoted(chance.choice(ODD_TEXTS)[:300])
    )
    part = head + b'"\r\nContent-Type: text/csv\r\n\r\nname,email\r\n\xff\0,\xfe\r\n'
    request.body = chance.choice(
        (
            part, part + b"\r\n--edge", part * 2 + b"--edge--", head, b"--edge\r\n\r\n\r\n--edge--",
            part * 400 + b"--edge--\r\n", b"--edge\r\n" + b"X: y\r\n" * 5000 + b"\r\nz\r\n--edge--",
            part + b"z" * 3_000_000 + b"\r\n--edge--", b"no edge at all",
            head + b'"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--edge--',
            b"--edge\r\nContent-Disposition: form-data; name*=utf-16''%ff\r\n\r\nz\r\n--edge--\r\n",
        )
    )  # fmt: skip
    request.put("Content-Type", b"multipart/form-data; boundary=" + edge)


def _length(request: Request, chance: Random) -> None:
    odd = (
        b"-1",
        b"abc",
        b"99999999999999999999",
        b"+5",
        b"5, 6",
        b"",
        b"0x5",
        str(len(request.body) + 50).encode(),
        b"1",
    )
    request.put("Content-Length", chance.choice(odd))
    request.whole = False


def _chunks(request: Request, chance: Random) -> None:
    request.put(
        "Transfer-Encoding",
        chance.choice((b"chunked", b"chunked", b"gzip, chunked", b"identity", b"xchunked", b"\x0bchunked")),
    )
    if chance.random() < 0.3:
        request.headers.append((b"Content-Length", b"5"))
    request.body = chance.choice(
        (
            b"0\r\n\r\n", b"5\r\nabc", b"zz\r\nabc\r\n0\r\n\r\n", b"-1\r\n\r\n", b"fffffffffffffffff\r\nx",
            b"3;ext=\xff\r\nabc\r\n0\r\n\r\n", b"3\r\nabc\r\n0\r\nX: y\r\n\r\n", b"\r\n\r\n", b"3\nabc\n0\n\n",
            b"1\r\na\r\n" * 3000 + b"0\r\n\r\n",
        )
    )  # fmt: skip
    request.whole = False


def _packed(request: Request, chance: Random) -> None:
    request.put("Content-Encoding", chance.choice((b"gzip", b"deflate", b"br", b"nonsense")))
    request.body = gzip.compress(request.body) if chance.random() < 0.5 else request.body


def _bytes_of_nothing(request: Request, chance: Random) -> None:
    request.body = chance.choice((
        b"\xff" * 500, b"name=\xff\xfe&email=%ff", b"\0" * 500, b"&" * 90_000, b"=" * 500, b"a=b&" * 5000,
        b"name=" + b"x" * 2_500_000, b"%" * 999, b"name%00=x&\0=y",
    ))  # fmt: skip


def _many_headers(request: Request, chance: Random) -> None:
    odd: tuple[list[tuple[bytes, bytes]], ...] = (
        [(b"X-%d" % one, b"y") for one in range(250)], [(b"X", b"y" * 20_000)], [(b"X Y", b"z")], [(b"", b"z")],
        [(b"X", b"a\0b")], [(b"X", b"a\r\n b")], [(b"\xff", b"z")], [(b"X_Y", b"z")], [(b"X", b"a\nb")],
    )  # fmt: skip
    request.headers += chance.choice(odd)


def _wire(request: Request, chance: Random) -> None:
    first = b" ".join((request.method, request.target, b"HTTP/1.1"))
    request.raw = chance.choice(
        (
            b"", b"\r\n" * 50, b"\x16\x03\x01\x02\x00\x01", first, first + b"\r\n", first + b"\r\nHost: 127.0.0.1",
            b"GET /\r\n\r\n", first.replace(b" ", b"\t") + b"\r\n\r\n", b"\0" * 9000,
            b"GET  / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            first.replace(b"1.1", b"3.7") + b"\r\nHost: 127.0.0.1\r\n\r\n",
            first.replace(b"HTTP", b"http") + b"\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            first.replace(b"1.1", b"1.0") + b"\r\n\r\n", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n",
        )
    )  # fmt: skip
    request.whole = False


TWISTS: tuple[Callable[[Request, Random], None], ...] = (
    _query, _query, _address, _address, _host, _origin, _cookie, _cookie, _condition, _condition, _content,
    _multipart, _length, _chunks, _packed, _bytes_of_nothing, _many_headers, _wire,
)  # fmt: skip


def _quoted(text: str) -> bytes:
    return quote_from_bytes(_bytes(text)).encode()


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
