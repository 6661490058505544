"""Words of a transcript that readers may not know, found where they first stand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Piece:
    """A piece of text; ``explanation`` is set on a word that is explained here, ``number`` tells such words apart."""

    text: str
    explanation: str = ""
    number: int = 0


class Glossary:
    """Explains each term once in a chapter, where it first stands, so that pages stay readable."""

    def __init__(self, explained: Mapping[str, str]) -> None:
        self._by_word: dict[str, list[tuple[re.Pattern[str], str, str]]] = {}
        self._seen: set[str] = set()
        self._number = 0
        for spelling, explanation in sorted(explained.items(), key=lambda pair: -len(pair[0])):
            first = _WORD.search(spelling.casefold())
            if first:
                words = r"\s+".join(re.escape(word) for word in spelling.split())
                pattern = re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
                self._by_word.setdefault(first[0], []).append((pattern, spelling, explanation))

    def new_chapter(self) -> None:
        """Explain every term once more from here on."""
        self._seen.clear()

    def pieces(self, text: str) -> list[Piece]:
        """Cut a text at the words that are explained here for the first time."""
        found: list[tuple[int, int, str]] = []
        words = dict.fromkeys(_WORD.findall(text.casefold())) if self._by_word else {}
        for pattern, spelling, explanation in (entry for word in words for entry in self._by_word.get(word, ())):
            match = pattern.search(text) if spelling not in self._seen else None
            if match and all(match.end() <= start or match.start() >= end for start, end, _told in found):
                self._seen.add(spelling)
                found.append((match.start(), match.end(), explanation))
        pieces, at = [], 0
        for start, end, explanation in sorted(found):
            self._number += 1
            pieces += [Piece(text[at:start]), Piece(text[start:end], explanation, self._number)]
            at = end
        return [piece for piece in (*pieces, Piece(text[at:])) if piece.text]
