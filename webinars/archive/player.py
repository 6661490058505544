"""The player of a page: what it may ask for, in which sizes, with which texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _

from webinars.archive.media import content_type, is_kind_known
from webinars.archive.models import Video
from webinars.archive.processing import ffmpeg
from webinars.archive.processing import queries as recordings
from webinars.archive.processing.models import Rendition, Unready
from webinars.archive.processing.queries import Made
from webinars.archive.rules import MediaKind, media_kind, media_name
from webinars.archive.sources import Source, source_of
from webinars.archive.store import current_store
from webinars.core.http import current_settings, let_in
from webinars.core.language import current_language, own_language_name

#: lines of the picture that most screens show and most lines carry
USUAL_HEIGHT = 720
#: what of an address stays when a page is asked for once more, to play a film that is kept elsewhere
_KEPT = ("t", "transcript", "find", "q", "list", "page", "at")
_LONGEST_KEPT = 200


@dataclass(frozen=True)
class Player:
    """How the recording can be watched."""

    kind: MediaKind
    #: address of the film, or of the page elsewhere
    source: str
    type: str
    poster: str | None
    #: who else keeps it
    elsewhere: Source | None
    #: whose server is asked when it plays; empty = ours
    host: str
    #: (kind, language, label, address) of each text track
    tracks: list[tuple[str, str, str, str]]


@dataclass(frozen=True)
class Offer:
    """One way to have a recording: a size, or the sound alone."""

    #: lines of the picture; None = sound alone
    height: int | None
    url: str
    type: str
    bytes: int

    @property
    def megabytes(self) -> float:
        """Give how large it is, as people who pay for their line want to know."""
        return max(0.1, round(self.bytes / 1_000_000, 1)) if self.bytes < 10_000_000 else round(self.bytes / 1_000_000)


@dataclass(frozen=True)
class Choice:
    """What a visitor may choose between, and what was chosen."""

    #: (address, type) of what the player tries, one after the other
    sources: list[tuple[str, str]]
    films: list[Offer]
    audio: list[Offer]
    #: the film in pieces, whose size follows the line
    stream: Offer | None
    #: lines of the picture that plays; None = sound alone, or what the line carries
    chosen: int | None
    listening: bool
    #: address of the track of small pictures
    thumbnails: str | None


def player_for(video: Video) -> dict[str, Any]:
    """Prepare what a page with the film shows: how it can be watched, what was chosen, whether it may be asked for now.

    A film kept elsewhere is let through the page's own rules (CSP) only after a click. goes_on: what links to another
    second of this page add, so that it need not be clicked again. unready: why a recording of ours cannot be played.
    """
    player, made = player_of(video), recordings.made_of(video)
    unready = unready_of(video, made)
    play = not unready and plays_here(player, "play" in request.args and _clicked_here())
    choice = choice_of(player, made, request.args)
    if play:
        _let_in(player)
    goes_on = 1 if play and player.host else None
    return {"player": player, "play": play, "choice": choice, "unready": unready, "goes_on": goes_on,
            "play_address": _play_address()}  # fmt: skip


def unready_of(video: Video, made: Made) -> Unready | None:
    """Say why a recording of ours cannot be played; None when it can, or lies elsewhere (one query at most)."""
    if made.films or made.audio or media_kind(video.media_url) != MediaKind.STORED:
        return None
    unready = recordings.unready([video]).get(video.id)
    # Where nothing can be made nothing is on its way: some browsers may play the recording as it is.
    return None if unready == Unready.PREPARED and ffmpeg.missing() else unready


def _clicked_here() -> bool:
    """Say whether the request may come from a click on our page: who follows an address from elsewhere clicked nothing.

    Browsers that do not tell where a request comes from are believed.
    """
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _let_in(player: Player) -> None:
    """Let this answer ask whoever keeps the film, in the one way in which it is played."""
    if player.kind == MediaKind.STREAM:
        # Where a script has to put the pieces together, it asks for them itself.
        let_in("media-src", "blob:")
    if player.kind == MediaKind.STORED and (bucket := current_store().origin):
        let_in("media-src", bucket)
    if not player.host or player.elsewhere is None:
        return
    ways = {MediaKind.FRAME: ("frame-src",), MediaKind.STREAM: ("media-src", "connect-src")}
    for directive in ways.get(player.kind, ("media-src",)):
        let_in(directive, player.elsewhere.origin)


def _play_address() -> str | None:
    """Give the address of this page with the film playing; None where a form was sent, whose words would be lost."""
    if request.method not in {"GET", "HEAD"}:
        return None
    kept = {name: request.args[name][:_LONGEST_KEPT] for name in _KEPT if name in request.args}
    return "?" + urlencode({**kept, "play": 1}, errors="replace")


def media_path(url: str) -> str | None:
    """Give the path under which a file of the media store is served; None for anything else."""
    name = media_name(url)
    return url_for("archive.media", name=name) if name else None


def poster_url(video: Video) -> str | None:
    """Give the path of the still picture; None when there is none."""
    return media_path(video.poster_url)


def player_of(video: Video) -> Player:
    """Say how a video can be watched."""
    kind = media_kind(video.media_url)
    still, tracks = poster_url(video), text_tracks(video)
    if kind in (MediaKind.STORED, MediaKind.NONE):
        name = media_name(video.media_url) or ""
        film_type = content_type(name) if is_kind_known(name) else "video/mp4"
        return Player(kind, media_path(video.media_url) or "", film_type, still, None, "", tracks)
    found = source_of(video.media_url)
    source = found.plays if kind in (MediaKind.REMOTE, MediaKind.STREAM) else found.page
    host = "" if found.origin == current_settings().site_url else found.host
    return Player(kind, source, found.type, still, found, host, tracks)


def plays_here(player: Player, asked: bool) -> bool:
    """Say whether the film may be asked for now: somebody else's server only after a click."""
    if player.kind in (MediaKind.NONE, MediaKind.PAGE):
        return False
    return asked or not player.host


