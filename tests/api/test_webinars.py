"""Series and webinars over the API."""

from datetime import timedelta

import pytest

from tests.api.conftest import Program, instant, start_in
from tests.support.pages import CheckedClient, find_form
from webinars.core.clock import utc_now

WRITTEN = {
    "title": "Immunotherapy & Side Effects",
    "summary": "What to expect.",
    "description": "**A lot.**",
    "time_zone": "Europe/Paris",
    "duration_minutes": 90,
    "capacity": 50,
    "waiting_list": False,
    "join_url": "https://meet.example.org/room",
    "phone_number": "+1 800 555 0142",
    "phone_pin": "4471",
    "recorded": False,
    "asks_role": True,
    "asks_access": False,
    "companions": 2,
    "language": "es",
    "reminders": [1440, 60],
}


def made(program: Program, series: str, **fields: object) -> dict[str, object]:
    given = {"series": series, "title": "Side Effects", "local_start": start_in(30)} | fields
    answer: dict[str, object] = program.post("/webinars", given, 201)
    return answer


def test_a_series_reads_as_it_was_written(program: Program) -> None:
    given = {
        "slug": "trials",
        "title": "Clinical Trials",
        "summary": "New ones.",
        "time_zone": "UTC",
        "reminders": [60],
        "sponsor_text": "A fund.",
        "asks_role": True,
        "asks_access": True,
        "access_days": 10,
        "companions": 1,
        "require_proof": True,
    }
    answer = program.send("POST", "/series", given)
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith("/api/v1/series/trials")
    assert given.items() <= program.get("/series/trials").items()
    assert program.patch("/series/trials", {"title": "Trials"})["summary"] == "New ones."
    assert program.patch("/series/trials", {"require_proof": False})["require_proof"] is False
    assert [one["slug"] for one in program.get("/series")["items"]] == ["trials"]


def test_a_webinar_reads_as_it_was_written(program: Program, series: str) -> None:
    written = WRITTEN | {"series": series, "local_start": start_in(30)}
    answer = program.send("POST", "/webinars", written)
    assert answer.status_code == 201
    read = program.get(f"/webinars/{answer.json['slug']}")
    assert read == answer.json
    assert written.items() <= read.items()
    assert (read["state"], read["sequence"], read["confirmed"], read["waitlisted"]) == ("draft", 0, 0, 0)
    assert instant(read["ends_at"]) - instant(read["starts_at"]) == timedelta(minutes=90)
    assert read["url"].endswith(f"/webinars/{read['slug']}")
    assert answer.headers["Location"].endswith(f"/api/v1/webinars/{read['slug']}")


def test_what_is_left_out_has_its_defaults(program: Program, series: str) -> None:
    webinar = made(program, series)
    assert webinar["time_zone"] == "America/New_York"
    assert (webinar["capacity"], webinar["waiting_list"], webinar["reminders"]) == (None, True, None)
    assert webinar["duration_minutes"] == 60


def test_program_switches_what_the_form_asks(program: Program, client: CheckedClient, series: str) -> None:
    slug = made(program, series)["slug"]
    program.post(f"/webinars/{slug}/publish")

    def asked() -> set[str]:
        form = find_form(client.page(f"/webinars/{slug}"), "/register")
        return {"role", "access_needs", "companion"} & {str(field["name"]) for field in form.select("[name]")}

    assert asked() == set()
    program.patch(f"/series/{series}", {"asks_role": True, "asks_access": True, "companions": 1})
    assert asked() == {"role", "access_needs", "companion"}
    own = program.patch(f"/webinars/{slug}", {"asks_role": False, "companions": 0})
    assert (own["asks_role"], own["asks_access"], own["companions"]) == (False, None, 0)
    assert asked() == {"access_needs"}
    program.patch(f"/webinars/{slug}", {"asks_role": None})
    assert asked() == {"access_needs", "role"}
    program.patch(f"/series/{series}", {"companions": 99}, 422)
    program.patch(f"/webinars/{slug}", {"asks_role": "yes"}, 422)


def test_no_reminders_are_something_else_than_the_series_own(program: Program, series: str) -> None:
    webinar = made(program, series, reminders=[])
    assert webinar["reminders"] == []
    assert program.patch(f"/webinars/{webinar['slug']}", {"reminders": None})["reminders"] is None


def test_utc_is_a_time_zone(program: Program, series: str) -> None:
    webinar = made(program, series, time_zone="UTC")
    assert str(webinar["starts_at"]).startswith(str(webinar["local_start"]))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("series", "nothing"), ("title", ""), ("title", None), ("local_start", "2026-13-01T10:00"),
        ("local_start", "tomorrow"), ("local_start", "2026-12-03T13:00Z"), ("time_zone", "Mars/Olympus"),
        ("duration_minutes", 0), ("duration_minutes", "60"), ("capacity", 0), ("capacity", 1.5), ("capacity", True),
        ("waiting_list", "yes"), ("waiting_list", 1), ("join_url", "javascript:x"), ("reminders", [1]),
        ("language", "nonsense"), ("state", "published"), ("confirmed", 3),
    ],
)  # fmt: skip
def test_a_value_that_will_not_do_is_named(program: Program, series: str, field: str, value: object) -> None:
    given = {"series": series, "title": "Side Effects", "local_start": start_in(30)} | {field: value}
    assert list(program.post("/webinars", given, 422)["errors"]) == [field]


