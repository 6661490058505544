"""Make the demonstration clips again: `python -m webinars.demo.media.make_clips`.

Needs ffmpeg, espeak-ng and a Chromium for Playwright (a development dependency). The repository holds the made clips,
so this is only for a changed talk. Each sentence is spoken and measured by itself: captions are exact by construction.
"""

from __future__ import annotations  # array[int] cannot be evaluated before Python 3.12

import argparse
import base64
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import wave
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from webinars.demo.media.slides import poster, slides
from webinars.demo.media.talks import TALKS, Line, Talk

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "static"

#: espeak-ng speaks at this many samples a second.
RATE = 22_050
#: Words a minute. Listeners are tired, and many are not native speakers.
PACE = 145
#: Silences, in seconds.
LEAD, SENTENCE_PAUSE, CHAPTER_PAUSE, TAIL = 1.2, 0.45, 1.2, 1.8
#: A caption stays this long after the last sound, which is less than any pause.
LINGER = 0.3
#: The next slide fades in over this many seconds, ending as its chapter's first sentence begins.
FADE = 0.6
FRAMES = 12
WIDTH, HEIGHT = 640, 360
POSTER_LIMIT = 20_000
CAPTION_WIDTH = 42
#: Below this a sample counts as silence when the ends of a sentence are trimmed.
QUIET = 90


@dataclass(frozen=True)
class Cue:
    """A spoken sentence and where it stands in the clip, in seconds."""

    line: Line
    start: float
    end: float


@dataclass(frozen=True)
class Track:
    """The sound of a whole talk, its cues, and the second at which each chapter begins."""

    samples: array[int]
    cues: list[Cue]
    chapter_starts: list[float]

    @property
    def seconds(self) -> float:
        """Return the length of the whole clip."""
        return len(self.samples) / RATE

    def chapter_seconds(self) -> list[int]:
        """Return the whole seconds to jump to: less than one before a first word, so within the pause before it."""
        return [0, *(int(start + FADE) for start in self.chapter_starts[1:])]


def run(*command: str | Path) -> None:
    """Run a program and stop on its first error, showing its own words."""
    subprocess.run([str(part) for part in command], check=True)


def speak(talk: Talk, line: Line, folder: Path) -> array[int]:
    """Return one sentence as samples, without the silence around it."""
    target = folder / "sentence.wav"
    run("espeak-ng", "-v", talk.voice, "-s", str(PACE), "-p", str(talk.pitch), "-w", target, line.spoken or line.en)
    with wave.open(str(target)) as sound:
        samples = array("h", sound.readframes(sound.getnframes()))
    loud = [place for place, sample in enumerate(samples) if abs(sample) > QUIET]
    return samples[loud[0] : loud[-1] + 1]


def silence(seconds: float) -> array[int]:
    """Return that much silence."""
    return array("h", bytes(2 * round(seconds * RATE)))


def record(talk: Talk, folder: Path) -> Track:
    """Speak a talk sentence by sentence and note when each begins and ends."""
    samples, cues, starts = silence(LEAD), [], [0.0]
    for number, chapter in enumerate(talk.chapters):
        if number:
            samples.extend(silence(CHAPTER_PAUSE - SENTENCE_PAUSE))
            starts.append(len(samples) / RATE - FADE)
        for line in chapter.lines:
            start = len(samples) / RATE
            samples.extend(speak(talk, line, folder))
            cues.append(Cue(line, start, len(samples) / RATE + LINGER))
            samples.extend(silence(SENTENCE_PAUSE))
    samples.extend(silence(TAIL))
    return Track(samples, cues, starts)


def timestamp(seconds: float) -> str:
    """Return a WebVTT time (W3C WebVTT 4.1)."""
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def in_two_rows(sentence: str) -> str:
    """Break a sentence near its middle when it is too long for one row; both rows must fit."""
    if len(sentence) <= CAPTION_WIDTH:
        return sentence
    words = sentence.split()
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    first, second = min(halves, key=lambda pair: max(map(len, pair)))
    if max(len(first), len(second)) > CAPTION_WIDTH:
        raise ValueError(f"too long for two rows of {CAPTION_WIDTH}: {sentence}")
    return f"{first}\n{second}"


def captions(track: Track, language: str) -> str:
    """Return the WebVTT file of one language."""
    blocks = ["WEBVTT"]
    for cue in track.cues:
        words = cue.line.es if language == "es" else cue.line.en
        escaped = in_two_rows(words).replace("&", "&amp;").replace("<", "&lt;")
        blocks.append(f"{timestamp(cue.start)} --> {timestamp(cue.end)}\n{escaped}")
    return "\n\n".join(blocks) + "\n"


def save_sound(track: Track, target: Path) -> None:
    """Write the talk as a WAV file."""
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(track.samples.tobytes())


def page_around(drawing: str, font: Path | None) -> str:
    """Return a page that shows one drawing, with the site's own typeface where it is at hand."""
    face = ""
    if font:
        data = base64.b64encode(font.read_bytes()).decode()
        face = f"@font-face{{font-family:Site;font-weight:200 800;src:url(data:font/woff2;base64,{data})}}"
    return (
        f"<!doctype html><style>{face}"
        "body{margin:0}svg{display:block;font-family:Site,'DejaVu Sans',sans-serif}</style>"
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">{drawing}</svg>'
    )


def photograph(page: Page, drawing: str, target: Path, font: Path | None) -> None:
    """Draw an SVG into a PNG file."""
    page.set_content(page_around(drawing, font))
    page.evaluate("document.fonts.ready")
    page.screenshot(path=target)


