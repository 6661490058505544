"""The list of medical terms: kept by staff, in and out as CSV, offered for captions and never applied silently."""

import io

import pytest
from flask import Flask

from tests.archive.samples import make_captioned
from tests.factories import NOW
from tests.support.pages import CheckedClient, parse, text_of
from webinars.archive import queries as archive
from webinars.archive.search import find
from webinars.archive.terms import queries, service
from webinars.core.database import db, transaction

PAGE = "/staff/terms"
TALK = "WEBVTT\n\n00:01.000 --> 00:03.000\nPem bro lizumab and pem bro lizumab again.\n"


def add(spelling: str = "pembrolizumab", misheard: str = "pem bro lizumab", language: str = "en") -> None:
    with transaction():
        service.save_term(None, {"language": language, "spelling": spelling, "misheard": misheard}, NOW)


def send(staff: CheckedClient, data: bytes) -> str:
    token = staff.page(PAGE).select_one("input[name=csrf_token]")["value"]
    sent = {"csrf_token": token, "file": (io.BytesIO(data), "terms.csv")}
    return text_of(parse(staff.post(PAGE, data=sent, follow_redirects=True)))


def test_staff_add_change_and_remove_a_term(staff: CheckedClient) -> None:
    typed = {
        "language": "en",
        "spelling": "colitis",
        "misheard": "co light is\ncolitus",
        "explanation": "A sore bowel.",
        "elsewhere": "colitis ulcerosa",
    }
    staff.post(PAGE + "/new", data=typed | {"csrf_token": token_of(staff)})
    (term,) = queries.all_terms()
    assert (term.misheard, term.explanation) == (["co light is", "colitus"], "A sore bowel.")
    assert term.elsewhere == "colitis ulcerosa"
    number = term.id
    staff.post(f"{PAGE}/{number}", data=typed | {"spelling": "Colitis", "csrf_token": token_of(staff)})
    db.session.expire_all()
    assert queries.get_term(number).spelling == "Colitis"
    staff.submit(staff.page(f"{PAGE}/{number}"), "/remove")
    assert queries.count_terms() == 0


def token_of(staff: CheckedClient) -> str:
    return str(staff.page(PAGE).select_one("input[name=csrf_token]")["value"])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"spelling": " "}, "Write the term as it is spelt."),
        ({"spelling": "a", "misheard": "a"}, "stands among the wrong ones"),
        ({"spelling": "a", "misheard": "!!"}, "needs letters or digits"),
        ({"spelling": "a" * 101}, "too long"),
        ({"spelling": "pembrolizumab"}, "in the list already"),
        ({"spelling": "a", "language": "\0"}, ""),
    ],
)
def test_bad_term_is_refused_and_what_was_typed_is_kept(
    staff: CheckedClient, typed: dict[str, str], sentence: str
) -> None:
    add()
    sent = {"language": "en", "explanation": "My words.", "csrf_token": token_of(staff)} | typed
    answer = staff.post(PAGE + "/new", data=sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "My words." in answer.text


def test_list_goes_out_as_csv_and_comes_in_again(staff: CheckedClient) -> None:
    add("-statin", "statting; stat in")
    add("pembrolizumab", "pem bro lizumab")
    data = staff.get("/staff/terms.csv").data
    assert "'-statin" in data.decode("utf-8-sig")
    with transaction():
        for term in queries.all_terms():
            service.remove_term(term, NOW)
    assert "2 new terms, 0 changed." in send(staff, data)
    assert {term.spelling: term.misheard for term in queries.all_terms()} == {
        "-statin": ["statting", "stat in"],
        "pembrolizumab": ["pem bro lizumab"],
    }
    assert "0 new terms, 0 changed." in send(staff, data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The first line names the columns"),
        (b"language,spelling\nen,\n", "Line 2: Write the term as it is spelt."),
        (b"language,spelling\nen,caf\xe9\n", "UTF-8"),
        (b"language,spelling\nen,\x00\n", "Line 2"),
        (b"language,spelling\n\nen,ok\nen," + b"x" * 200, "Line 4: This is too long"),
    ],
)
def test_bad_file_names_the_line_and_changes_nothing(staff: CheckedClient, data: bytes, sentence: str) -> None:
    assert sentence in send(staff, data)
    assert queries.count_terms() == 0


