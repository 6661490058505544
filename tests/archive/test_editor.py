"""The caption editor: staff put captions right beside the film, and viewers read how far they can be trusted."""

import pytest
from sqlalchemy import select

from tests.archive.samples import ENGLISH, make_captioned
from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient, parse, text_of
from webinars.accounts.models import AuditEntry
from webinars.archive import editing as captions
from webinars.archive import edits, queries, search, service
from webinars.archive.models import CaptionTrack
from webinars.core.database import db, transaction

PAGE = "/staff/videos/when-to-call-your-care-team/captions/en"
PUBLIC = "/videos/when-to-call-your-care-team"


def track() -> CaptionTrack:
    db.session.expire_all()
    return queries.get_track(queries.get_video("when-to-call-your-care-team"), "en")


def words() -> list[str]:
    return [cue.text for cue in queries.cues_of(track().id)]


def long_talk(cues: int) -> str:
    times = ((f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}", n) for n in range(cues))
    return "WEBVTT\n\n" + "\n\n".join(f"{at}.000 --> {at}.900\nWord {n} is said." for at, n in times) + "\n"


def test_words_are_corrected_saved_and_found_by_search(staff: CheckedClient) -> None:
    make_captioned()
    answer = staff.submit(
        staff.page(PAGE), "/captions/en", button="Save all", **{"text-2": "If the exanthema blisters, call."}
    )
    assert "1 caption is changed." in text_of(parse(answer))
    assert words()[2] == "If the exanthema blisters, call."
    assert "exanthema blisters" in track().vtt
    assert [item.video.slug for item in search.find("exanthema").items] == ["when-to-call-your-care-team"]
    assert len(search.within(track(), "exanthema")) == 1


def test_saving_without_a_change_changes_nothing(staff: CheckedClient) -> None:
    make_captioned()
    before = (track().version, track().vtt)
    answer = staff.submit(staff.page(PAGE), "/captions/en", button="Save all")
    assert "Nothing was changed." in text_of(parse(answer))
    assert (track().version, track().vtt) == before


@pytest.mark.parametrize(
    ("deed", "count", "second"),
    [
        ("split:0", 5, "people notice it first."),
        ("merge:0", 3, "If the rash blisters, call the same day."),
        ("delete:0", 3, "If the rash blisters, call the same day."),
        ("insert:0", 5, "…"),
    ],
)
def test_captions_are_split_joined_deleted_and_added(staff: CheckedClient, deed: str, count: int, second: str) -> None:
    make_captioned()
    staff.submit(staff.page(PAGE), "/captions/en", button="Save all", do=deed)
    assert len(words()) == count
    assert words()[1].endswith(second)
    assert [cue.text for cue in queries.cues_of(track().id)] == [
        line.text for line in captions.hold(queries.get_video("when-to-call-your-care-team"), "en")[1]
    ]


def test_what_is_wrong_stands_beside_its_caption_and_everything_typed_is_kept(staff: CheckedClient) -> None:
    make_captioned()
    typed = {"text-0": "My good words.", "end-1": "00:00:01.000", "text-2": " "}
    page = parse(staff.submit(staff.page(PAGE), "/captions/en", button="Save all", **typed))
    assert "must end after it starts" in text_of(page.select_one("#cue-1"))
    assert "Write what is said here" in text_of(page.select_one("#cue-2"))
    assert text_of(page.select_one("#text-0")) == "My good words."
    assert words()[0].startswith("Let us start")


def test_somebody_elses_save_in_between_is_named_and_nothing_is_lost(staff: CheckedClient) -> None:
    video = make_captioned()
    mine = staff.page(PAGE)
    staff.submit(staff.page(PAGE), "/captions/en", button="Save all", **{"text-0": "Theirs."})
    answer = staff.submit(mine, "/captions/en", button="Save all", **{"text-0": "Mine.", "text-3": "Mine too."})
    assert answer.status_code == 409
    page = parse(answer)
    assert "Theirs." in text_of(page.select_one("#cue-0-error"))
    assert text_of(page.select_one("#text-0")) == "Mine."
    assert words()[0] == "Theirs."
    staff.submit(page, "/captions/en", button="Save all")
    assert (words()[0], words()[3]) == ("Mine.", "Mine too.")
    assert video.id


def test_one_caption_is_saved_by_the_script(staff: CheckedClient) -> None:
    make_captioned()
    row = edits.mark_of(captions.hold(queries.get_video("when-to-call-your-care-team"), "en")[1][1])
    db.session.rollback()
    sent = {"mark-1": row, "start-1": "00:12.500", "end-1": "00:16.000", "voice-1": "Bob", "text-1": "A rash."}
    token = staff.page(PAGE).select_one("input[name=csrf_token]")["value"]
    headers = {"HX-Request": "true", "X-CSRFToken": str(token)}
    answer = staff.post(PAGE + "/one/1", data=sent, headers=headers)
    assert answer.status_code == 200
    assert "Saved." in answer.text
    assert words()[1] == "Bob: A rash."
    assert staff.post(PAGE + "/one/1", data=sent | {"text-1": "B."}, headers=headers).status_code == 409
    assert staff.post(PAGE + "/one/1", data={}, headers=headers).status_code == 422


def test_all_captions_are_moved(staff: CheckedClient) -> None:
    make_captioned()
    staff.submit(staff.page(PAGE), "/shift", seconds="-0.4")
    assert [cue.start_ms for cue in queries.cues_of(track().id)][:2] == [600, 12_100]
    refused = staff.submit(staff.page(PAGE), "/shift", seconds="-5")
    assert refused.status_code == 422
    assert "before the film" in refused.text
    assert staff.submit(staff.page(PAGE), "/shift", seconds="a lot").status_code == 422


def test_each_place_of_a_word_is_shown_before_it_is_replaced(staff: CheckedClient) -> None:
    make_captioned()
    page = staff.page(PAGE + "/replace?find=rash&with=exanthema&whole=1")
    assert len(page.select("input[name=place]")) == 2
    assert "rash" in words()[1]
    second = page.select("input[name=place]")[1]["value"]
    staff.submit(page, "/replace", button="Replace where ticked", place=second)
    assert words()[1] == "A rash that covers less than a tenth of your body is usually mild."
    assert words()[2] == "If the exanthema blisters, call the same day."


def test_reviewed_captions_say_by_whom_until_the_words_change(staff: CheckedClient) -> None:
    make_captioned()
    staff.submit(staff.page(PAGE), "/state", state="reviewed", reviewer="Dr. Joyce Okafor")
    for path in (PUBLIC, PUBLIC + "/transcript"):
        assert "Checked by Dr. Joyce Okafor on" in text_of(staff.page(path))
    staff.submit(staff.page(PAGE), "/captions/en", button="Save all", **{"text-0": "Other words."})
    assert (track().state, track().reviewed_by, track().reviewed_at) == ("corrected", "", None)
    assert "Corrected by a person." in text_of(staff.page(PUBLIC))
    assert "Okafor" not in text_of(staff.page(PUBLIC + "/transcript"))


def test_every_save_is_noted_without_the_words(staff: CheckedClient) -> None:
    make_captioned()
    staff.submit(staff.page(PAGE), "/captions/en", button="Save all", **{"text-0": "Secret words."})
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "captions edited")).one()
    assert entry.after == {"language": "en", "how": "typed", "cues": 4, "changed": 1, "state": "corrected"}
    assert "Secret" not in str(entry.before)


