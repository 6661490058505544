"""Invitations filled from a stencil are, octet for octet, those that the calendar library writes in full."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendars.test_entries import ENTRY
from webinars.calendars.entries import CANCEL, REQUEST, cancel, request
from webinars.calendars.stencils import Own, invitation, marks, stamp_of, stencil_of
from webinars.core.text import one_line

NOW = datetime(2026, 11, 22, 15, 30, 1, 999, tzinfo=UTC)
TOKEN = "AliceAliceAliceAlice22.1.Q29udGVudE9mQU1hY1RoYXRJc0xvbmdFbm91Z2hUb0ZvbGQ"
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
names = st.one_of(
    st.just(""), words.map(one_line), st.sampled_from(["Ana Ruiz", 'Ana "Nita" Ruiz, RN; x', "José: Pérez", "O’Neil^2"])
)


def own(name: str = "", address: str = "ana+news@example.org") -> Own:
    return Own(
        uid="78d987ee-3109-433e-8f03-b0bdb4660ab8",
        address=address,
        name=name,
        join_url=f"https://w.example/r/{TOKEN}/join",
        manage_url=f"https://w.example/r/{TOKEN}",
    )


def both(
    method: str, person: Own, title: str = "Trials", description: str = "", phone: str = ""
) -> tuple[bytes, bytes]:
    """Write an invitation from a stencil, and in full."""

    def entry(uid: str, address: str, name: str | None, join_url: str, manage_url: str):
        return replace(
            ENTRY, uid=uid, attendee=address, attendee_name=name, join_url=join_url, url=manage_url, title=title,
            location=phone or join_url, description=f"Join: {join_url}\n{description}\nChange: {manage_url}",
            stamp=NOW, last_modified=NOW,
        )  # fmt: skip

    whole = entry(person.uid, person.address, person.name or None, person.join_url, person.manage_url)
    filled = invitation(stencil_of(method, entry(**marks(named=bool(person.name)))), person, stamp_of(NOW))
    return filled, (cancel if method == CANCEL else request)(whole)


@pytest.mark.parametrize("method", [REQUEST, CANCEL])
@given(name=names, title=words, description=words)
def test_filled_invitation_equals_the_one_written_in_full(method, name, title, description):
    filled, whole = both(method, own(name), title, description)
    assert filled == whole


@pytest.mark.parametrize("address", ["a,b;c@example.org", "o'neil@example.org", "josé@example.org", "a%b@example.org"])
def test_every_address_stands_in_it_as_the_letters(address):
    filled, whole = both(REQUEST, own(address=address))
    assert filled == whole


def test_stamp_is_the_letters_own_moment():
    first, _ = both(REQUEST, own())
    assert first.count(b":20261122T153001Z") == 2


def test_second_person_gets_nothing_of_the_first():
    both(REQUEST, own("Ana"))
    other = replace(own("Bo"), uid="1", join_url="https://w.example/r/b/join", manage_url="https://w.example/r/b")
    filled, whole = both(REQUEST, other)
    assert filled == whole and b"Alice" not in filled and b"Ana" not in filled


@pytest.mark.parametrize("bad", ["https://x/a,b", "https://x/a\nATTENDEE:x", 'https://x/"', "a b"])
def test_link_that_would_need_escaping_is_refused(bad):
    with pytest.raises(ValueError, match="escaping"):
        replace(own(), join_url=bad)


def test_title_that_looks_like_a_mark_stays_as_it_is():
    for title in ("zq0qz zq5qz", "zq9qz", marks(named=True)["uid"][:-6]):
        filled, whole = both(REQUEST, own("Ana"), title)
        assert filled == whole and title.encode() in filled.replace(b"\r\n ", b"")
