"""The page where a visitor without JavaScript chooses a time zone."""

from collections import defaultdict
from urllib.parse import urlsplit

from webinars.core.zones import zone_names

#: where most of our visitors live, so that they need not search
COMMON = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Puerto_Rico",
    "America/Mexico_City", "America/Bogota", "America/Argentina/Buenos_Aires", "Europe/London", "Europe/Madrid",
    "Europe/Berlin", "Africa/Johannesburg", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip


def zones_by_region() -> dict[str, list[str]]:
    """Group all zones by their region, as the list shows them."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in zone_names():
        groups[name.partition("/")[0]].append(name)
    return dict(groups)


def safe_path(target: str) -> str:
    """Give a path on this site to go back to; "/" for anything that could lead elsewhere."""
    local = target.startswith("/") and not target.startswith("//") and "\\" not in target
    printable = all(ord(character) > 32 for character in target)
    if not (local and printable):
        return "/"
    # Only now: brackets behind two slashes make it raise.
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else "/"
