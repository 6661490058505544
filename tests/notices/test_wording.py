"""Words that staff give letters: what they may hold, how they read, and that nothing in them can do harm."""

import pytest
from bs4 import BeautifulSoup

from tests.factories import NOW
from tests.notices.test_letters import facts
from webinars.core.language import speaking
from webinars.mail.letters import Letter
from webinars.notices import rendering, wording
from webinars.notices.kinds import Notice
from webinars.notices.letters import Writer
from webinars.notices.wording import WORDED, Wording, allowed, mistake_in_body, mistake_in_subject

EVERYWHERE = ("title", "date", "time", "zone", "duration", "series", "organization")


def write(notice: Notice, words: Wording, *, discreet: bool = False, state: str = "confirmed", **fields) -> Letter:
    found = facts(discreet, state, **fields)
    texts = {(found.series.id, notice.value, words.language): words}
    with speaking("en"):
        return Writer(NOW, texts).place_letter(notice, found)


def opening(text: str) -> str:
    """Give what stands above the facts of a letter's text."""
    return text.partition("\nWhat:")[0].strip()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Hello {greeting} {title}", None),
        ("Just words, 100 % & <b>html</b> as it is", None),
        ("- one\n- two\n\n**bold** [here](https://example.org/a?b=c) https://example.org", None),
        ("{nmae}, welcome", "{nmae} is not known here. You can use: {greeting}, {name}, {title}"),
        ("{ name }", "{ name } is not known here."),
        ("{Name}", "{Name} is not known here."),
        ("{}", "{} is not known here."),
        ("{{name}}", "A curly bracket has no partner, at “{{name}}”."),
        ("{{ name }}{% if x %}", "A curly bracket has no partner"),
        ("{name!r}", "{name!r} is not known here."),
        ("{name.__class__}", "{name.__class__} is not known here."),
        ("{reason}", "{reason} is not known here."),
        ("see you at {date", "A curly bracket has no partner, at “see you at {date”."),
        ("date} it is", "A curly bracket has no partner, at “date} it is”."),
        ("{da\nte}", "A curly bracket has no partner"),
        ("a\x07bell", "There is a character in it that cannot be printed."),
        ("a\u2028b", "There is a character in it that cannot be printed."),
        ("[here](http://example.org)", "A link must begin with https://, this one does not: http://example.org"),
        ("[call](tel:123)", "A link must begin with https://"),
        ("<mailto:a@example.org>", "A link must begin with https://"),
        ("[me](https://example.org/{name})", "A link cannot hold a placeholder: https://example.org/{name}"),
        ("https://{name}.example.org/x", "A link cannot hold a placeholder: https://{name}.example.org/x"),
        ("x" * 4001, "This is too long: 4000 characters are the most."),
        ("x" * 4000, None),
    ],
)
def test_text_is_checked_and_the_sentence_names_the_mistake(app, typed, said):
    found = mistake_in_body(typed, allowed(Notice.REMINDER))
    assert (found is None) == (said is None), found
    assert found is None or found.startswith(said)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("{title} on {date} at {time} {zone}, {duration}, {series}, {organization}", None),
        ("one\nBcc: victim@example.org", "A subject is one line. Take the line break out."),
        ("one\rtwo", "A subject is one line. Take the line break out."),
        (
            "{name}, come",
            "{name} cannot stand in a subject, which is the same for everybody. Here you can use: {title}",
        ),
        ("{greeting}", "{greeting} cannot stand in a subject"),
        ("{titel}", "{titel} is not known here."),
        ("{title", "A curly bracket has no partner"),
        ("x" * 151, "This is too long: 150 characters are the most."),
        ("tab\0", "There is a character in it that cannot be printed."),
    ],
)
def test_subject_is_checked_and_the_sentence_names_the_mistake(app, typed, said):
    found = mistake_in_subject(typed, allowed(Notice.REMINDER, in_subject=True))
    assert (found is None) == (said is None), found
    assert found is None or found.startswith(said)


