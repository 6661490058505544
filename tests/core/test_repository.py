"""What the repository holds: a link would carry a place of one machine to all others."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = "120000"


def test_no_file_of_the_repository_is_a_link() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    listed = subprocess.run(["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True)

    links = [line for line in listed.stdout.splitlines() if line.startswith(LINK)]

    assert links == []
