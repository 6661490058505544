"""A couple or a group that registers with one form and one address."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import NOW, make_series, make_webinar
from tests.registration.deeds import (
    application,
    assert_true_counters,
    counters,
    listening,
    registration_of,
    standing,
)
from tests.registration.test_pages import manage, press, sign_up
from tests.registration.test_questions import add, make_asking, people, switch
from tests.registration.test_race import together
from tests.support.pages import CheckedClient, find_form, form_data, parse, text_of
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.models import Message
from webinars.notices.prepare import prepare
from webinars.registration import service
from webinars.registration.models import Registration
from webinars.registration.questions.models import Question
from webinars.registration.questions.rules import Given
from webinars.schedule.models import Series, Webinar


@pytest.fixture
def series(app: Flask) -> Series:
    made = make_series()
    switch(made, companions=1)
    return made


@pytest.fixture
def webinar(series: Series) -> Webinar:
    return make_asking(series, now=utc_now(), capacity=4)


def couple(client: CheckedClient, webinar: Webinar, **fields: Any) -> Any:
    return sign_up(client, webinar, **({"name": "Ruth", "companion": "Sam"} | fields))


def test_form_offers_a_companion_only_where_staff_say_so(app: Flask, client: CheckedClient, webinar: Webinar) -> None:
    assert client.page(f"/webinars/{webinar.slug}").select("#companion")
    other = make_webinar(make_series(title="Alone"), now=utc_now())
    assert not client.page(f"/webinars/{other.slug}").select("#companion")
    sign_up(client, other, companion="Sam")
    assert people() == 1


def test_each_has_a_place_an_entry_and_a_letter(client: CheckedClient, webinar: Webinar) -> None:
    words = text_of(parse(couple(client, webinar)))
    assert "You have a place, confirmed" in words or "confirmed" in words
    assert "Together with you" in words and "Sam Confirmed" in words
    ruth, sam = registration_of("Ruth"), registration_of("Sam")
    assert (ruth.state, sam.state) == ("confirmed", "confirmed")
    assert ruth.uid != sam.uid and ruth.party == sam.party and ruth.email_key == sam.email_key
    subjects = [message.subject for message in db.session.scalars(select(Message).order_by(Message.id))]
    assert subjects == [ruth.subject, sam.subject]
    assert counters(webinar) == (2, 0)


def test_letters_to_an_unproven_address_tell_them_apart_by_initial_and_reference(
    client: CheckedClient, webinar: Webinar
) -> None:
    couple(client, webinar, name="Ruth Winterbourne", email="two@example.org", companion="Samuel Winterbourne")
    texts = [str(make().text) for make in prepare(list(db.session.scalars(select(Message))), utc_now())]  # type: ignore[union-attr]
    for text, name in zip(texts, ("Ruth Winterbourne", "Samuel Winterbourne"), strict=True):
        reference = registration_of(name).public_id[:4]
        assert f"{name[0]}. (reference {reference})" in text and "Winterbourne" not in text


def test_each_page_leads_to_the_other_and_each_cancels_alone(client: CheckedClient, webinar: Webinar) -> None:
    page = couple(client, webinar)
    [link] = [link for link in parse(page).select("main a") if text_of(link) == "Sam"]
    answer = press(client, client.get(str(link["href"])), "Cancel my place")
    assert "Ruth" in text_of(parse(answer))
    assert standing("Sam")[0] == "cancelled" and standing("Ruth")[0] == "confirmed"


def test_link_from_one_letter_manages_both_and_nobody_else(app: Flask, client: CheckedClient, webinar: Webinar) -> None:
    couple(app.test_client(), webinar)
    sign_up(app.test_client(), webinar, "Stranger")
    page = manage(client, "Ruth")
    assert "Together with you" in text_of(parse(page))
    sam = client.get(f"/registrations/{registration_of('Sam').public_id}")
    assert "My details" in text_of(parse(sam))
    press(client, sam, "Cancel my place")
    assert standing("Sam")[0] == "cancelled"
    assert client.get(f"/registrations/{registration_of('Stranger').public_id}").status_code == 403


def test_link_to_one_opens_the_other_no_more_once_the_address_differs(
    app: Flask, client: CheckedClient, webinar: Webinar
) -> None:
    couple(app.test_client(), webinar)
    manage(client, "Ruth")
    with transaction():
        registration_of("Sam").email_key = "sam@example.net"
    assert client.get(f"/registrations/{registration_of('Sam').public_id}").status_code == 403


def test_one_seat_left_goes_to_who_signs_up_and_the_other_waits_first_in_line(
    client: CheckedClient, series: Series
) -> None:
    webinar = make_asking(series, now=utc_now(), capacity=1)
    words = text_of(parse(couple(client, webinar)))
    assert standing("Ruth") == ("confirmed", None) and standing("Sam") == ("waitlisted", 1)
    assert "Sam Waiting, place 1" in words
    assert_true_counters(webinar)
    with transaction():
        service.cancel(registration_of("Ruth"), utc_now())
    assert standing("Sam") == ("confirmed", None)


def test_full_webinar_lets_both_wait_next_to_each_other(client: CheckedClient, series: Series) -> None:
    webinar = make_asking(series, now=utc_now(), capacity=1, confirmed_count=1)
    couple(client, webinar)
    assert (standing("Ruth"), standing("Sam")) == (("waitlisted", 1), ("waitlisted", 2))


def test_without_a_place_for_both_nobody_is_registered(client: CheckedClient, series: Series) -> None:
    webinar = make_asking(series, now=utc_now(), capacity=1, waiting_list=False)
    answer = couple(client, webinar)
    assert answer.status_code == 409 and people() == 0 and counters(webinar) == (0, 0)
    page = parse(answer)
    assert "Leave out the others" in text_of(page) and page.select_one("#companion")["value"] == "Sam"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("Ruth", "a name of their own"), (" RUTH ", "a name of their own"), ("x" * 201, "200 characters")],
)
def test_companion_who_cannot_be_told_apart_is_asked_for_another_name(
    client: CheckedClient, webinar: Webinar, name: str, sentence: str
) -> None:
    answer = couple(client, webinar, companion=name)
    assert answer.status_code == 422 and people() == 0
    assert sentence in text_of(parse(answer).select_one("#companion-error"))


def test_more_names_than_staff_allow_are_refused(client: CheckedClient, webinar: Webinar) -> None:
    answer = couple(client, webinar, companion=["Sam", "Tom"])
    assert answer.status_code == 422 and "fewer names" in text_of(parse(answer).select_one("#companion-error"))


def test_group_of_six_fills_what_one_address_may_have(app: Flask, client: CheckedClient, series: Series) -> None:
    webinar = make_asking(series, now=utc_now())
    switch(series, companions=5)
    words = text_of(parse(couple(client, webinar, companion="Ann\r\nBob\nCid\nDot\nEve")))
    assert people() == 6 and all(f"{name} Confirmed" in words for name in ("Ann", "Bob", "Cid", "Dot", "Eve"))
    answer = sign_up(app.test_client(), webinar, "Fay", email="ruth@example.org")
    assert answer.status_code == 422 and people() == 6


def test_group_that_would_be_too_many_for_the_address_gets_nothing(client: CheckedClient, series: Series) -> None:
    webinar = make_asking(series, now=utc_now())
    switch(series, companions=5)
    for name in ("Ann", "Bob"):
        sign_up(client, webinar, name, email="ruth@example.org")
    assert couple(client, webinar, companion="Cid\nDot\nEve\nFay").status_code == 422
    assert people() == 2 and counters(webinar) == (2, 0)


def test_answers_belong_to_who_filled_in_the_form(client: CheckedClient, series: Series, webinar: Webinar) -> None:
    number = add(series, required=True)
    switch(series, asks_role=True)
    couple(client, webinar, role="patient", question="Why?", **{f"answer_{number}": "Mine"})
    sam = registration_of("Sam")
    assert (sam.role, sam.question) == (None, "") and people() == 2


def test_stranger_who_names_a_known_person_reads_what_a_newcomer_would(
    app: Flask, client: CheckedClient, webinar: Webinar
) -> None:
    couple(client, webinar)
    before = [
        (one.id, one.party, one.name) for one in db.session.scalars(select(Registration).order_by(Registration.id))
    ]
    words = text_of(parse(couple(app.test_client(), webinar)))
    assert "Sam Confirmed" in words
    after = [
        (one.id, one.party, one.name) for one in db.session.scalars(select(Registration).order_by(Registration.id))
    ]
    assert before == after


def correct(client: CheckedClient, page: Any, address: str) -> str:
    return text_of(parse(client.submit(page, "/address", email=address)))


def test_address_that_is_put_right_is_put_right_for_both(
    client: CheckedClient, series: Series, webinar: Webinar
) -> None:
    add(series, required=True)
    page = couple(client, webinar, **{f"answer_{question_id()}": "Words"})
    assert "Your letter goes to two@example.net now" in correct(client, page, "two@example.net")
    ruth, sam = registration_of("Ruth"), registration_of("Sam")
    assert {ruth.email, sam.email} == {"two@example.net"} and ruth.party == sam.party and people() == 2
    assert "two@example.net" in text_of(parse(client.get(f"/registrations/{sam.public_id}")))


def test_address_of_a_known_person_is_put_right_with_the_same_words(
    app: Flask, client: CheckedClient, series: Series
) -> None:
    webinar = make_asking(series, now=utc_now())
    add(series, required=True)
    answers = {f"answer_{question_id()}": "Words"}
    couple(app.test_client(), webinar, **answers)
    told = correct(client, couple(client, webinar, **answers), "new@example.net")
    newcomer = app.test_client()
    page = couple(newcomer, webinar, email="typo@example.net", **answers)
    assert told == correct(newcomer, page, "new2@example.net").replace("new2@", "new@")
    addresses = select(Registration.email).order_by(Registration.email)
    expected = ["new2@example.net"] * 2 + ["new@example.net"] * 2 + ["ruth@example.org"] * 2
    assert sorted(db.session.scalars(addresses)) == sorted(expected)


def question_id() -> int:
    return db.session.scalars(select(Question.id)).one()


# --- many at once ----------------------------------------------------------------------------------------------------


def sign_up_couple(number: int, name: str, companion: str, nonce: str | None = None) -> list[str]:
    form = application(name, given=Given(companions=(companion,)), form_nonce=nonce)
    with transaction():
        outcome = service.register(number, form, NOW)
        return [str(one.state) for one in (outcome.registration, *outcome.others)]


def split(webinar_id: int) -> list[str]:
    """Name the parties of whom some have a seat and some wait, or whose places in line are not next to each other."""
    parties: dict[str, list[Registration]] = {}
    for one in db.session.scalars(select(Registration).order_by(Registration.id)):
        parties.setdefault(str(one.party), []).append(one)
    apart = []
    for party, members in parties.items():
        lines = [one.line_number for one in members if one.line_number is not None]
        if len({one.state for one in members}) > 1 or any(b - a != 1 for a, b in zip(lines, lines[1:], strict=False)):
            apart.append(party)
    return apart


@pytest.mark.parametrize(("seats", "divided"), [(100, 0), (101, 1)])
def test_200_couples_at_once_stay_together_but_for_the_last_single_seat(
    app: Flask, series: Series, seats: int, divided: int
) -> None:
    webinar = make_asking(series, capacity=seats)
    number = webinar.id
    db.session.remove()
    deeds = [lambda one=one: sign_up_couple(number, f"Person {one}", f"Partner {one}") for one in range(200)]
    together(app, deeds)
    assert_true_counters(db.session.merge(webinar))
    rows = db.session.scalars(select(Registration)).all()
    assert len(rows) == 400 and [one.state for one in rows].count("confirmed") == seats
    assert len(split(number)) == divided


def test_couples_who_register_one_after_the_other_can_be_divided(app: Flask, series: Series) -> None:
    """The control: without one lock for both, others come in between."""
    webinar = make_asking(series, capacity=100)
    number = webinar.id
    db.session.remove()

    def sign_up_apart(one: int) -> None:
        for name in (f"Person {one}", f"Partner {one}"):
            with transaction():
                form = application(name, email=f"{one}@example.org", party=f"party {one}")
                service.register(number, form, NOW)

    together(app, [lambda one=one: sign_up_apart(one) for one in range(200)])
    assert split(number)


def test_50_times_the_same_couple_at_once_makes_two_places_and_two_letters(app: Flask, series: Series) -> None:
    webinar = make_asking(series, capacity=10)
    number = webinar.id
    db.session.remove()
    with listening() as heard:
        answers = together(app, [lambda: sign_up_couple(number, "Ruth", "Sam") for _ in range(50)])
    assert answers == [["confirmed", "confirmed"]] * 50
    assert sorted(heard) == [("confirmed", "Ruth"), ("confirmed", "Sam")]
    assert people() == 2
    assert_true_counters(db.session.merge(webinar))


def test_50_times_the_same_answers_at_once_are_kept_once(app: Flask, series: Series) -> None:
    webinar = make_asking(series, capacity=10)
    asked = add(webinar, required=True)
    number = webinar.id
    db.session.remove()

    def answer(words: str) -> None:
        form = application("Ruth", given=Given(answers={f"answer_{asked}": [words]}))
        with transaction():
            service.register(number, form, NOW)

    together(app, [lambda one=one: answer(f"Words {one}") for one in range(50)])
    [kept] = db.session.execute(select(Registration.id, Registration.name)).all()
    from_form = service.answering.queries.answers_of_one(kept.id)
    assert len(from_form) == 1 and people() == 1


def bring(client: CheckedClient, name: str, who: str = "Ruth") -> Any:
    return client.submit(manage(client, who), "/companion", "Add them", companion=name)


def test_somebody_is_brought_along_later_and_has_a_place_of_their_own(
    app: Flask, client: CheckedClient, webinar: Webinar
) -> None:
    sign_up(app.test_client(), webinar, "Ruth")
    words = text_of(parse(bring(client, "Sam")))
    assert "Sam: Confirmed." in words and "Together with you" in words and "Somebody else is coming too" not in words
    ruth, sam = registration_of("Ruth"), registration_of("Sam")
    assert sam.party == ruth.party and sam.email == ruth.email and standing("Sam") == ("confirmed", None)
    assert db.session.scalars(select(Message.notice).order_by(Message.id)).all() == ["confirmation"] * 2
    press(client, manage(client, "Sam"), "Cancel my place")
    assert "Tom: Confirmed." in text_of(parse(bring(client, "Tom"))), "who gave up the place leaves room for another"
    assert_true_counters(db.session.merge(webinar))


def test_nobody_is_brought_beyond_what_the_form_takes_nor_without_the_link(
    app: Flask, client: CheckedClient, webinar: Webinar
) -> None:
    stranger = app.test_client()
    token = form_data(find_form(parse(sign_up(stranger, webinar, "Ruth")), "/cancel"))
    page = manage(client, "Ruth")
    path = f"/registrations/{registration_of('Ruth').public_id}/companion"
    data = form_data(find_form(parse(page), "/companion"))
    assert stranger.post(path, data=token | {"companion": "Eve"}).status_code == 403
    for name in ("Sam", "Tom"):
        client.post(path, data=data | {"companion": name})
    assert people() == 2
    refused = client.post(path, data=data | {"companion": "Tom"}, follow_redirects=True)
    assert "Nobody else can be added" in text_of(parse(refused))


@pytest.mark.parametrize(("name", "sentence"), [
    ("", "Please enter a name"), ("x" * 201, "at most 200"), ("Ruth", "is registered for this webinar already"),
])  # fmt: skip
def test_a_name_that_will_not_do_is_told_beside_what_was_typed(
    app: Flask, client: CheckedClient, webinar: Webinar, name: str, sentence: str
) -> None:
    sign_up(app.test_client(), webinar, "Ruth")
    answer = bring(client, name)
    assert sentence in text_of(parse(answer)) and people() == 1


def test_who_is_brought_to_a_full_webinar_waits(app: Flask, client: CheckedClient, webinar: Webinar) -> None:
    sign_up(app.test_client(), webinar, "Ruth")
    db.session.merge(webinar).capacity = 1
    db.session.commit()
    assert "Sam: Waiting, place 1." in text_of(parse(bring(client, "Sam")))
    assert_true_counters(db.session.merge(webinar))