def test_placeholders_of_each_letter(app):
    assert allowed(Notice.CANCELLED) == ("greeting", "name", *EVERYWHERE, "reason")
    assert all(allowed(notice, in_subject=True) == EVERYWHERE for notice in WORDED if notice is not Notice.CANCELLED)
    assert allowed(Notice.ANNOUNCEMENT, whole_series=True) == ("greeting", "name", "series", "organization")


def test_words_stand_in_place_of_greeting_and_lead_and_the_rest_stays(app):
    words = Wording("en", "See you: {title}", "{greeting}\n\nOn **{date}** at {time} {zone}, {duration}, we *start*.")
    letter = write(Notice.CONFIRMATION, words)
    assert letter.subject == "See you: Clinical Trials & Immunotherapy"
    assert opening(str(letter.text)) == (
        "You have a place\n\nHello Alice Archer,\n\n"
        "On Thursday 3 December 2026 at 10:00 am Pacific time, 75 minutes, we start."
    )
    for part in (str(letter.text), str(letter.html)):
        assert "Keep this letter" not in part
        for kept in ("1-800-555-0142", "4471", "/join", "/r/AliceAliceAliceAlice22.1.", "Eastern time",
                     "You get this letter because somebody registered with this address."):  # fmt: skip
            assert kept in part
    assert letter.calendar is not None and letter.calendar.method == "REQUEST"
    html = BeautifulSoup(str(letter.html), "html.parser")
    assert html.title.get_text(strip=True) == letter.subject and html.h1.get_text(strip=True) == "You have a place"
    assert html.find("strong", string="Thursday 3 December 2026") is not None


def test_letter_without_words_of_its_own_reads_as_before(app):
    usual = write(Notice.CONFIRMATION, Wording("en"))
    other_language = write(Notice.CONFIRMATION, Wording("es", "Hola", "Hola"))
    other_letter = write(Notice.CONFIRMATION, Wording("en"))
    assert usual.subject == other_language.subject == other_letter.subject
    assert str(usual.html) == str(other_language.html) and "Keep this letter" in str(usual.text)


def test_subject_alone_or_text_alone_may_be_given(app):
    subject = write(Notice.REMINDER, Wording("en", subject="Soon: {title}"))
    assert subject.subject.startswith("Soon: ") and "This is your reminder." in str(subject.text)
    body = write(Notice.REMINDER, Wording("en", body="Do not forget."))
    assert body.subject.startswith("Thursday 3 December at 10:00 am") and "Do not forget." in str(body.text)


@pytest.mark.parametrize(("notice", "state"), [
    (Notice.CONFIRMATION, "confirmed"), (Notice.WAITLISTED, "waitlisted"), (Notice.PROMOTED, "confirmed"),
    (Notice.REMINDER, "confirmed"), (Notice.MOVED, "confirmed"), (Notice.CHANGED, "confirmed"),
    (Notice.CANCELLED, "confirmed"), (Notice.OWN_CANCELLATION, "cancelled"),
    (Notice.RECORDING_PLACE, "recording-only"), (Notice.RECORDING_READY, "confirmed"),
])  # fmt: skip
def test_every_letter_takes_words_and_stays_true(app, notice, state):
    usual = write(notice, Wording("en"), state=state)
    letter = write(notice, Wording("en", "Own {date}", "{greeting}\n\nOwn words."), state=state)
    text, before = str(letter.text), str(usual.text)
    assert letter.subject == "Own Thursday 3 December 2026" and "\n\nHello Alice Archer,\n\nOwn words.\n" in text
    assert (
        text.partition("\nWhat:")[2].partition("\n-- \n")[0] == before.partition("\nWhat:")[2].partition("\n-- \n")[0]
    )
    headline = BeautifulSoup(str(usual.html), "html.parser").h1.get_text(strip=True)
    assert text.startswith(headline) and headline in BeautifulSoup(str(letter.html), "html.parser").h1.get_text()
    assert (letter.calendar and letter.calendar.method) == (usual.calendar and usual.calendar.method)


