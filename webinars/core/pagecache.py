"""Pages that are the same for everybody, rendered once for each state they show.

The key names all that the page depends on, so nothing is ever stale and nothing has to be told to forget. What must
differ in every answer (nonces) is rendered as a mark and put in afterwards; the marks are random for each process, so
that no text of a webinar can hold one.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock

from flask import g, request, session

from webinars.core.http import csp_nonce

MOST_PAGES = 256
_CSP_MARK = secrets.token_hex(16)
_MARKS = tuple(secrets.token_hex(16) for _ in range(4))


class PageCache:
    """Keeps the pages that were shown last."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, str] = OrderedDict()
        self._lock = Lock()

    def page(self, key: Hashable, render: Callable[..., str], fresh: Sequence[str] = ()) -> str:
        """Give the page of a key; ``render`` takes the values of ``fresh`` (four at most), new in every answer."""
        if request.query_string or "_flashes" in session:
            return render(*fresh)
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
        if found is None:
            found = self._keep(key, render, len(fresh))
        for mark, value in zip(_MARKS, fresh, strict=False):
            found = found.replace(mark, value)
        return found.replace(_CSP_MARK, csp_nonce())

    def _keep(self, key: Hashable, render: Callable[..., str], count: int) -> str:
        g.csp_nonce = _CSP_MARK
        made = render(*_MARKS[:count])
        del g.csp_nonce
        with self._lock:
            self._pages[key] = made
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)
        return made
