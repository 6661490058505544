"""Real recordings of many kinds, a few seconds each, made by ffmpeg when first asked for."""

import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from tests.factories import NOW, make_video
from webinars.archive.models import Video
from webinars.archive.processing import service, work
from webinars.core.database import db, transaction
from webinars.core.http import current_settings

_MAY_SKIP = os.environ.get("CI") != "true" and shutil.which("ffmpeg") is None
pytestmark = pytest.mark.skipif(_MAY_SKIP, reason="THERE IS NO FFMPEG HERE")

_SIGHT = ["-f", "lavfi", "-i", "testsrc=size=640x360:rate=25:duration=3"]
_LARGE = ["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=3"]
_SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:duration=3"]
_H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
_FAST = ["-movflags", "+faststart"]

KINDS: dict[str, list[str]] = {
    "plain.mp4": [*_SIGHT, *_SOUND, *_H264, *_FAST],
    "slow-start.mp4": [*_SIGHT, *_SOUND, *_H264],
    "large.mp4": [*_LARGE, *_SOUND, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", "-c:a", "aac"],
    "vp9.webm": [*_SIGHT, *_SOUND, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"],
    "hevc.mov": [*_SIGHT, *_SOUND, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none",
                 "-c:a", "aac"],
    "camera.avi": [*_SIGHT, *_SOUND, "-c:v", "mjpeg", "-c:a", "pcm_s16le"],
    "dot.mkv": ["-f", "lavfi", "-i", "color=size=2x2:rate=25:duration=3", *_SOUND, "-c:v", "ffv1", "-c:a", "aac"],
    "sound.mp3": [*_SOUND, "-c:a", "libmp3lame"],
    "sound.wav": [*_SOUND],
    "silent.mp4": [*_SIGHT, *_H264, *_FAST],
    "varying.mkv": [*_SIGHT, *_SOUND, "-vf", "select='not(mod(n,3))+lt(n,20)'", "-vsync", "vfr", "-c:v", "mpeg4",
                    "-c:a", "aac"],
}  # fmt: skip


@lru_cache
def film(name: str) -> Path:
    """Make a recording once for all tests of this process."""
    path = Path(_folder()) / name
    subprocess.run(["ffmpeg", "-v", "error", "-y", *KINDS[name], path], check=True)
    return path


@lru_cache
def portrait() -> Path:
    """Make a film that was taken with the telephone upright: it says by itself how to turn it."""
    path = Path(_folder()) / "portrait.mp4"
    turn = ["-metadata:s:v:0", "rotate=90", "-c", "copy", path]
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", film("plain.mp4"), *turn], check=True)
    return path


@lru_cache
def covered(name: str) -> Path:
    """Put a picture in front of a recording, as programs for music do."""
    path = Path(_folder()) / f"covered-{name}"
    picture = Path(_folder()) / "cover.jpg"
    subprocess.run(["ffmpeg", "-v", "error", "-y", *_SIGHT, "-frames:v", "1", picture], check=True)
    both = ["-i", picture, "-i", film(name), "-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *both, path], check=True)
    return path


@lru_cache
def _folder() -> str:
    return mkdtemp(prefix="films-")


def take_in(path: Path, name: str = "", **fields: object) -> Video:
    """Put a recording into the store, as that of a video, and ask for the work on it."""
    root = current_settings().media_root
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    name = name or path.name
    shutil.copyfile(path, root / name)
    video = make_video(media_url=f"media:{name}", duration_seconds=None, **fields)
    with transaction():
        service.ask(video, NOW)
    return video


def work_off() -> None:
    """Be the worker until nothing is left to do."""
    while work.go_on(lambda: False):
        pass
    db.session.rollback()


def stored() -> set[str]:
    """List what is in the store, hidden things too."""
    return {path.name for path in Path(current_settings().media_root).iterdir()}