def choice_of(player: Player, made: Made, asked: Mapping[str, str]) -> Choice:
    """Say what plays: what was asked for, else what suits most lines and screens; the recording itself until then."""
    films, audio = [_offer(one) for one in made.films], [_offer(one) for one in made.audio]
    # Films are made before the sound: where there is none nothing can be seen, so that nobody need ask for the sound.
    listening = bool(audio) and ("listen" in asked or not films)
    wanted = [one for one in films if str(one.height) == asked.get("size")]
    usual = next((one for one in films if (one.height or 0) <= USUAL_HEIGHT), None)
    first = wanted[0] if wanted else usual
    sources = [(one.url, one.type) for one in (audio if listening else [first] if first else [])]
    stream = _offer(made.stream) if made.stream else None
    adapts = stream is not None and not wanted and not listening
    if stream and adapts:
        # It follows the line by itself where the browser knows how; others take the next one (docs/decisions/0021).
        sources.insert(0, (stream.url, stream.type))
    thumbnails = _media(made.thumbnails.name) if made.thumbnails else None
    plain = [(player.source, player.type)] if player.source else []
    chosen = None if listening or adapts or not first else first.height
    return Choice(sources or plain, films, audio, stream, chosen, listening, thumbnails)


def _offer(made: Rendition) -> Offer:
    return Offer(made.height, _media(made.name), content_type(made.name), made.bytes)


def _media(name: str) -> str:
    return url_for("archive.media", name=name)


def text_tracks(video: Video) -> list[tuple[str, str, str, str]]:
    """List the text tracks, the one to show first at the front: the page's language, else the talk's."""
    wanted = (current_language(), video.language)
    ordered = sorted(
        video.tracks, key=lambda track: wanted.index(track.language) if track.language in wanted else len(wanted)
    )
    tracks = [
        ("captions", track.language, own_language_name(track.language),
         url_for("archive.captions", slug=video.slug, code=track.language, v=int(track.updated_at.timestamp())))
        for track in ordered
    ]  # fmt: skip
    if video.chapters:
        address = url_for("archive.chapters", slug=video.slug, v=int(video.updated_at.timestamp()))
        tracks.append(("chapters", video.language, _("Chapters"), address))
    return tracks
