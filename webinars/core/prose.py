"""Texts in Markdown as safe HTML: the same rendering on public pages and in the preview of what is being written."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

from webinars.core.pictures import SCHEME, Shown, shown_in
from webinars.core.text import whole_number

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "a", "strong", "em", "blockquote", "code", "pre", "hr", "br",
         "table", "thead", "tbody", "tr", "th", "td", "img"}  # fmt: skip
_PICTURE = {"src", "srcset", "sizes", "width", "height", "alt", "lang", "loading", "decoding"}
#: by tag; "*" takes away what the library would let any tag have
_ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href", "rel"}, "ol": {"start"}, "img": _PICTURE}
_SCHEMES = {"https", "http", "mailto", "tel"}
#: below the h1 of the page
_FIRST_HEADING, _LAST_HEADING = 2, 4
#: the other site learns no page of ours and cannot reach back; search engines take it for no recommendation
_OUTWARD = "noopener noreferrer nofollow"
#: how wide a picture is shown: the column of a text (.prose), or a telephone
_SIZES = "(min-width: 44rem) 42rem, 94vw"


def markdown(text: str) -> Markup:
    """Render staff Markdown as safe HTML: headings from level 2, an allow-list of tags, no raw HTML, our own pictures.

    Of pictures elsewhere only a link is left: no visitor's browser fetches from there by itself.
    """
    return rendered(text, tuple(shown_in(text).items()))


@lru_cache(maxsize=512)
def rendered(text: str, pictures: tuple[tuple[int, Shown], ...] = ()) -> Markup:
    """Render Markdown with the pictures that are known, by number."""
    tokens = _MARKDOWN.parse(text)
    _settle_headings(tokens)
    for token in tokens:
        _mark_links(token.children or ())
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {"pictures": dict(pictures)})
    return Markup(nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None))


def _settle_headings(tokens: Sequence[Token]) -> None:
    """Let the headings begin below the page's own and leave out no level, whatever they were written with."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    for rank, tag in enumerate(sorted({token.tag for token in headings})):
        for token in [one for one in headings if one.tag == tag and not one.meta]:
            token.tag = f"h{min(_FIRST_HEADING + rank, _LAST_HEADING)}"
            token.meta = {"settled": True}


def _mark_links(tokens: Sequence[Token]) -> None:
    """Say of links to other sites what they are, and of pictures whether they stand in a link."""
    linked = False
    for token in tokens:
        linked = token.type == "link_open" or (linked and token.type != "link_close")
        if token.type == "link_open" and _is_outward(str(token.attrs.get("href", ""))):
            token.attrSet("rel", _OUTWARD)
        if token.type == "image":
            token.meta = {"linked": linked}


def _is_outward(address: str) -> bool:
    """Tell addresses of other sites; ours begin with a single slash."""
    return address.startswith("//") or "://" in address


def _picture(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    at: int,
    options: Any,
    env: Mapping[str, Mapping[int | None, Shown]],
) -> str:
    """Write a picture of ours; a link for one elsewhere; its words for one that is not there."""
    token = tokens[at]
    words = renderer.renderInlineAsText(token.children or (), options, {})
    source = str(token.attrs.get("src", ""))
    number = whole_number(source.removeprefix(SCHEME)) if source.startswith(SCHEME) else None
    if number in env["pictures"]:
        return env["pictures"][number].html(_SIZES)
    if _is_outward(source) and not token.meta["linked"]:
        return Markup('<a href="{}" rel="{}">{}</a>').format(source, _OUTWARD, words or source)
    return escape(words)


_MARKDOWN.add_render_rule("image", _picture)
