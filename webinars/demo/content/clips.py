"""What the made clips are: read from the manifest that is written together with them."""

import json
from functools import cache
from pathlib import Path

from webinars.demo.content.shapes import SampleChapter, SampleClip

MEDIA_FOLDER = Path(__file__).parents[1] / "media"


@cache
def clips() -> dict[str, SampleClip]:
    """Return every clip by its slug."""
    rows = json.loads((MEDIA_FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return {
        row["slug"]: SampleClip(**{**row, "chapters": tuple(SampleChapter(**part) for part in row["chapters"])})
        for row in rows
    }
