"""Where a visitor goes back to after choosing a time zone."""

from urllib.parse import urlsplit


def safe_path(target: str) -> str:
    """Give a path on this site to go back to; "/" for anything that could lead elsewhere."""
    local = target.startswith("/") and not target.startswith("//") and "\\" not in target
    printable = all(ord(character) > 32 for character in target)
    if not (local and printable):
        return "/"
    # Only now: brackets behind two slashes make it raise.
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else "/"
