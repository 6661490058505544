"""A query read into terms, so that no character of it ever reaches a database's own query language."""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

LONGEST_QUERY = 300
MOST_WORDS = 10
LONGEST_WORD = 40
#: letters and digits of a mark such as "CTLA4"
SHORT_MARK = 6

_QUOTED = re.compile(r'["“”«»]([^"“”«»]*)["“”«»]')
#: the ends of "doctor's" and "don't", which are no words of their own
_ENDING = re.compile(r"(?<=[^\W_])['’](?:s|t|d|m|re|ve|ll)\b")
#: words, and words that hyphens hold together: "anti-PD-1"
_CHAIN = re.compile(r"[^\W_]+(?:[-\u2010\u2011\u2013][^\W_]+)*")
#: where a mark in capitals is written onto a word: "antiPD1"
_MARK = re.compile(r"(?<=[a-z])(?=[A-Z]{2})")
_WORD = re.compile(r"[^\W_]+")
_PIECE = re.compile(r"[^\W\d_]+|\d+")
#: words that stand in nearly every sentence; they are dropped when others remain
_COMMON = frozenset([
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "before", "being", "but", "by", "can", "could", "did", "do", "does", "during", "each", "every", "for", "from",
    "get", "had", "has", "have", "he", "her", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just",
    "me", "more", "most", "much", "my", "no", "not", "of", "on", "only", "or", "other", "our", "out", "said", "same",
    "she", "should", "so", "some", "still", "such", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "this", "to", "too", "until", "up", "us", "very", "was", "we", "were", "what", "when", "where", "which",
    "while", "who", "why", "will", "with", "would", "you", "your", "al", "algo", "antes", "asi", "cada", "como",
    "con", "cual", "cuales", "cuando", "cuanta", "cuanto", "de", "del", "desde", "despues", "donde", "durante", "e",
    "el", "ella", "ellos", "en", "entre", "era", "es", "esta", "estan", "estar", "este", "esto", "estoy", "fue", "ha",
    "hace", "hasta", "hay", "la", "las", "le", "les", "lo", "los", "mas", "mi", "muy", "nada", "ni", "nos", "o",
    "otra", "otro", "para", "pero", "poco", "por", "porque", "puede", "puedo", "que", "quien", "se", "ser", "si",
    "sin", "sobre", "son", "soy", "su", "sus", "te", "tener", "tengo", "tiene", "todo", "tu", "u", "un", "una",
    "unas", "unos", "y", "ya", "yo",
])  # fmt: skip


@dataclass(frozen=True)
class Term:
    """A word, or words that must follow each other; in lower case."""

    words: tuple[str, ...]
    #: may be written apart, with hyphens or as one word: "PD-L1", "PDL1", "CTLA 4"
    loose: bool = False

    @property
    def text(self) -> str:
        """Give the words as they are shown."""
        return " ".join(self.words)

    @property
    def folded(self) -> "Term":
        """Give the same without accents."""
        return Term(tuple(fold(word) for word in self.words), self.loose)

    @property
    def is_word(self) -> bool:
        """Say whether it is a single word that is written in one way."""
        return len(self.words) == 1 and not self.loose

    @property
    def spellings(self) -> list[str]:
        """List the ways in which it may be written; the words of each must follow each other."""
        if not self.loose:
            return [self.text]
        pieces = (piece for word in self.words for piece in _PIECE.findall(word))
        written = [self.text, " ".join(pieces), "".join(self.words)]
        if len(self.text) <= SHORT_MARK:
            # Where its hyphens stand cannot be told: "PDL1" is "PD-L1".
            written += [f"{self.text[:place]} {self.text[place:]}" for place in range(1, len(self.text))]
        return list(dict.fromkeys(written))


def fold(text: str) -> str:
    """Take accents off and lower the case, letter by letter, so that places in the result are places in the text."""
    return "".join(_fold_letter(letter) for letter in text)


def _fold_letter(letter: str) -> str:
    plain = unicodedata.normalize("NFD", letter)[0].lower()
    return plain if len(plain) == 1 else letter


def terms_of(query: str) -> tuple[Term, ...]:
    """Read a query of any characters into a few terms; common words are dropped if others remain.

    What stands in quotes stays together, and so does what a hyphen holds together.
    """
    text = unicodedata.normalize("NFC", query[:LONGEST_QUERY])
    text = _ENDING.sub("", _MARK.sub("-", text).lower())
    quoted = [_row(_WORD.findall(words)) for words in _QUOTED.findall(text)]
    loose = [_term(chain) for chain in _CHAIN.findall(_QUOTED.sub(" ", text))]
    terms = list(dict.fromkeys([*(term for term in quoted if term.words), *_with_letters(loose)]))
    telling = [term for term in terms if len(term.words) > 1 or _tells(term.words[0])]
    return tuple((telling or terms)[:MOST_WORDS])


def _row(words: list[str]) -> Term:
    return Term(tuple(word[:LONGEST_WORD] for word in words[:MOST_WORDS]))


def _term(chain: str) -> Term:
    row = _row(_WORD.findall(chain))
    return Term(row.words, loose=len(row.words) > 1 or (chain.isascii() and len(_PIECE.findall(chain)) > 1))


def _with_letters(terms: list[Term]) -> list[Term]:
    """Hold a lone letter to the word before it: "hepatitis B", "CAR T"."""
    found = terms[:1]
    for before, term in pairwise(terms):
        if _is_mark(term) and before.is_word and _tells(before.words[0]):
            found[-1] = Term((*before.words, *term.words), loose=True)
        else:
            found.append(term)
    return found


def _is_mark(term: Term) -> bool:
    word = term.words[0]
    return len(term.words) == 1 and len(word) == 1 and word.isascii() and word.isalpha() and _is_rare(word)


def _tells(word: str) -> bool:
    return _is_rare(word) and (len(word) > 1 or not word.isascii() or word.isdigit())


def _is_rare(word: str) -> bool:
    return fold(word) not in _COMMON
