"""What tells two texts apart, word by word."""

import re
from difflib import SequenceMatcher

_BESIDE, _WORD = 6, re.compile(r"\S+\s*|\s+")


def pieces(old: str, new: str, *, whole: bool = False) -> list[tuple[str, str]]:
    """Tell two texts apart: "same", "gone" and "new" pieces in order; of what stayed only what is near, or all."""
    was, became = _WORD.findall(old), _WORD.findall(new)
    found = []
    for tag, i, j, k, m in SequenceMatcher(None, was, became, autojunk=False).get_opcodes():
        if tag == "equal":
            words = was[i:j]
            found.append(("same", "".join(words) if whole else _shortened(words, first=i == 0, last=j == len(was))))
            continue
        found += [(kind, "".join(words)) for kind, words in (("gone", was[i:j]), ("new", became[k:m])) if words]
    return found


def _shortened(words: list[str], *, first: bool, last: bool) -> str:
    """Keep of what stayed only the words next to a change."""
    if len(words) <= 2 * _BESIDE:
        return "".join(words)
    begin, end = ("" if first else "".join(words[:_BESIDE])), ("" if last else "".join(words[-_BESIDE:]))
    return f"{begin}… {end}"
