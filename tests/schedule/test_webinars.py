"""Creating, editing, publishing, moving, cancelling and duplicating webinars through the service."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import NOW, make_series, make_webinar
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict
from webinars.core.zones import AmbiguousTime
from webinars.schedule import queries, service
from webinars.schedule.models import Speaker, Webinar
from webinars.schedule.service import Problems

Heard = list[tuple[str, str]]


def create(**fields: Any) -> Webinar:
    if not queries.find_series("side-effects"):
        make_series()
    plain = {"series": "side-effects", "title": "What to expect", "local_start": "2026-12-03T13:00"}
    with transaction():
        return service.create_webinar(plain | fields, NOW)


def edit(webinar: Webinar, now: datetime = NOW, seen: str | None = None, **changes: Any) -> Webinar:
    with transaction():
        return service.edit_webinar(queries.get_webinar(webinar.slug), changes, now, seen=seen)


def move(webinar: Webinar, local_start: str, now: datetime = NOW, **others: Any) -> Webinar:
    with transaction():
        return service.move_webinar(queries.get_webinar(webinar.slug), local_start, now=now, **others)


def publish(webinar: Webinar, now: datetime = NOW) -> Webinar:
    with transaction():
        return service.publish_webinar(queries.get_webinar(webinar.slug), now)


def cancel(webinar: Webinar, reason: str = "The speaker is ill.", now: datetime = NOW) -> Webinar:
    with transaction():
        return service.cancel_webinar(queries.get_webinar(webinar.slug), reason, now)


def refused(deed: Any, *names: str) -> dict[str, str]:
    with pytest.raises(Problems) as refusal:
        deed()
    assert set(refusal.value.fields) == set(names)
    return refusal.value.fields


def test_create_derives_the_instant_and_takes_the_zone_of_the_series(app: Flask) -> None:
    made = create()
    assert made.state == "draft" and made.slug == "what-to-expect"
    assert made.time_zone == "America/New_York"
    assert made.starts_at == datetime(2026, 12, 3, 18, 0, tzinfo=UTC)
    assert made.ends_at - made.starts_at == timedelta(minutes=60)
    assert (made.sequence, made.start_sequence, made.reminders) == (0, 0, None)
    assert made.reminder_minutes == [10080, 1440, 60]


def test_create_takes_every_field_of_the_contract(app: Flask) -> None:
    made = create(
        summary="Short.",
        description="**Long**",
        time_zone="UTC",
        duration_minutes=75,
        capacity=500,
        waiting_list=False,
        join_url="https://meet.example.org/x",
        phone_number="+1 555 0100",
        phone_pin="4471#",
        language="es",
        reminders=[60, 1440],
        access_text="Live captions",
        local_start=datetime(2026, 12, 3, 13, 0),
    )
    assert made.starts_at == datetime(2026, 12, 3, 13, 0, tzinfo=UTC)
    assert (made.capacity, made.waiting_list, made.language) == (500, False, "es")
    assert made.reminders == [1440, 60]
    assert made.phone_pin == "4471#"


def test_create_without_anything_names_each_missing_field(app: Flask) -> None:
    with transaction():
        refused(lambda: service.create_webinar({}, NOW), "series", "title", "local_start")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", " "),
        ("title", "x" * 201),
        ("title", 7),
        ("series", "nowhere"),
        ("local_start", "2026-12-03"),
        ("local_start", "2026-12-03T13:00Z"),
        ("local_start", "0026-12-03T13:00"),
        ("local_start", "tomorrow"),
        ("time_zone", "Mars/Base"),
        ("duration_minutes", 0),
        ("duration_minutes", 1441),
        ("duration_minutes", "an hour"),
        ("duration_minutes", True),
        ("capacity", 0),
        ("capacity", "many"),
        ("capacity", 1.5),
        ("waiting_list", "yes"),
        ("join_url", "javascript:alert(1)"),
        ("join_url", "meet.example.org"),
        ("join_url", "https://["),
        ("language", "klingon"),
        ("language", "xx"),
        ("reminders", [1]),
        ("reminders", ["60"]),
        ("reminders", "soon"),
        ("phone_number", "call us"),
        ("speakers", [99]),
        ("speakers", "Alice"),
        ("sequence", 4),
        ("colour", "red"),
        ("description", "x" * 50_001),
    ],
)
def test_create_refuses_a_value_and_names_its_field(app: Flask, name: str, value: Any) -> None:
    sentence = refused(lambda: create(**{name: value}), name)[name]
    assert len(sentence) > 10
    assert db.session.query(Webinar).count() == 0


def test_create_cleans_text_that_databases_and_headers_cannot_take(app: Flask) -> None:
    made = create(title="Side\x00 effects\r\nBcc: x", description="a\r\nb\x00")
    assert made.title == "Side effects Bcc: x"
    assert made.description == "a\nb"


def test_create_allows_a_start_in_the_past(app: Flask) -> None:
    assert create(local_start="2020-02-03T13:00").starts_at.year == 2020


def test_same_title_gets_the_next_free_address(app: Flask) -> None:
    assert [create().slug for _turn in range(3)] == ["what-to-expect", "what-to-expect-2", "what-to-expect-3"]
    assert create(title="New").slug == "new-2"


def test_wanted_address_is_refused_when_taken(app: Flask) -> None:
    create(slug="My Page!")
    assert queries.find_webinar("my-page")
    refused(lambda: create(slug="my-page"), "slug")


def test_address_of_a_draft_may_change_and_of_a_published_one_not(app: Flask) -> None:
    made = edit(create(), slug="better")
    assert made.slug == "better"
    publish(made)
    refused(lambda: edit(made, slug="other"), "slug")
    assert edit(made, title="Another title").slug == "better"


def test_time_that_exists_twice_asks_and_takes_the_answer(app: Flask) -> None:
    with pytest.raises(AmbiguousTime) as question:
        create(local_start="2027-11-07T01:30")
    assert [choice.fold for choice in question.value.choices] == [0, 1]
    second = create(local_start="2027-11-07T01:30", fold=1)
    assert (second.fold, second.starts_at) == (1, datetime(2027, 11, 7, 6, 30, tzinfo=UTC))
    assert edit(second, local_start="2027-11-07T01:30", title="Renamed").fold == 1


def test_time_that_does_not_exist_is_refused_with_both_neighbours(app: Flask) -> None:
    with pytest.raises(AmbiguousTime) as question:
        create(local_start="2027-03-14T02:30")
    assert sorted(choice.local.hour for choice in question.value.choices) == [1, 3]


def test_reading_named_for_a_plain_time_is_not_kept(app: Flask) -> None:
    assert create(fold=1).fold == 0


def test_publish_announces_once(app: Flask, heard: Heard) -> None:
    made = publish(publish(create()))
    assert made.state == "published" and made.published_at == NOW
    assert heard == [("published", made.slug)]


def test_publish_refuses_a_start_in_the_past(app: Flask, heard: Heard) -> None:
    made = create(local_start="2026-11-22T09:59")
    with pytest.raises(Conflict, match="past"):
        publish(made)
    assert publish(made, now=NOW - timedelta(days=3)).state == "published"


def test_editing_a_draft_counts_and_announces_nothing(app: Flask, heard: Heard) -> None:
    made = edit(create(), title="Other", local_start="2026-12-04T13:00", capacity=3)
    assert (made.sequence, made.start_sequence, made.starts_at.day) == (0, 0, 4)
    assert heard == []


def test_editing_several_things_at_once_counts_once(app: Flask, heard: Heard) -> None:
    made = publish(create())
    later = NOW + timedelta(hours=2)
    changed = edit(
        made, later, title="Other", duration_minutes=90, join_url="https://meet.example.org/new", summary="New."
    )
    assert (changed.sequence, changed.start_sequence) == (1, 0)
    assert changed.ends_at - changed.starts_at == timedelta(minutes=90)
    assert changed.start_set_at == NOW and changed.updated_at == later
    assert heard[1:] == [("changed", made.slug)]


def test_editing_wording_announces_nothing(app: Flask, heard: Heard) -> None:
    made = edit(publish(create()), summary="New.", description="New.", access_text="Captions", reminders=[60])
    assert made.sequence == 0
    assert len(heard) == 1


def test_saving_the_same_values_again_changes_nothing(app: Flask, heard: Heard) -> None:
    made = publish(create(capacity=5))
    edit(made, title="What to expect", local_start="2026-12-03T13:00", time_zone="America/New_York", capacity=5)
    move(made, "2026-12-03T13:00")
    assert queries.get_webinar(made.slug).sequence == 0
    assert len(heard) == 1


def test_move_counts_as_a_new_start_and_announces_only_the_move(app: Flask, heard: Heard) -> None:
    made, later = publish(create()), NOW + timedelta(hours=1)
    moved = move(made, "2026-12-10T15:00", later, time_zone="America/Chicago", duration_minutes=45)
    assert moved.starts_at == datetime(2026, 12, 10, 21, 0, tzinfo=UTC)
    assert moved.ends_at == datetime(2026, 12, 10, 21, 45, tzinfo=UTC)
    assert (moved.sequence, moved.start_sequence, moved.start_set_at) == (1, 1, later)
    assert heard[1:] == [("moved", made.slug)]


def test_zone_alone_is_a_move(app: Flask, heard: Heard) -> None:
    moved = edit(publish(create()), time_zone="Europe/Madrid")
    assert moved.start_sequence == 1 and moved.starts_at.hour == 12
    assert heard[-1][0] == "moved"


def test_change_after_a_move_keeps_the_start_sequence(app: Flask) -> None:
    made = publish(create())
    move(made, "2026-12-10T15:00")
    changed = edit(made, phone_number="1-800-555-0100")
    assert (changed.sequence, changed.start_sequence) == (2, 1)


def test_move_into_the_past_is_refused(app: Flask) -> None:
    made = publish(create())
    refused(lambda: move(made, "2026-11-22T09:00"), "local_start")
    refused(lambda: edit(made, local_start="2026-11-22T09:00"), "local_start")
    assert queries.get_webinar(made.slug).sequence == 0


def test_ended_webinar_can_be_put_off_but_its_wording_tells_nobody(app: Flask, heard: Heard) -> None:
    made = publish(create())
    after = made.ends_at + timedelta(hours=1)
    assert edit(made, after, title="Corrected").sequence == 0
    assert move(made, "2026-12-17T13:00", after).sequence == 1
    assert [name for name, _slug in heard] == ["published", "moved"]


def test_plan_move_writes_nothing(app: Flask) -> None:
    made = publish(create())
    plan = service.plan_move(made, {"local_start": "2026-12-10T15:00", "duration_minutes": "30"}, NOW)
    assert plan.changed and plan.ends_at - plan.starts_at == timedelta(minutes=30)
    assert not service.plan_move(made, {"local_start": "2026-12-03T13:00"}, NOW).changed
    db.session.commit()
    assert queries.get_webinar(made.slug).starts_at.day == 3


def test_capacity_of_a_published_webinar_is_announced(app: Flask, heard: Heard) -> None:
    made = publish(create(capacity=2))
    for capacity in (3, 3, None):
        edit(made, capacity=capacity)
    assert heard[1:] == [("capacity", made.slug)] * 2


def test_capacity_below_the_places_taken_is_refused(app: Flask) -> None:
    full = make_webinar(capacity=1000, confirmed_count=998, offered_count=2)
    sentence = refused(lambda: edit(full, capacity=999, title="Not saved"), "capacity")["capacity"]
    assert sentence.startswith("1,000 places are taken")
    assert queries.get_webinar(full.slug).title != "Not saved"
    assert edit(full, capacity=1000).capacity == 1000


def test_edit_after_somebody_else_saved_is_a_conflict(app: Flask) -> None:
    made = create()
    seen = service.webinar_version(made)
    edit(made, seen=seen, title="First")
    with pytest.raises(Conflict, match="Somebody else"):
        edit(made, seen=seen, title="Second")
    assert queries.get_webinar(made.slug).title == "First"


def test_registration_between_reading_and_saving_is_no_conflict(app: Flask) -> None:
    made = make_webinar(capacity=5)
    seen = service.webinar_version(made)
    made.confirmed_count = 3
    db.session.commit()
    assert edit(made, seen=seen, summary="New.").confirmed_count == 3


def test_cancel_counts_and_announces_once(app: Flask, heard: Heard) -> None:
    made = publish(create())
    cancelled = cancel(cancel(made))
    assert (cancelled.state, cancelled.sequence, cancelled.cancelled_at) == ("cancelled", 1, NOW)
    assert cancelled.cancel_reason == "The speaker is ill."
    assert heard[1:] == [("cancelled", made.slug)]


def test_cancelled_draft_is_announced_to_nobody(app: Flask, heard: Heard) -> None:
    assert cancel(create()).state == "cancelled"
    assert heard == []


def test_cancel_is_refused_when_it_is_over(app: Flask) -> None:
    made = publish(create())
    with pytest.raises(Conflict, match="over"):
        cancel(made, now=made.ends_at)


def test_cancelled_webinar_cannot_be_moved_or_published(app: Flask) -> None:
    made = cancel(publish(create()))
    with pytest.raises(Conflict, match="cancelled"):
        move(made, "2026-12-10T15:00")
    with pytest.raises(Conflict, match="cancelled"):
        publish(made)


def test_duplicate_is_a_draft_four_weeks_later_with_everything_that_comes_along(app: Flask) -> None:
    db.session.add_all([Speaker(name="Alice"), Speaker(name="Bob")])
    db.session.commit()
    bob, alice = reversed(queries.list_speakers())
    made = cancel(
        publish(create(capacity=9, reminders=[30], phone_pin="1", speakers=[bob.id, alice.id], access_text="Captions"))
    )
    made.confirmed_count, made.waitlisted_count, made.next_in_line = 9, 4, 5
    db.session.commit()
    with transaction():
        copy = service.duplicate_webinar(queries.get_webinar(made.slug), NOW)
    assert (copy.slug, copy.state, copy.local_start) == ("what-to-expect-2", "draft", datetime(2026, 12, 31, 13, 0))
    assert [speaker.name for speaker in copy.speakers] == ["Bob", "Alice"]
    assert (copy.capacity, copy.reminders, copy.phone_pin, copy.access_text) == (9, [30], "1", "Captions")
    assert (copy.confirmed_count, copy.waitlisted_count, copy.next_in_line, copy.sequence) == (0, 0, 1, 0)
    assert (copy.cancel_reason, copy.cancelled_at, copy.published_at) == ("", None, None)
    assert copy.uid != made.uid


def test_duplicate_keeps_the_wall_clock_time_over_a_clock_change(app: Flask) -> None:
    made = create(local_start="2026-10-15T13:00")
    with transaction():
        copy = service.duplicate_webinar(queries.get_webinar(made.slug), NOW)
    assert copy.local_start == datetime(2026, 12, 10, 13, 0)
    assert copy.starts_at == datetime(2026, 12, 10, 18, 0, tzinfo=UTC)


def test_speakers_keep_their_order_and_come_once(app: Flask) -> None:
    db.session.add_all([Speaker(name=name) for name in ("Alice", "Bob", "Charlie")])
    db.session.commit()
    alice, bob, charlie = (speaker.id for speaker in queries.list_speakers())
    made = create(speakers=[charlie, alice, charlie])
    assert [speaker.name for speaker in queries.get_webinar(made.slug).speakers] == ["Charlie", "Alice"]
    edit(made, speakers=[alice, bob, charlie])
    db.session.expire_all()
    assert [speaker.name for speaker in queries.get_webinar(made.slug).speakers] == ["Alice", "Bob", "Charlie"]
    edit(made, speakers=[])
    db.session.expire_all()
    assert queries.get_webinar(made.slug).speakers == []


def test_new_zone_rules_move_what_is_ahead_and_leave_the_rest(app: Flask, heard: Heard) -> None:
    moved = make_webinar(title="Moved", starts_at=NOW + timedelta(days=10, hours=1))
    draft = make_webinar(title="Draft", state="draft", published_at=None, starts_at=NOW + timedelta(days=10, hours=1))
    same = make_webinar(title="Same")
    over = make_webinar(title="Over", starts_in=timedelta(days=-10), starts_at=NOW - timedelta(days=9))
    gone = make_webinar(title="Gone")
    gone.time_zone = "Nowhere/Gone"
    db.session.commit()
    with transaction():
        outcome = service.rederive_instants(NOW)
        told = [webinar.title for webinar in outcome.moved], [webinar.title for webinar in outcome.unresolved]
    assert told == (["Moved", "Draft"], ["Gone"])
    assert moved.starts_at == NOW + timedelta(days=10) and moved.ends_at == moved.starts_at + timedelta(hours=1)
    assert (moved.sequence, moved.start_sequence, moved.start_set_at) == (1, 1, NOW)
    assert (draft.sequence, same.sequence, over.sequence) == (0, 0, 0)
    assert heard == [("moved", moved.slug)]
    with transaction():
        assert service.rederive_instants(NOW).moved == []
