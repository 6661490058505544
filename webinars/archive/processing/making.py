"""The steps of the work: each makes a few files in a folder, whole or not at all."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from webinars.archive.processing import ffmpeg, playlists, rules
from webinars.archive.processing.ffmpeg import Broken, Watch
from webinars.archive.processing.models import Kind, Reason
from webinars.archive.processing.probe import Film

#: what is in the file besides film and sound stays out: cameras note where they were
_BARE = ("-map_metadata", "-map_chapters")
_BARE_ARGUMENTS = [part for name in _BARE for part in (name, "-1")]
_THREADS = ["-threads", "2", "-filter_threads", "1"]
_SOUND = ["-c:a", "aac", "-ac", "2", "-ar", "48000"]
#: gaps and a late beginning would part sound and picture
_IN_STEP = ["-af", "aresample=async=1:first_pts=0"]
_SPEECH = ["-vn", "-map", "0:a:0", *_IN_STEP, "-ac", "1"]
_HASH = re.compile(r"-[0-9a-f]{16}$")
_FAST = ["-movflags", "+faststart"]
#: (width, quality) of a still picture, tried until one is small enough
_POSTERS = ((1280, 75), (1280, 55), (1280, 35), (960, 45), (960, 25), (640, 45), (640, 20), (480, 10))
_LEAST_OF_FILM = 0.9


@dataclass(frozen=True)
class File:
    """A file that was made."""

    kind: Kind
    path: Path
    height: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Task:
    """A recording, the folder to work in, and how its files are named."""

    number: int
    source: Path
    film: Film
    folder: Path

    def path(self, what: str, extension: str) -> Path:
        """Name a file: always the same for the same piece of work, and never used for another."""
        stem = _HASH.sub("", self.source.stem)[:80]
        digest = hashlib.sha256(f"{self.number} {self.source.name} {what}".encode()).hexdigest()[:16]
        return self.folder / f"{stem}-{what}-{digest}.{extension}"


#: makes files, given what was made before by its name
Make = Callable[[Watch, dict[str, Path]], list[File]]


@dataclass(frozen=True)
class Step:
    """A part of the work. names: of the files that are there once it is done."""

    names: list[str]
    #: how long it takes beside others
    weight: float
    make: Make


def fits(film: Film) -> bool:
    """Say whether browsers play the streams as they are."""
    return film.video == "h264" and film.points in rules.SHOWN_POINTS and film.audio in ("", "aac")


def kept(film: Film) -> int | None:
    """Give the size that the recording itself serves as; None when it has to be written anew."""
    sizes = rules.sizes(film.width, film.height, fits(film), film.rate)
    return sizes[0].name if sizes and sizes[0].kept and film.fast_start else None


def steps(task: Task, still: bool) -> list[Step]:
    """List what is to be made, in order. still: whether a picture is wanted too."""
    film = task.film
    sizes = rules.sizes(film.width, film.height, fits(film), film.rate)
    films = [(size, _film_path(task, size)) for size in sizes]
    listed = [_step([path], 0.05 if size.kept else size.width * size.height / 1e6, partial(_film, task, size, path))
              for size, path in films if path != task.source]  # fmt: skip
    if still and sizes:
        path = task.path("still", "webp")
        listed.insert(0, _step([path], 0.02, partial(_poster, task, path)))
    if film.audio:
        listed += [_audio(task, "m4a", ["-c:a", "aac"]), _audio(task, "mp3", ["-c:a", "libmp3lame"])]
    if sizes:
        pictures = [task.path("pictures", "webp"), task.path("pictures", "vtt")]
        listed.append(_step(pictures, 0.1, partial(_thumbnails, task, films[-1][1], pictures)))
    if sizes and film.seconds > rules.LONG_SECONDS:
        listed += _stream(task, films)
    return listed


def _film_path(task: Task, size: rules.Size) -> Path:
    return task.source if size.kept and task.film.fast_start else task.path(f"{size.name}p", "mp4")


def _step(paths: Sequence[Path], weight: float, make: Make) -> Step:
    return Step([path.name for path in paths], weight, make)


def _film(task: Task, size: rules.Size, path: Path, watch: Watch, _made: dict[str, Path]) -> list[File]:
    streams = ["-map", "0:V:0", "-map", "0:a:0?", *_BARE_ARGUMENTS]
    how = ["-c", "copy"] if size.kept else _encoded(task.film, size)
    there = ffmpeg.run(task.source, [*streams, *how, *_FAST, f"file:{path}"], watch)
    if there < task.film.seconds * _LEAST_OF_FILM - 1:
        raise Broken(Reason.CUT_OFF)
    return [File(Kind.FILM, path, size.name, there)]


def _encoded(film: Film, size: rules.Size) -> list[str]:
    most = rules.RATES.get(size.name, rules.RATES[360]) // 2
    sound = [*_SOUND, "-b:a", "96k", *_IN_STEP] if film.audio else []
    return [
        "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-crf", "23", "-pix_fmt", "yuv420p",
        "-maxrate", str(most), "-bufsize", str(2 * most), "-vf", f"scale={size.width}:{size.height},setsar=1",
        "-fpsmax", "30", "-force_key_frames", f"expr:gte(t,n_forced*{rules.PIECE_SECONDS})", *_THREADS, *sound,
    ]  # fmt: skip


def _audio(task: Task, extension: str, codec: list[str]) -> Step:
    path = task.path("sound", extension)

    def make(watch: Watch, _made: dict[str, Path]) -> list[File]:
        fast = _FAST if extension == "m4a" else []
        there = ffmpeg.run(
            task.source, [*_SPEECH, *codec, "-b:a", "64k", *_BARE_ARGUMENTS, *fast, f"file:{path}"], watch
        )
        return [File(Kind.AUDIO, path, None, there)]

    return _step([path], 0.08, make)


def sound_for_speech(source: Path, path: Path, watch: Watch) -> None:
    """Write the sound alone as every program that listens reads it: WAV, 16 kHz, one channel. Raises Broken."""
    wave = ["-ar", "16000", "-c:a", "pcm_s16le", "-fflags", "+bitexact", "-f", "wav"]
    ffmpeg.run(source, [*_SPEECH, *wave, *_BARE_ARGUMENTS, f"file:{path}"], watch)


def _poster(task: Task, path: Path, watch: Watch, _made: dict[str, Path]) -> list[File]:
    begin = ["-ss", f"{min(task.film.seconds * 0.1, 60):.2f}"]
    for width, quality in _POSTERS:
        # Of the next pictures the one most like the others: no black one, none between two slides.
        view = f"thumbnail=50,scale='min({width},iw)':-2"
        picture = ["-map", "0:V:0", *_BARE_ARGUMENTS, "-vf", view, "-frames:v", "1", "-c:v", "libwebp", *_THREADS]
        ffmpeg.run(
            task.source, [*picture, "-quality", str(quality), f"file:{path}"], replace(watch, reached=_nobody), begin
        )
        if path.is_file() and 0 < path.stat().st_size <= rules.LARGEST_POSTER:
            return [File(Kind.POSTER, path)]
    path.unlink(missing_ok=True)
    return []


def _nobody(_second: float) -> None:
    """Tell nobody: a still picture is no way along the film."""


def _thumbnails(task: Task, film: Path, paths: list[Path], watch: Watch, made: dict[str, Path]) -> list[File]:
    sprite, track = paths
    plan = rules.thumbnails(task.film.seconds, task.film.width, task.film.height)
    chosen = f"select='isnan(prev_selected_t)+gte(t-prev_selected_t,{plan.every})'"
    view = f"{chosen},scale={plan.width}:{plan.height},tile={plan.columns}x{plan.rows}"
    # The smallest film is the fastest to look through.
    source = made.get(film.name, task.source)
    picture = ["-map", "0:V:0", *_BARE_ARGUMENTS, "-vf", view, "-frames:v", "1", "-c:v", "libwebp", "-quality", "50"]
    ffmpeg.run(source, [*picture, *_THREADS, f"file:{sprite}"], watch)
    if not sprite.is_file():
        raise Broken(Reason.BROKEN)
    track.write_text(playlists.thumbnails_vtt(plan, task.film.seconds, sprite.name))
    return [File(Kind.SPRITE, sprite), File(Kind.THUMBNAILS, track)]


def _stream(task: Task, films: list[tuple[rules.Size, Path]]) -> list[Step]:
    """Cut each size into pieces, which stay in one file; at the end the list that leads to all of them."""
    parts = [(size, path, task.path(f"{size.name}p", "m4s"), task.path(f"{size.name}p", "m3u8"))
             for size, path in films]  # fmt: skip
    cut = [_step([pieces, index], 0.03, partial(_cut, task, path, pieces, index)) for _s, path, pieces, index in parts]
    master = task.path("stream", "m3u8")

    def lead(_watch: Watch, made: dict[str, Path]) -> list[File]:
        variants = [(size, made[pieces.name], made[index.name]) for size, _path, pieces, index in parts]
        master.write_text(playlists.master(variants, bool(task.film.audio)))
        return [File(Kind.STREAM, master, None, task.film.seconds)]

    return [*cut, _step([master], 0.01, lead)]


def _cut(task: Task, film: Path, pieces: Path, index: Path, watch: Watch, made: dict[str, Path]) -> list[File]:
    how = ["-hls_time", str(rules.PIECE_SECONDS), "-hls_playlist_type", "vod", "-hls_flags", "single_file"]
    kind = ["-hls_segment_type", "fmp4", "-hls_segment_filename", str(pieces)]
    streams = ["-map", "0:V:0", "-map", "0:a:0?", *_BARE_ARGUMENTS, "-c", "copy", "-f", "hls"]
    ffmpeg.run(made.get(film.name, task.source), [*streams, *how, *kind, str(index)], watch)
    return [File(Kind.STREAM_PART, pieces), File(Kind.STREAM_PART, index)]
