"""How pages call what the outbox knows by code; mail itself knows no words, a later room does."""

from collections.abc import Callable, Iterable, Mapping

from flask import current_app

from webinars.mail.models import Mailing, Message

#: turns codes ("r12", "w5", "ada@example.org", "notice:reminder:0-60") into (words, address of a page or None)
Names = Callable[[Iterable[str]], Mapping[str, tuple[str, str | None]]]


def letter_code(letter: Message | Mailing) -> str:
    """Give the code of a letter: its kind and which one of that kind it is."""
    return f"notice:{letter.notice}:{letter.occasion}"


class Labels:
    """Gives words for codes, the code itself when nobody knows better."""

    def __init__(self, known: Mapping[str, tuple[str, str | None]]) -> None:
        """Take what is known."""
        self._known = known

    def words(self, code: str) -> str:
        """Give the words of a code."""
        if code in self._known:
            return self._known[code][0]
        kind, _, rest = code.partition(":")
        return rest.partition(":")[0].replace("_", " ").capitalize() if kind == "notice" and rest else code

    def url(self, code: str) -> str | None:
        """Give the page about a code, if there is one."""
        return self._known[code][1] if code in self._known else None


def labels(codes: Iterable[str]) -> Labels:
    """Ask for the words of codes, all at once."""
    asked = {code for code in codes if code}
    names: Names | None = current_app.extensions.get("mail_names")
    return Labels(names(asked) if names and asked else {})