def test_list_shows_first_what_a_machine_wrote(staff: CheckedClient) -> None:
    make_captioned(title="A corrected talk")
    video = make_video(title="A machine's talk")
    with transaction():
        service.set_captions(video, "en", ENGLISH, "automatic", NOW)
    titles = [text_of(tag) for tag in staff.page("/staff/captions").select("tbody th")]
    assert titles == ["A machine's talk", "A corrected talk"]
    titles = [text_of(tag) for tag in staff.page("/staff/captions?state=corrected").select("tbody th")]
    assert titles == ["A corrected talk"]


def test_twenty_thousand_captions_are_a_page_at_a_time(staff: CheckedClient) -> None:
    make_captioned(long_talk(20_000))
    page = staff.page(PAGE + "?at=2:00:00")
    assert page.select_one("#start-7200")["value"] == "02:00:00.000"
    assert len(page.select("[data-row]")) == 50
    staff.submit(page, "/captions/en", button="Save all", **{"text-7201": "Changed here."})
    assert words()[7201] == "Changed here."
    assert len(staff.page(PAGE + "?page=999999").select("[data-row]")) == 50


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "split:99999"},
        {"do": "split:" + "9" * 5000},
        {"do": "nonsense:x"},
        {"page": "x", "mark-0": "\0", "text-0": "\ud800\0", "start-0": "9" * 400},
        {"mark-99999": "a", "text-99999": "b"},
        {"mark-0": "x", "start-0": "00:01.000", "end-0": "00:02.000", "text-0": "\ue000<v", "voice-0": "<>"},
    ],
)
def test_nonsense_is_never_a_fault_of_ours(staff: CheckedClient, sent: dict[str, str]) -> None:
    make_captioned()
    token = staff.page(PAGE).select_one("input[name=csrf_token]")["value"]
    safe = {name: value.encode("utf-8", "surrogatepass") for name, value in sent.items()}
    for path in ("", "/one/0", "/shift", "/state", "/replace"):
        headers = {"HX-Request": "true", "X-CSRFToken": str(token)} if path == "/one/0" else {}
        answer = staff.post(PAGE + path, data={"csrf_token": token, **safe}, headers=headers)
        assert answer.status_code < 500, path
    assert staff.get(PAGE + "?at=%00&page=-4").status_code == 200
    assert staff.get(PAGE + "/replace?find=(%00&with=%5C1").status_code == 200


def test_staff_take_captions_away_in_three_kinds(staff: CheckedClient) -> None:
    make_captioned()
    kinds = {"vtt": "text/vtt", "srt": "application/x-subrip", "txt": "text/plain"}
    for kind, media_type in kinds.items():
        answer = staff.get(f"{PAGE}/download.{kind}")
        assert (answer.status_code, answer.mimetype) == (200, media_type)
        assert "A rash that covers" in answer.text
    assert staff.get(f"{PAGE}/download.exe").status_code == 404
