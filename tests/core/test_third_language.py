"""A further language needs a catalogue and nothing else; an incomplete one is found."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests import check_catalogues

ROOT = Path(__file__).parents[2]
SPANISH = ROOT / "webinars/translations/es/LC_MESSAGES/messages.po"
PORTUGUESE = {"Coming up": "Proximos seminarios"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a copy of the product that shares all files but the folder of catalogues."""
    package = tmp_path / "product" / "webinars"
    package.mkdir(parents=True)
    for place in (ROOT, ROOT / "webinars"):
        for one in place.iterdir():
            if one.name not in {"webinars", "translations", ".git", "instance", "__pycache__"}:
                (package.parent / one.relative_to(ROOT)).symlink_to(one)
    (package / "translations").mkdir()
    (package / "translations" / "es").symlink_to(SPANISH.parents[1])
    return package.parent


def catalogue(language: str) -> Catalog:
    with SPANISH.open("rb") as file:
        spanish = read_po(file, locale="es")
    found = Catalog(locale=language)
    for message in spanish:
        if message.id:
            text = PORTUGUESE.get(message.id, message.string) if isinstance(message.id, str) else message.string
            found.add(message.id, text, flags=message.flags - {"fuzzy"}, context=message.context)
    return found


def test_third_catalogue_is_a_third_language(tree: Path, tmp_path: Path) -> None:
    folder = tree / "webinars/translations/pt/LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue("pt"))
    program = [sys.executable, "-m", "tests.core.third_language", str(tmp_path)]
    done = subprocess.run(
        program, cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_without_its_catalogue_it_is_none(tree: Path) -> None:
    code = "import config; print(*config.LANGUAGES)"
    said = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["en", "es"]


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda found: None, None),
        (lambda found: found.delete("Coming up"), "pt: not translated: Coming up"),
        (lambda found: found["Coming up"].flags.add("fuzzy"), "pt: not translated: Coming up"),
        (lambda found: setattr(found["Coming up"], "string", ""), "pt: not translated: Coming up"),
    ],
    ids=["complete", "missing", "fuzzy", "empty"],
)
def test_check_finds_what_a_catalogue_lacks(tmp_path: Path, spoil: object, problem: str | None) -> None:
    found = catalogue("pt")
    assert callable(spoil)
    spoil(found)
    file = tmp_path / "pt/LC_MESSAGES/messages.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as out:
        write_po(out, found)
    known = {message.id for message in catalogue("pt") if message.id}
    assert check_catalogues.check(file, known) == ([problem] if problem else [])
