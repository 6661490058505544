"""Where a recording is kept that is not ours, told from its address alone: a video service, a file, a list of pieces.

Whatever is not recognised for certain is a page to open elsewhere.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit
from uuid import UUID

from flask_babel import gettext as _

#: seconds; nothing lasts longer
_LATEST = 24 * 3600
#: what the services write before and after a second: 90, 90s, 1m30s, 1h2m3s
_MOMENT = re.compile(r"(?:(\d{1,2})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s?)?", re.ASCII)
_FILMS = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm"}
_SOUNDS = {".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg",
           ".wav": "audio/wav"}  # fmt: skip
STREAM_TYPE = "application/vnd.apple.mpegurl"

_YOUTUBE_HOSTS = frozenset(
    f"{prefix}youtube{ending}" for prefix in ("", "www.", "m.", "music.") for ending in (".com", "-nocookie.com")
)
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
#: as long as an id and none: a list of films, and whatever a channel shows now
_YOUTUBE_WORDS = frozenset({"videoseries", "live_stream"})
_YOUTUBE_PATH = re.compile(r"/(?:shorts|live|embed)/([^/]+)/?")
_VIMEO_PATH = re.compile(r"/([1-9]\d{0,11})(?:/([0-9a-f]{8,12}))?/?", re.ASCII)
_VIMEO_PLAYER_PATH = re.compile(r"/video/([1-9]\d{0,11})/?", re.ASCII)
_VIMEO_HASH = re.compile(r"[0-9a-f]{8,12}", re.ASCII)
_PEERTUBE_PATH = re.compile(r"/(?:w|videos/watch|videos/embed)/([0-9A-Za-z-]{22,36})/?", re.ASCII)
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
#: PeerTube's short ids are UUIDs written with these
_SHORT = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"


class Service(StrEnum):
    """Who or what plays it."""

    YOUTUBE = "youtube"
    VIMEO = "vimeo"
    PEERTUBE = "peertube"
    #: a file that browsers play, film or sound
    FILE = "file"
    #: a film in pieces (HLS)
    STREAM = "stream"
    #: nothing that we know: a page to open elsewhere
    PAGE = "page"


#: services that are known by a name of their own; others are known by their host
_NAMES = {Service.YOUTUBE: "YouTube", Service.VIMEO: "Vimeo"}


@dataclass(frozen=True)
class Source:
    """A recording that somebody else keeps."""

    service: Service
    #: address of the frame, the file or the list of pieces; of a page its own
    plays: str
    #: address to open in a new window
    page: str
    #: second at which the link begins
    start: int = 0

    @property
    def origin(self) -> str:
        """Give scheme and host that are asked, as a content security policy names them."""
        return origin(self.plays)

    @property
    def host(self) -> str:
        """Give the host that is asked."""
        return self.origin.partition("://")[2]

    @property
    def name(self) -> str:
        """Give the name people know."""
        return _NAMES.get(self.service, self.host)

    @property
    def type(self) -> str:
        """Give the media type that the address promises."""
        if self.service == Service.STREAM:
            return STREAM_TYPE
        ending = "." + urlsplit(self.plays).path.lower().rpartition(".")[2]
        return _FILMS.get(ending) or _SOUNDS.get(ending, "video/mp4")

    def plays_at(self, second: float | None) -> str:
        """Give the address of a frame that begins at a second; None = where the link does."""
        at = int(self.start if second is None else second)
        written = {Service.YOUTUBE: f"&start={at}", Service.VIMEO: f"#t={at}s", Service.PEERTUBE: f"&start={at}"}
        return self.plays + written.get(self.service, "") if at else self.plays

    def page_at(self, second: float | None) -> str:
        """Give the address to open that begins at a second, where we know how the service writes it."""
        at = int(self.start if second is None else second)
        written = {Service.YOUTUBE: f"&t={at}s", Service.VIMEO: f"#t={at}s", Service.PEERTUBE: f"?start={at}s"}
        return self.page + written.get(self.service, "") if at else self.page


def source_of(address: str) -> Source:
    """Tell what a web address leads to."""
    parts = urlsplit(address)
    known = (reader(parts) for reader in (_youtube, _vimeo, _peertube, _file))
    return next((one for one in known if one), Source(Service.PAGE, address, address))


def origin(address: str) -> str:
    """Give scheme and host of an address, as a content security policy names them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def recognised(source: Source) -> str:
    """Tell staff what an address was taken for."""
    name, host = source.name, source.host
    if source.service in _NAMES:
        return _("This is a %(name)s video. It plays here after a click that tells %(name)s.", name=name)
    if source.service == Service.PEERTUBE:
        return _("This looks like a PeerTube video at %(host)s. Play it once to be sure.", host=host)
    if source.service == Service.STREAM:
        return _("This is a stream at %(host)s. Play it once: not every server lets other sites play it.", host=host)
    if source.service == Service.FILE:
        return _("This is a file at %(host)s. It plays here after a click that tells %(host)s.", host=host)
    return _("This is a page at %(host)s. Nothing plays here: visitors get a link that opens it.", host=host)