def test_list_of_an_earlier_version_empties_no_column_that_it_does_not_have(staff: CheckedClient) -> None:
    with transaction():
        known = {"language": "en", "spelling": "thyroid", "misheard": "thigh roid", "explanation": "A gland."}
        service.save_term(None, known | {"elsewhere": "tiroides"}, NOW)
    send(staff, b"language,spelling,explanation\nen,thyroid,A gland in the neck.\nen,colitis,\n")
    db.session.expire_all()
    told = {term.spelling: (term.misheard, term.explanation, term.elsewhere) for term in queries.all_terms()}
    assert told == {"thyroid": (["thigh roid"], "A gland in the neck.", "tiroides"), "colitis": ([], "", "")}


def test_list_shows_what_a_term_is_called_elsewhere(staff: CheckedClient) -> None:
    with transaction():
        service.take_in([{"language": "en", "spelling": "thyroid", "elsewhere": "tiroides"}], NOW)
    table = staff.page(PAGE).select_one("table")
    heads, row = table.select("thead th"), table.select("tbody tr > *")
    assert len(heads) == len(row)
    assert (text_of(heads[-1]), text_of(row[-1])) == ("In another language", "tiroides")


def test_terms_are_offered_for_captions_place_by_place(staff: CheckedClient) -> None:
    add()
    add("otro", "again", language="es")
    make_captioned(TALK)
    path = "/staff/videos/when-to-call-your-care-team/captions/en/replace"
    page = staff.page(path + "?terms=1")
    assert [text_of(tag) for tag in page.select("ins")] == ["Pembrolizumab", "pembrolizumab"]
    second = page.select("input[name=place]")[1]["value"]
    staff.submit(page, "/replace", place=second)
    db.session.expire_all()
    track = archive.get_track(archive.get_video("when-to-call-your-care-team"), "en")
    assert "Pem bro lizumab and pembrolizumab again." in track.vtt


def test_new_file_leads_to_what_the_terms_would_change(staff: CheckedClient) -> None:
    add()
    make_captioned()
    page = staff.page("/staff/videos/when-to-call-your-care-team")
    answer = parse(staff.submit(page, "/captions", button="Save the captions", captions=TALK))
    assert "2 places" in text_of(answer)
    db.session.expire_all()
    track = archive.get_track(archive.get_video("when-to-call-your-care-team"), "en")
    assert "Pem bro lizumab and pem bro lizumab" in track.vtt


@pytest.mark.usefixtures("app")
class TestWordsOfAnotherLanguage:
    @pytest.fixture(autouse=True)
    def _terms(self, app: Flask) -> None:
        make_captioned("WEBVTT\n\n00:01.000 --> 00:03.000\nThyroid, lungs and the immune system.\n", slug="talk")
        pairs = [("thyroid", "tiroides"), ("pneumonia", "neumonía"), ("sistema inmunitario", "immune system")]
        pairs += [("pulmones", "Lungs"), ("lungs and the immune system", "defensas de los pulmones")]
        with transaction():
            service.take_in([{"language": "en", "spelling": one, "elsewhere": other} for one, other in pairs], NOW)

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("tiroides", "thyroid"),
            ("TIROIDES", "thyroid"),
            ("pulmónes", "lungs"),
            ("lungs tiroides", "lungs thyroid"),
            ("sistema inmunitario", '"immune system"'),
            ('"sistema inmunitario"', '"immune system"'),
            ("¿Defensas de los pulmones?", '"lungs and the immune system"'),
        ],
    )
    def test_talks_of_the_other_word_are_shown_and_it_is_said(self, typed: str, meant: str) -> None:
        results = find(typed)
        assert (results.meant, results.instead, [one.video.slug for one in results.items]) == (meant, True, ["talk"])

    @pytest.mark.parametrize("typed", ["neumonia", "tiroide"])
    def test_word_that_no_talk_has_in_any_language_finds_nothing(self, typed: str) -> None:
        assert find(typed).total == 0

    def test_word_that_talks_have_is_left_alone(self) -> None:
        assert (find("thyroid").meant, find("thyroid").total) == ("", 1)
