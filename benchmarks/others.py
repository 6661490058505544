"""Full registrations beside other systems, in the same run, where they run on this machine already.

``BENCH_PRETIX_URL`` is the page of an event of a pretix on loopback, such as http://127.0.0.1:9377/org/event/, and
``BENCH_PRETIX_PID`` the process of its gunicorn; ``BENCH_INDICO_URL`` and ``BENCH_INDICO_PID`` the same of an Indico,
the address being that of the registration form, such as http://127.0.0.1:9378/event/1/registrations/1/. Serve them as
ours: ``--worker-class gthread --workers 1 --threads 4``. The event is public, free, without limit, and asks for no more
than a name and an address. Each round measures ours first, so that what else the machine does hits all of them.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from itertools import count
from urllib.parse import SplitResult, urlsplit

from benchmarks import prepare
from benchmarks.load import Rate, Task, Visitor, measure, register
from benchmarks.servers import cpu_seconds_of, installation, serve

COUNT = int(os.environ.get("BENCH_COUNT", "500"))
#: theirs take longer
THEIR_COUNT = COUNT // 5
ROUNDS = 3
_PEOPLE = count(time.time_ns())

#: what somebody does who wants a place: browser, path of the page, number of the person
Order = Callable[[Visitor, str, int], None]


def beside_others(database_url: str | None) -> list[str]:
    """Measure registrations in turns, from the page of the event to the page that confirms the place."""
    lines = []
    with installation(database_url) as environment:
        page = f"/webinars/{prepare.programme(environment)}"
        with serve("wsgi:app", environment) as server:
            for _round in range(ROUNDS):
                ours = measure(server.port, server.cpu_seconds, _as_somebody_new(register(page, "confirmed")), COUNT)
                lines += [f"full registration    ours   {ours}", *_theirs(ours)]
    return lines


def _theirs(ours: Rate) -> Iterator[str]:
    for name, order in {"pretix": _order_at_pretix, "indico": _register_at_indico}.items():
        url, process = (os.environ.get(f"BENCH_{name.upper()}_{what}") for what in ("URL", "PID"))
        if not url or not process:
            yield f"{name:>27} not measured: BENCH_{name.upper()}_URL and BENCH_{name.upper()}_PID say where one runs"
            continue
        theirs = _measured(order, urlsplit(url), int(process))
        times = f"ours {ours.per_second / theirs.per_second:.1f} times as many"
        yield f"{name:>27} {theirs}   {times}, for 1/{theirs.cpu_ms / ours.cpu_ms:.0f} of the CPU"


def _measured(order: Order, there: SplitResult, process: int) -> Rate:
    def task(visitor: Visitor, number: int) -> None:
        visitor.forget()
        order(visitor, there.path, number)

    return measure(there.port or 80, lambda: cpu_seconds_of(process), _as_somebody_new(task), THEIR_COUNT)


def _as_somebody_new(task: Task) -> Task:
    """Let nobody come twice, be it in another round or in an earlier run."""
    return lambda visitor, _number: task(visitor, next(_PEOPLE))


def _order_at_pretix(visitor: Visitor, page: str, number: int) -> None:
    """Put the one product into the cart, give an address, review, order, and look at the order."""
    _path, text = _follow(visitor, page)
    [product] = set(re.findall(r'name="(item_\d+)"', text))
    _send(visitor, f"{page}cart/add", text, {"subevent": "", product: "1"})
    path, text = _follow(visitor, f"{page}checkout/start")
    path, text = _send(visitor, path, text, {"email": f"person{number}@example.org"})
    path, text = _send(visitor, path, text, {})
    assert "/order/" in path and "Ordered items" in text, path


def _register_at_indico(visitor: Visitor, page: str, number: int) -> None:
    """Open the event and its form, send it as the page's script does, and look at the registration."""
    _follow(visitor, f"{page.partition('/registrations/')[0]}/")
    _path, text = _follow(visitor, page)
    token = re.search(r'csrf-token"[^>]*content="([^"]*)"', text)
    assert token, f"no form at {page}"
    headers = {"Content-Type": "application/json", "X-CSRF-Token": token[1], "X-Requested-With": "XMLHttpRequest"}
    person = {
        "first_name": "Person",
        "last_name": str(number),
        "email": f"person{number}@example.org",
        "affiliation": "",
    }
    status, _location, text = visitor.ask("POST", page, person, headers)
    assert status == 200, f"{page}: {status} {text[:500]}"
    _path, text = _follow(visitor, json.loads(text)["redirect"])
    assert "registration has been completed" in text, page


def _send(visitor: Visitor, path: str, text: str, fields: dict[str, str]) -> tuple[str, str]:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', text)
    assert token, f"no form at {path}"
    status, location, text = visitor.ask("POST", path, {"csrfmiddlewaretoken": token[1]} | fields)
    assert status == 302, f"{path}: {status} {text[:500]}"
    return _follow(visitor, location)


def _follow(visitor: Visitor, path: str) -> tuple[str, str]:
    status, location, text = visitor.ask("GET", path)
    if status == 302:
        return _follow(visitor, location)
    assert status == 200, f"{path}: {status}"
    return path, text