def test_what_only_the_opening_said_is_said_all_the_same(app):
    own = Wording("en", body="Own words.")
    waiting = write(Notice.WAITLISTED, own, state="waitlisted")
    assert "you are number 3 in line" in str(waiting.text) and "you are number 3 in line" in str(waiting.html)
    off = {"webinar": {"state": "cancelled", "sequence": 2, "cancel_reason": "The speaker is ill."}}
    for words, times in ((own, 1), (Wording("en", body="Sorry: {reason}"), 1)):
        letter = write(Notice.CANCELLED, words, **off)
        assert str(letter.text).count("The speaker is ill.") == str(letter.html).count("The speaker is ill.") == times
        assert "goes away with this letter" in str(letter.text) and "goes away with this letter" in str(letter.html)


def test_discreet_people_get_the_neutral_words(app):
    for notice in (Notice.CONFIRMATION, Notice.REMINDER, Notice.MOVED):
        usual = write(notice, Wording("en"), discreet=True)
        letter = write(
            notice, Wording("en", "Immunotherapy {title}", "About {series} of {organization}"), discreet=True
        )
        assert (letter.subject, str(letter.text), str(letter.html)) == (usual.subject, str(usual.text), str(usual.html))


def test_nobody_unproven_is_named_and_the_sentences_still_read_well(app):
    words = Wording("en", body="{greeting}\n\nThank you, {name}, for coming to {title}.")
    with speaking("en"):
        unproven = facts(False)
        unproven = type(unproven)(unproven.registration, proven=False)
        letter = Writer(NOW, {(None, "confirmation", "en"): words}).place_letter(Notice.CONFIRMATION, unproven)
    assert "Hello,\n\nThank you, participant, for coming to" in str(letter.text)
    assert "Alice" not in str(letter.text).replace("AliceAlice", "") + str(letter.html).replace("AliceAlice", "")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "**bold** [x](https://evil.example)",
        "{title} {{ config }} {% raw %}",
        "zq0001qz zq0002qz",
        "%(name)s %s",
        "# Head\n- list",
    ],
)
def test_value_is_shown_as_it_is_never_read_as_markup_or_placeholder(app, hostile):
    words = Wording("en", "About {title}", "{greeting} {name}: {title}")
    letter = write(Notice.CONFIRMATION, words, name=hostile, webinar={"title": hostile})
    said = f"Hello {hostile}, {hostile}: {hostile}"
    assert said in str(letter.text)
    assert letter.subject == f"About {' '.join(hostile.split())}"
    page = BeautifulSoup(str(letter.html), "html.parser")
    assert not page.find_all(["script", "img"])
    assert not [link for link in page.find_all("a") if "evil" in link["href"]]
    assert " ".join(said.split()) in " ".join(page.get_text(" ").split())


