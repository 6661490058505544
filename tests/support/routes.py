"""Addresses of the pages of the desk."""

import re
from collections.abc import Mapping

from werkzeug.routing import Rule

#: what a part of an address may say where nobody's number or name stands
_WORDS = {
    "picture": "roles", "code": "en", "language": "es", "notice": "reminder", "topic": "mail", "preview": "webinars",
    "download.": "vtt",
}  # fmt: skip


def true_path(rule: Rule, world: Mapping[str, str]) -> str:
    """Fill in a rule's address, so that it leads to something that exists.

    ``world``: what there is, by the name of the part, or else by what stands before it. Raises KeyError for a part of
    a kind that is new.
    """
    path, known = rule.rule, _WORDS | dict(world)
    for part in re.findall(r"<[^>]+>", path):
        name, before = part.strip("<>").rpartition(":")[2], path.split(part)[0].rstrip("/").rpartition("/")[2]
        path = path.replace(part, known[name] if name in known else known[before], 1)
    return path
