"""Styles of letters: mail programs read them only where they are used."""

import css_inline

_INLINER = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


def inline(html: str) -> str:
    """Move the rules of style sheets to the elements they are for."""
    return str(_INLINER.inline(html))