@pytest.mark.parametrize(
    ("local", "first", "second"), [("03-14T02:30", "01:30", "03:30"), ("11-07T01:30", "01:30", "01:30")]
)
def test_a_time_the_clock_change_spoils_is_refused_with_both_readings(
    program: Program, series: str, local: str, first: str, second: str
) -> None:
    given = {"series": series, "title": "Side Effects", "local_start": f"2027-{local}"}
    problem = program.post("/webinars", given, 422)
    assert sorted(choice["local_start"][-5:] for choice in problem["choices"]) == [first, second]
    assert len({choice["starts_at"] for choice in problem["choices"]}) == 2
    assert list(problem["errors"]) == ["local_start"]


def test_the_second_of_two_equal_times_can_be_chosen(program: Program, series: str) -> None:
    starts = [made(program, series, local_start="2027-11-07T01:30", fold=fold)["starts_at"] for fold in (0, 1)]
    assert instant(str(starts[1])) - instant(str(starts[0])) == timedelta(hours=1)


def test_a_published_webinar_is_moved_and_counts(program: Program, series: str) -> None:
    slug = made(program, series)["slug"]
    assert program.post(f"/webinars/{slug}/publish")["state"] == "published"
    assert program.post(f"/webinars/{slug}/publish")["state"] == "published"
    moved = program.post(
        f"/webinars/{slug}/move", {"local_start": start_in(40), "time_zone": "UTC", "duration_minutes": 30}
    )
    assert (moved["sequence"], moved["time_zone"], moved["duration_minutes"]) == (1, "UTC", 30)
    assert program.post(f"/webinars/{slug}/move", {"local_start": start_in(40)})["sequence"] == 1


def test_a_move_needs_a_start_ahead(program: Program, series: str) -> None:
    slug = made(program, series)["slug"]
    program.post(f"/webinars/{slug}/publish")
    assert list(program.post(f"/webinars/{slug}/move", {}, 422)["errors"]) == ["local_start"]
    assert list(program.post(f"/webinars/{slug}/move", {"local_start": start_in(-2)}, 422)["errors"]) == ["local_start"]


def test_a_webinar_is_cancelled_for_good(program: Program, series: str) -> None:
    slug = made(program, series)["slug"]
    program.post(f"/webinars/{slug}/publish")
    cancelled = program.post(f"/webinars/{slug}/cancel", {"reason": "The speaker is ill."})
    assert (cancelled["state"], cancelled["sequence"], cancelled["cancel_reason"]) == (
        "cancelled",
        1,
        "The speaker is ill.",
    )
    assert program.post(f"/webinars/{slug}/cancel")["sequence"] == 1
    assert program.post(f"/webinars/{slug}/publish", status=409)["detail"]


def test_a_copy_is_a_new_draft(program: Program, series: str) -> None:
    webinar = made(program, series, **WRITTEN)
    program.post(f"/webinars/{webinar['slug']}/publish")
    answer = program.send("POST", f"/webinars/{webinar['slug']}/duplicate")
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(answer.json["slug"])
    assert answer.json["slug"] != webinar["slug"]
    assert (answer.json["state"], answer.json["join_url"]) == ("draft", webinar["join_url"])
    assert instant(answer.json["starts_at"]) > utc_now()


def test_webinars_are_chosen_by_series_and_state(program: Program, series: str) -> None:
    first, second = made(program, series)["slug"], made(program, series)["slug"]
    program.post(f"/webinars/{second}/publish")
    assert [one["slug"] for one in program.get(f"/webinars?series={series}")["items"]] == [first, second]
    assert [one["slug"] for one in program.get("/webinars?state=published")["items"]] == [second]
    assert program.get("/webinars?series=other")["items"] == []
    assert list(program.get("/webinars?stat=draft", 422)["errors"]) == ["stat"]


def test_a_webinar_is_recorded_unless_it_says_otherwise(program: Program, series: str) -> None:
    webinar = made(program, series)
    assert webinar["recorded"] is True
    assert program.patch(f"/webinars/{webinar['slug']}", {"recorded": False})["recorded"] is False
    program.post(f"/webinars/{webinar['slug']}/publish")
    given = {"name": "Ann", "email": "ann@example.org", "mode": "recording"}
    refused = program.send("POST", f"/webinars/{webinar['slug']}/registrations", given)
    assert refused.status_code == 409 and "not recorded" in refused.json["detail"]


def test_texts_in_further_languages_read_as_they_were_written(program: Program, series: str) -> None:
    spanish = {"title": "Efectos secundarios", "summary": "Qué esperar."}
    webinar = made(program, series, translations={"es": spanish})
    assert webinar["translations"] == {"es": spanish}
    path = f"/webinars/{webinar['slug']}"
    changed = program.patch(path, {"translations": {"es": {"summary": ""}}})
    assert changed["translations"] == {"es": {"title": "Efectos secundarios"}}, "what is left out stays"
    assert program.patch(path, {"translations": {"es": None}})["translations"] == {}
    problem = program.patch(path, {"translations": {"es": {"title": "x" * 201}}}, 422)
    assert "translations.es.title" in problem["errors"]
    called_off = program.post(f"{path}/cancel", {"reason": "Ill.", "reasons": {"es": "Está enferma."}})
    assert called_off["translations"] == {"es": {"cancel_reason": "Está enferma."}}


@pytest.mark.parametrize("texts", [5, [], {"es": 5}, {"es": {"title": 5}}, {"xx": {}}, {"es": {"slug": "x"}}])
def test_wrong_texts_in_further_languages_are_refused(program: Program, series: str, texts: object) -> None:
    slug = made(program, series)["slug"]
    assert program.patch(f"/webinars/{slug}", {"translations": texts}, 422)["errors"]


def test_a_series_has_texts_in_further_languages(program: Program, series: str) -> None:
    changed = program.patch(f"/series/{series}", {"translations": {"es": {"title": "Efectos"}}})
    assert changed["translations"] == {"es": {"title": "Efectos"}}