def _youtube(parts: SplitResult) -> Source | None:
    asked = parse_qs(parts.query)
    if parts.netloc.lower() in {"youtu.be", "www.youtu.be"}:
        given = parts.path.removeprefix("/").removesuffix("/")
    elif parts.netloc.lower() not in _YOUTUBE_HOSTS:
        return None
    elif parts.path.removesuffix("/") == "/watch":
        given = _only(asked, "v")
    else:
        match = _YOUTUBE_PATH.fullmatch(parts.path)
        given = match[1] if match else ""
    if not _YOUTUBE_ID.fullmatch(given) or given in _YOUTUBE_WORDS:
        return None
    frame = f"https://www.youtube-nocookie.com/embed/{given}?rel=0"
    start = _moment(asked, parts.fragment, "t", "start")
    return Source(Service.YOUTUBE, frame, f"https://www.youtube.com/watch?v={given}", start)


def _vimeo(parts: SplitResult) -> Source | None:
    asked, host = parse_qs(parts.query), parts.netloc.lower()
    paths = {"vimeo.com": _VIMEO_PATH, "www.vimeo.com": _VIMEO_PATH, "player.vimeo.com": _VIMEO_PLAYER_PATH}
    match = paths[host].fullmatch(parts.path) if host in paths else None
    if match is None:
        return None
    # Films that are not listed play only with the second half of their address.
    secret = (match[2] if match.re is _VIMEO_PATH else None) or _only(asked, "h")
    if secret and not _VIMEO_HASH.fullmatch(secret):
        return None
    values = {"h": secret, "dnt": "1"} if secret else {"dnt": "1"}
    page = "/".join(filter(None, ["https://vimeo.com", match[1], secret]))
    start = _moment(asked, parts.fragment, "t")
    return Source(Service.VIMEO, f"https://player.vimeo.com/video/{match[1]}?{urlencode(values)}", page, start)


def _peertube(parts: SplitResult) -> Source | None:
    """Tell by the path alone: PeerTube runs on anybody's host, but all its films have random UUIDs."""
    match = _PEERTUBE_PATH.fullmatch(parts.path)
    if match is None or not (_UUID4.fullmatch(match[1]) or _is_short_uuid(match[1])):
        return None
    site = f"{parts.scheme}://{parts.netloc}"
    # Other visitors, who would be asked for pieces of the film, learn nothing.
    frame, page = f"{site}/videos/embed/{match[1]}?p2p=0", f"{site}/videos/watch/{match[1]}"
    return Source(Service.PEERTUBE, frame, page, _moment(parse_qs(parts.query), "", "start"))


def _is_short_uuid(text: str) -> bool:
    if len(text) != 22 or not set(text) <= set(_SHORT):
        return False
    number = 0
    for letter in text:
        number = number * len(_SHORT) + _SHORT.index(letter)
    return number < 2**128 and bool(_UUID4.fullmatch(str(UUID(int=number))))


def _file(parts: SplitResult) -> Source | None:
    ending = "." + parts.path.lower().rpartition(".")[2]
    service = Service.STREAM if ending == ".m3u8" else Service.FILE if ending in _FILMS | _SOUNDS else None
    if service is None:
        return None
    address = parts._replace(fragment="").geturl()
    return Source(service, address, address, _moment({}, parts.fragment, "t"))


def _only(asked: Mapping[str, list[str]], name: str) -> str:
    """Give a value that is named once; what is named twice may be meant either way."""
    values = asked.get(name, [])
    return values[0] if len(values) == 1 else ""


def _moment(asked: Mapping[str, list[str]], fragment: str, *names: str) -> int:
    """Read the second at which a link begins; 0 for none and for nonsense."""
    within = parse_qs(fragment)
    given = next(filter(None, (_only(place, name) for place in (asked, within) for name in names)), "")
    match = _MOMENT.fullmatch(given)
    if not match:
        return 0
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = (hours * 60 + minutes) * 60 + seconds
    return total if total < _LATEST else 0
