"""Static files: an address that names what the file holds is kept by browsers for ever."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from whitenoise import WhiteNoise

STATIC = Path(__file__).parent.parent / "static"
PREFIX = "/static/"


def static_url(name: str) -> str:
    """Give the address of a static file with a hash of its content.

    Fonts carry their version in their name, and the style sheet asks for them by that name alone.
    """
    return f"{PREFIX}{name}" if name.startswith("fonts/") else f"{PREFIX}{name}?v={_content_hash(name)}"


@cache
def _content_hash(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


class StaticFiles(WhiteNoise):  # type: ignore[misc]
    """Serves the static files, those under an address of ``static_url`` with leave to keep them for ever."""

    def __init__(self, application: Any, *, max_age: int, autorefresh: bool) -> None:
        """Wrap an application; ``max_age`` in seconds is for addresses without a version."""
        super().__init__(
            application, root=str(STATIC), prefix=PREFIX, max_age=max_age, autorefresh=autorefresh,
            immutable_file_test=rf"^{PREFIX}fonts/.*\.woff2$",
        )  # fmt: skip

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        answer: Iterable[bytes] = super().__call__(
            environ, _keeping(start_response) if self._names_content(environ) else start_response
        )
        return answer

    def _names_content(self, environ: dict[str, Any]) -> bool:
        """Say whether the address names what is served: the version of another release may not be kept."""
        path = environ.get("PATH_INFO", "")
        # While files are watched for changes nothing is known of them beforehand, and nothing is to be kept.
        return path in self.files and environ.get("QUERY_STRING") == f"v={_content_hash(path.removeprefix(PREFIX))}"


def _keeping(start_response: Any) -> Any:
    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        others = [(name, value) for name, value in headers if name.lower() != "cache-control"]
        forever = ("Cache-Control", f"max-age={WhiteNoise.FOREVER}, public, immutable")
        return start_response(status, [*others, forever], *error)

    return start
