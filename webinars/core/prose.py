"""Texts in Markdown as safe HTML: the same rendering on public pages and in the preview of what is being written."""

from collections.abc import Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_TAGS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "a", "strong", "em", "blockquote", "code", "pre", "hr", "br",
         "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
#: by tag; "*" takes away what the library would let any tag have
_ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href", "rel"}, "ol": {"start"}}
_SCHEMES = {"https", "http", "mailto", "tel"}
#: below the h1 of the page
_FIRST_HEADING, _LAST_HEADING = 2, 4
#: the other site learns no page of ours and cannot reach back; search engines take it for no recommendation
_OUTWARD = "noopener noreferrer nofollow"


@lru_cache(maxsize=512)
def markdown(text: str) -> Markup:
    """Render staff Markdown as safe HTML: headings from level 2, an allow-list of tags, no raw HTML."""
    tokens = _MARKDOWN.parse(text)
    _settle_headings(tokens)
    for token in tokens:
        for inner in token.children or ():
            _mark_outward(inner)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Markup(nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None))


def _settle_headings(tokens: Sequence[Token]) -> None:
    """Let the headings begin below the page's own and leave out no level, whatever they were written with."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    for rank, tag in enumerate(sorted({token.tag for token in headings})):
        for token in [one for one in headings if one.tag == tag and not one.meta]:
            token.tag = f"h{min(_FIRST_HEADING + rank, _LAST_HEADING)}"
            token.meta = {"settled": True}


def _mark_outward(token: Token) -> None:
    """Say of a link to another site what it is; addresses of ours begin with a single slash."""
    href = str(token.attrs.get("href", ""))
    if token.type == "link_open" and (href.startswith("//") or "://" in href):
        token.attrSet("rel", _OUTWARD)
