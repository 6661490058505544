"""How far long work is: a bar on a terminal, a plain line now and then elsewhere, always on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import Progress

#: work with fewer steps between two lines says nothing
LEAST_STEP = 1000


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show progress towards a total; gives the function that counts further steps."""
    if not sys.stderr.isatty():
        yield _Lines(label, total).advance
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda steps: bar.advance(task, steps)


class _Lines:
    def __init__(self, label: str, total: int) -> None:
        self._label, self._total = label, total
        self._done, self._step = 0, max(LEAST_STEP, total // 10)

    def advance(self, steps: int) -> None:
        before, self._done = self._done, min(self._total, self._done + steps)
        if self._done // self._step > before // self._step:
            click.echo(f"{self._label}: {self._done} of {self._total}", err=True)
