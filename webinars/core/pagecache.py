"""Pages that are the same for everybody, rendered once for each state they show.

The key names all that the page depends on, so nothing is ever stale and nothing has to be told to forget. What differs
in every answer (a nonce, a token) is kept as a mark and put in afterwards; the marks are random for each process, so
that no text of a webinar can hold one.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from threading import Lock

from flask import request, session

from webinars.core.http import csp_nonce, current_settings

MOST_PAGES = 256
_MARKS = tuple(secrets.token_hex(16) for _ in range(6))


class PageCache:
    """Keeps the pages that were shown last."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def page(self, key: Hashable, render: Callable[[], str], fresh: Sequence[str] = ()) -> str:
        """Give the page of a key; ``fresh`` holds what is this answer's alone, five at most.

        Each must be something that a page holds for no other reason; one that is a part of another stands after it.
        """
        if request.query_string or "_flashes" in session:
            return render()
        # Every page shows name, colours and footer of the organisation.
        key, values = (key, current_settings()), (csp_nonce(), *fresh)
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
        if found is not None:
            return _replaced(found, zip(_MARKS, values, strict=False))
        made = render()
        self._keep(key, _replaced(made, zip(values, _MARKS, strict=False)))
        return made

    def _keep(self, key: Hashable, page: str) -> None:
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)


def _replaced(page: str, pairs: Iterable[tuple[str, str]]) -> str:
    for old, new in pairs:
        page = page.replace(old, new)
    return page
