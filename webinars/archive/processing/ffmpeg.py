"""ffmpeg and ffprobe as children: on a leash, within a time, and shut in with the one file they are given."""

import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO

from webinars.archive.processing.models import Reason
from webinars.archive.store import Stopped

_LEASH = Path(__file__).with_name("leash.py")
#: without these nothing can be made; they belong to every usual build
ENCODERS = ("libx264", "aac", "libmp3lame", "libwebp")
#: what a recording may come in; a list of addresses that calls itself a film is none of them
FORMATS = "mov,matroska,webm,mpegts,mpeg,avi,ogg,mp3,wav,w64,flac,aac,asf,flv"
#: a film may name other files and addresses: none of them is opened
SHUT_IN = ("-protocol_whitelist", "file", "-format_whitelist", FORMATS)
_LOOK_SECONDS = 0.25
#: how far a child steps back behind everybody else's work (nice)
NICE = 15
_TAIL = 4000


class Broken(Exception):
    """Say why nothing can be made of a file."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Watch:
    """Who is told how far a child is, and what ends it early."""

    #: told the second of the film that is reached; raising in it ends the child
    reached: Callable[[float], None] = lambda _second: None
    stop: Callable[[], bool] = lambda: False
    #: seconds a child may take
    limit: float = 600.0
    began: float = field(default_factory=time.monotonic)

    def look(self) -> None:
        """Raise what ends the child."""
        if self.stop():
            raise Stopped
        if time.monotonic() - self.began > self.limit:
            raise Broken(Reason.SLOW)


@lru_cache(maxsize=1)
def missing() -> tuple[str, ...]:
    """Name what this machine lacks for making anything: programs, else encoders."""
    programs = tuple(name for name in ("ffmpeg", "ffprobe") if shutil.which(name) is None)
    if programs:
        return programs
    found = subprocess.run(["ffmpeg", "-hide_banner", "-encoders"], capture_output=True, text=True, check=False)
    known = {words[1] for line in found.stdout.splitlines() if len(words := line.split()) > 1}
    return tuple(name for name in ENCODERS if name not in known)


def ask(arguments: Sequence[str], limit: float = 60.0) -> str:
    """Run ffprobe and give what it says. Raises Broken when it says nothing in time."""
    command = leashed(["ffprobe", "-v", "error", *SHUT_IN, *arguments])
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        raise Broken(Reason.SLOW) from None
    if done.returncode:
        raise Broken(Reason.NO_MEDIA)
    return done.stdout


def run(source: Path, arguments: Sequence[str], watch: Watch, begin: Sequence[str] = ()) -> float:
    """Run ffmpeg on a file; gives the second of the film it came to. Raises Broken, Stopped, and what the watch raises.

    begin: where to begin. Whatever ends it early, the child is gone when this is over.
    """
    ahead = ["ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-y", "-progress", "pipe:1", "-nostats"]
    command = leashed([*ahead, *SHUT_IN, *begin, "-i", f"file:{source}", *arguments])
    with tempfile.TemporaryFile() as words:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words)
        assert child.stdout is not None
        try:
            second = _follow(child.stdout, watch)
            child.wait(timeout=30)
        finally:
            child.kill()
            child.wait()
            child.stdout.close()
        if child.returncode:
            raise Broken(Reason.NO_ROOM if b"No space left" in _tail(words) else Reason.BROKEN)
        return second


def _follow(said: IO[bytes], watch: Watch) -> float:
    """Read how far the child is until it closes its mouth."""
    second, rest = 0.0, b""
    with selectors.DefaultSelector() as ready:
        ready.register(said, selectors.EVENT_READ)
        while True:
            watch.look()
            if not ready.select(_LOOK_SECONDS):
                continue
            piece = os.read(said.fileno(), 65536)
            if not piece:
                return second
            *lines, rest = (rest + piece).split(b"\n")
            for name, _is, value in (line.partition(b"=") for line in lines):
                if name == b"out_time_us" and value.strip().isdigit():
                    second = int(value) / 1_000_000
                    watch.reached(second)


def _tail(words: IO[bytes]) -> bytes:
    words.seek(max(0, words.seek(0, os.SEEK_END) - _TAIL))
    return words.read()


def leashed(command: Sequence[str]) -> list[str]:
    """Give the command that runs a program which dies with this worker and steps back behind all other work."""
    return [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), str(NICE), *command]
