"""Catalogues, complete: every text of code and templates is translated, none is fuzzy. Run by `make check`."""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
CATALOGUES = sorted((ROOT / "webinars/translations").glob("*/LC_MESSAGES/messages.po"))


def main() -> int:
    """Check each catalogue; give the exit code."""
    known = {message.id for message in read_po(io.BytesIO(extract())) if message.id}
    problems = [problem for path in CATALOGUES for problem in check(path, known)]
    for problem in problems[:40]:
        print(problem)
    print(f"catalogues: {len(problems)} problems" if problems else f"catalogues: {len(known)} texts, all translated")
    return 1 if problems or not CATALOGUES or not known else 0


def extract() -> bytes:
    """Collect the texts as `make catalogues` does."""
    with tempfile.NamedTemporaryFile(suffix=".pot") as file:
        program = Path(sys.executable).parent / "pybabel"
        options = [
            "-F",
            "pyproject.toml",
            "-k",
            "_",
            "-k",
            "_l",
            "-k",
            "lazy_gettext",
            "-k",
            "lazy_pgettext:1c,2",
            "-o",
            file.name,
        ]
        subprocess.run([program, "-q", "extract", *options, "."], cwd=ROOT, check=True)
        return Path(file.name).read_bytes()


def check(path: Path, known: set[object]) -> list[str]:
    """Give what is missing, fuzzy, or names other placeholders than the English text."""
    language = path.parent.parent.name
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    done = {message.id: message for message in catalogue if message.id}
    problems = [f"{language}: not translated: {text}" for text in sorted(map(str, known - done.keys()))]
    for message in done.values():
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.fuzzy or not all(strings):
            problems.append(f"{language}: not translated: {message.id}")
        problems += [f"{language}: {error}" for error in message.check(catalogue)]
    return problems


if __name__ == "__main__":
    sys.exit(main())
