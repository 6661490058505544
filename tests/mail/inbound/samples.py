"""Messages as mail programs and servers write them, made up from their documented formats."""

from pathlib import Path

FOLDER = Path(__file__).parent / "samples"
#: the letter of ours that the samples answer, the entry its invitation made, and whom it went to
REFERENCE = "5f1d0c7a9be84c02a6d3f4e1b2c3d4e5"
UID = "0b6c1f0e-6f3b-4d59-9a53-3c6f5a9f7f10"
ALICE = "alice@example.org"
NAMES = sorted(path.stem for path in FOLDER.glob("*.eml"))


def sample(name: str, *changes: tuple[str, str]) -> bytes:
    """Read one as a mail server hands it over, with some words replaced by others (not in encoded parts)."""
    content = (FOLDER / f"{name}.eml").read_bytes()
    for old, new in changes:
        assert old.encode() in content, f"{name} does not say {old}"
        content = content.replace(old.encode(), new.encode())
    return content
