"""Numbers in addresses that no database holds lead nowhere, and never to a fault."""

import re

import pytest

from tests.staff.test_rights import csrf_of, make_world, path_of, signed_in
from webinars.api import service as programs
from webinars.core.clock import utc_now
from webinars.core.database import LARGEST_KEY, transaction

NINES = "9" * 30


def addresses(app, number, world):
    """List (path, method) of every route that takes something from its address: numbers alone, then whatever it is."""
    found = []
    for rule in app.url_map.iter_rules():
        of_numbers = re.sub(r"<int[^>]*>", number, rule.rule)
        paths = {re.sub(r"<[^>]+>", number, rule.rule)}
        if of_numbers != rule.rule:
            paths.add(path_of(of_numbers, world))
        if rule.arguments:
            found += [(path, method) for path in sorted(paths) for method in sorted(rule.methods - {"OPTIONS"})]
    return found


@pytest.fixture
def program(app):
    with transaction():
        return {"Authorization": f"Bearer {programs.add_token('walker', utc_now())}"}


@pytest.mark.parametrize("number", [NINES, str(LARGEST_KEY)])
def test_no_number_in_an_address_makes_a_fault(app, program, number):
    world = make_world()
    owner = signed_in(app, "owner")
    token = csrf_of(owner)
    walked = addresses(app, number, world)
    assert len(walked) > 150
    for path, method in walked:
        headers = program if path.startswith("/api/") else {}
        data = {"csrf_token": token} if method not in {"GET", "HEAD"} and not headers else None
        answer = owner.open(path, method=method, data=data, headers=headers)
        assert answer.status_code < 500, f"{method} {path[:120]}: {answer.status}"


@pytest.mark.parametrize("number", [NINES, "9" * 5000, str(LARGEST_KEY + 1), "٣"])
def test_every_address_with_a_number_that_nothing_can_have_is_not_there(app, number):
    world = make_world()
    owner = signed_in(app, "owner")
    numbered = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and "<int" in rule.rule]
    assert len(numbered) > 8
    for rule in numbered:
        path = path_of(re.sub(r"<int[^>]*>", number, rule.rule), world)
        assert owner.get(path).status_code == 404, rule.rule