def slide_bounds(track: Track) -> list[float]:
    """Return the seconds at which slides change: the title gives way at the second sentence."""
    return [0.0, track.cues[1].start - FADE, *track.chapter_starts[1:], track.seconds]


def fades(bounds: list[float]) -> Iterator[str]:
    """Yield the filters that fade each slide over the one before, then draw a line that grows with time."""
    previous = "0:v"
    for number, at in enumerate(bounds[1:-1], start=1):
        yield f"[{previous}][{number}:v]xfade=duration={FADE}:offset={at:.3f}[x{number}]"
        previous = f"x{number}"
    total = bounds[-1]
    yield f"color=0xf3bd52:s={WIDTH}x6:r={FRAMES}:d={total:.3f}[bar]"
    yield (
        f"[{previous}][bar]overlay=x='-W+W*t/{total:.3f}':y=H-6:eval=frame:shortest=1,"
        "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[v]"
    )


def film(pictures: list[Path], track: Track, sound: Path, target: Path) -> None:
    """Join slides and sound into an MP4 that starts to play before it has arrived whole."""
    bounds = slide_bounds(track)
    inputs: list[str | Path] = []
    for picture, (start, end) in zip(pictures, pairwise(bounds), strict=True):
        inputs += ["-loop", "1", "-framerate", str(FRAMES), "-t", f"{end - start + FADE + 0.2:.3f}", "-i", picture]
    # Even loudness, and a limit low enough that the encoder's overshoot does not clip.
    clean = "highpass=f=90,lowpass=f=7200,loudnorm=I=-20:TP=-3:LRA=7,aresample=44100,alimiter=limit=0.6:level=0"
    speech = f"[{len(pictures)}:a]{clean}[a]"
    keys = ",".join(f"{at:.3f}" for at in track.chapter_starts)
    run(
        *("ffmpeg", "-v", "error", "-y", *inputs, "-i", sound),
        *("-filter_complex", ";".join([*fades(bounds), speech]), "-map", "[v]", "-map", "[a]"),
        *("-c:v", "libx264", "-profile:v", "main", "-preset", "veryslow", "-tune", "stillimage", "-crf", "26"),
        *("-g", str(FRAMES * 40), "-force_key_frames", keys, "-threads", "1", "-r", str(FRAMES)),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"),
        *("-c:a", "aac", "-b:a", "24k", "-ac", "1", "-t", f"{track.seconds:.3f}"),
        *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
        *("-movflags", "+faststart", target),
    )


def save_poster(picture: Path, target: Path) -> None:
    """Write the poster as WebP at the best quality that stays below the limit."""
    for quality in range(92, 40, -4):
        run("ffmpeg", "-v", "error", "-y", "-i", picture, "-c:v", "libwebp", "-quality", str(quality), target)
        if target.stat().st_size <= POSTER_LIMIT:
            return
    raise ValueError(f"{target.name} stays above {POSTER_LIMIT} bytes")


def measured_seconds(clip: Path) -> float:
    """Return the length of a finished clip."""
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(clip)]
    return round(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout), 3)


def manifest_row(talk: Talk, track: Track) -> dict[str, object]:
    """Return what a loader must know about one clip."""
    clip = HERE / f"{talk.slug}.mp4"
    return {
        "slug": talk.slug,
        "file": clip.name,
        "type": "video/mp4",
        "width": WIDTH,
        "height": HEIGHT,
        "duration_seconds": measured_seconds(clip),
        "bytes": clip.stat().st_size,
        "sha256": hashlib.sha256(clip.read_bytes()).hexdigest(),
        "poster": f"{talk.slug}.webp",
        "captions": {language: f"{talk.slug}.{language}.vtt" for language in talk.caption_languages},
        "chapters": [
            {"start_seconds": start, "title": chapter.title}
            for start, chapter in zip(track.chapter_seconds(), talk.chapters, strict=True)
        ],
    }


def make(talk: Talk, page: Page, font: Path | None) -> dict[str, object]:
    """Make every file of one talk and return its row of the manifest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        track = record(talk, folder)
        save_sound(track, folder / "talk.wav")
        photograph(page, poster(talk), folder / "poster.png", font)
        pictures = [folder / f"slide-{number}.png" for number in range(len(talk.chapters) + 1)]
        for picture, drawing in zip(pictures, slides(talk), strict=True):
            photograph(page, drawing, picture, font)
        film(pictures, track, folder / "talk.wav", HERE / f"{talk.slug}.mp4")
        save_poster(folder / "poster.png", HERE / f"{talk.slug}.webp")
    for language in talk.caption_languages:
        (HERE / f"{talk.slug}.{language}.vtt").write_text(captions(track, language), encoding="utf-8")
    return manifest_row(talk, track)


def main() -> None:
    """Make all clips and their manifest."""
    parser = argparse.ArgumentParser(description="Make the demonstration clips again.")
    own = sorted(STATIC.rglob("atkinson-next-latin-[0-9]*.woff2"))
    parser.add_argument("--font", type=Path, default=own[0] if own else None, help="typeface of the slides, as WOFF2")
    font: Path | None = parser.parse_args().font
    browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=browser_path)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        rows = [make(talk, page, font) for talk in TALKS]
        browser.close()
    (HERE / "manifest.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    for row in rows:
        print(row["file"], row["duration_seconds"], "s,", row["bytes"], "bytes")


if __name__ == "__main__":
    main()