@pytest.mark.parametrize(
    ("typed", "html", "text"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>\n", "one\ntwo\n\nthree"),
        ("**b** and *i*", "<p><strong>b</strong> and <em>i</em></p>\n", "b and i"),
        ("- a\n- b\n\nend", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>end</p>\n", "- a\n- b\n\nend"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n', "3. a\n4. b"),
        ("- a\n  - b\n  - c\n- d", None, "- a\n  - b\n  - c\n- d"),
        ("[here](https://x.org/a)", '<p><a href="https://x.org/a">here</a></p>\n', "here (https://x.org/a)"),
        ("at https://x.org/a.", '<p>at <a href="https://x.org/a">https://x.org/a</a>.</p>\n', "at https://x.org/a."),
        ("[https://x.org](https://x.org)", '<p><a href="https://x.org">https://x.org</a></p>\n', "https://x.org"),
        ("<b>x</b> & # y", "<p>&lt;b&gt;x&lt;/b&gt; &amp; # y</p>\n", "<b>x</b> & # y"),
        ("# no heading", "<p># no heading</p>\n", "# no heading"),
        ("    no code", "<p>no code</p>\n", "no code"),
        ("![x](https://x.org/a.png)", None, "!x (https://x.org/a.png)"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n", "[x](javascript:alert(1))"),
        ("zq0000qz here", "<p>zq0000qz here</p>\n", "zq0000qz here"),
        ("zq0{reason}000qz", "<p>zq0000qz</p>\n", "zq0000qz"),
    ],
)
def test_light_text_as_html_and_as_plain_text(app, typed, html, text):
    words = Wording("en", body=typed)
    assert html is None or str(wording.as_html(words, {})) == html
    assert wording.as_text(words, {}) == text


@pytest.mark.parametrize("number", ["0005", "9999"])
@pytest.mark.parametrize(
    "typed",
    [
        "zq{}qz",
        "zqzq0001qz{}qz",
        "zqzqzq0001qz0001qz{}qz",
        "zq**{}**qz",
        "zq[{}qz](https://x.example)",
        "[here](https://x.example/&#122;q{}qz)",
        "https://x.example/%7Aq{}qz",
        "<https://x.example/%7A%71{}qz>",
        "zq{{reason}}{}qz",
    ],
)
@pytest.mark.parametrize("notice", [Notice.REMINDER, Notice.ANNOUNCEMENT])
def test_nothing_that_staff_write_stands_for_a_value(app, notice, typed, number):
    words, other = (Wording("en", "S", typed.format(text)) for text in (number, "1234567"))
    found = facts(False)
    with speaking("en"):
        texts = {(found.series.id, notice.value, "en"): words}
        letter = Writer(NOW, texts).place_letter(notice, found, words)
        plain = Writer(NOW).place_letter(notice, found, other)
    for part, known in ((letter.text, plain.text), (letter.html, plain.html)):
        # It reads as with any other digits.
        assert str(part) == str(known).replace("1234567", number)


def test_nothing_that_staff_write_stands_for_a_value_on_a_page(app):
    shown = rendering.words_on_page(
        Wording("en", "S", "zqzq0001qz0000qz zq**0000**qz zq9999qz {name}"), {"name": "Ann"}
    )
    assert shown == "<p>zqzq0001qz0000qz zq<strong>0000</strong>qz zq9999qz Ann</p>\n"


def test_text_that_lost_its_placeholder_since_leaves_a_gap_and_no_bracket(app):
    letter = write(Notice.REMINDER, Wording("en", "Reason: {reason}", "Because {reason}{nothing}."))
    assert letter.subject == "Reason:" and "Because ." in str(letter.text)


def test_announcement_in_another_language_than_the_letter_says_so(app):
    with speaking("en"):
        words = Wording("es", "Hola", "{greeting}\n\nEl {date}.")
        letter = Writer(NOW).place_letter(Notice.ANNOUNCEMENT, facts(False), words)
    assert "jueves, 3 de diciembre de 2026" in str(letter.text)
    page = BeautifulSoup(str(letter.html), "html.parser")
    assert page.html["lang"] == "en" and "jueves" in page.find("div", lang="es").get_text()


def test_one_outline_serves_all_letters_of_a_batch(app):
    words = Wording("en", "S {title}", "{greeting}\n\nOn {date}.")
    rendering._pattern.cache_clear()
    rendering._outline.cache_clear()
    writer, base = Writer(NOW, {(None, "reminder", "en"): words}), facts(False)
    with speaking("en"):
        letters = []
        for number in range(50):
            person = facts(False, id=number, name=f"Person {number}", public_id=f"P{number}").registration
            person.webinar = base.registration.webinar
            letters.append(writer.place_letter(Notice.REMINDER, type(base)(person, proven=True)))
    # One for the usual subject at most, one for the text, one for the HTML.
    assert rendering._pattern.cache_info().misses <= 3 and rendering._outline.cache_info().misses <= 3
    assert len({letter.text.fixed for letter in letters}) == len({letter.html.fixed for letter in letters}) == 1
    assert [f"Person {number}" in str(letter.text) for number, letter in enumerate(letters)] == [True] * 50
