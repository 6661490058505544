"""Drawn pictures for the demonstration clips, as SVG of 640 by 360 in the colors of the site.

They hold no words: the same picture serves every language and stays clear of the play button in the middle.
"""

import math
from collections.abc import Callable, Iterator

PAPER, INK, SOFT_INK = "#fbf8f3", "#18262d", "#4b5a62"
TEAL, DEEP_TEAL, TINT = "#0f5e63", "#0a4549", "#e4f1ef"
SUN, TERRACOTTA = "#f3bd52", "#b4452c"


def gradient(name: str, *stops: tuple[float, str], across: bool = False) -> str:
    """Return a linear gradient from top to bottom, or from left to right."""
    x, y = (1, 0) if across else (0, 1)
    rows = "".join(f'<stop offset="{at}" stop-color="{color}"/>' for at, color in stops)
    return f'<linearGradient id="{name}" x1="0" y1="0" x2="{x}" y2="{y}">{rows}</linearGradient>'


def glow(name: str, color: str) -> str:
    """Return a radial gradient that fades a color out to nothing."""
    return (
        f'<radialGradient id="{name}"><stop offset="0" stop-color="{color}" stop-opacity=".95"/>'
        f'<stop offset=".45" stop-color="{color}" stop-opacity=".35"/>'
        f'<stop offset="1" stop-color="{color}" stop-opacity="0"/></radialGradient>'
    )


def tree(x: float, foot: float, height: float, color: str) -> str:
    """Return a slim, rounded tree."""
    crown = height * 0.72
    return (
        f'<rect x="{x - 1.5}" y="{foot - height * 0.4}" width="3" height="{height * 0.4}" fill="#5c3a26"/>'
        f'<ellipse cx="{x}" cy="{foot - height * 0.62}" rx="{height * 0.21}" ry="{crown / 2}" fill="{color}"/>'
    )


def path() -> str:
    """Return hills in the morning with a path that leads over them."""
    trees = "".join(
        tree(x, foot, height, color)
        for x, foot, height, color in (
            (52, 262, 78, DEEP_TEAL),
            (84, 258, 58, "#17696d"),
            (118, 256, 68, DEEP_TEAL),
            (512, 236, 44, "#17696d"),
            (538, 238, 58, DEEP_TEAL),
            (566, 243, 46, "#17696d"),
            (604, 252, 74, DEEP_TEAL),
        )
    )
    return f"""<defs>{gradient("sky", (0, "#7fc0bd"), (0.5, "#d9ece4"), (0.72, "#fdf0d2"))}{glow("halo", "#ffe9b3")}
{gradient("way", (0, "#fff6df"), (1, "#f0cf8a"))}{gradient("near", (0, "#2d8583"), (1, "#0c4f53"))}</defs>
<rect width="640" height="360" fill="url(#sky)"/>
<circle cx="430" cy="140" r="150" fill="url(#halo)"/><circle cx="430" cy="140" r="38" fill="{SUN}"/>
<g fill="#fff" opacity=".75"><rect x="70" y="62" width="120" height="16" rx="8"/>
<rect x="104" y="48" width="70" height="18" rx="9"/>
<rect x="236" y="96" width="84" height="12" rx="6"/><rect x="540" y="70" width="72" height="12" rx="6"/></g>
<path d="M0 190 C90 140 170 150 250 178 S420 150 500 160 S600 140 640 150 V360 H0Z" fill="#a9d4cd"/>
<path d="M0 222 C110 176 200 190 300 212 S500 176 640 206 V360 H0Z" fill="#63ada9"/>
<path d="M0 262 C120 222 230 244 330 250 S540 216 640 250 V360 H0Z" fill="url(#near)"/>
<path d="M404 206 C436 212 470 216 462 224 C450 236 352 238 352 254 C352 274 492 284 470 312 C456 330 396 344 372 360
H236 C300 336 404 324 400 308 C396 292 318 282 322 256 C326 238 420 230 428 222 C430 216 412 212 404 206Z"
fill="url(#way)"/>
{trees}"""


def cell(x: float, y: float, radius: float, arms: int) -> str:
    """Return a T cell: soft outline, pale rim, a few forked receptors."""
    forks = "".join(
        f'<g transform="translate({x} {y}) rotate({360 * number / arms + x % 30:.1f}) translate({radius} 0)">'
        '<path d="M-2 0 H5 M5 0 L11 -4.5 M5 0 L11 4.5" stroke="#f3bd52" stroke-width="3.2" stroke-linecap="round"'
        ' fill="none"/></g>'
        for number in range(arms)
    )
    return (
        f'{forks}<polygon points="{outline(x, y, radius, 0.025)}" fill="url(#helper)" stroke="#d6f0ea"'
        f' stroke-width="3"/>'
        f'<circle cx="{x + radius * 0.1}" cy="{y + radius * 0.08}" r="{radius * 0.58}" fill="url(#helper-core)"/>'
        f'<ellipse cx="{x - radius * 0.4}" cy="{y - radius * 0.56}" rx="{radius * 0.26}" ry="{radius * 0.12}" '
        f'fill="#fff" opacity=".5" transform="rotate(-38 {x - radius * 0.4} {y - radius * 0.56})"/>'
    )


def rim(x: float, y: float, radius: float, wave: float) -> Iterator[tuple[float, float]]:
    """Yield points on an uneven circle, one every five degrees."""
    for step in range(72):
        angle = math.radians(step * 5)
        reach = radius * (1 + wave * math.sin(3 * angle + 0.6) + wave * 0.6 * math.sin(7 * angle))
        yield x + reach * math.cos(angle), y + reach * math.sin(angle)


def outline(x: float, y: float, radius: float, wave: float) -> str:
    """Return an uneven circle as the points of a polygon."""
    return " ".join(f"{left:.1f},{top:.1f}" for left, top in rim(x, y, radius, wave))


def target_cell(x: float, y: float, radius: float) -> str:
    """Return a cancer cell with the small markers a receptor can recognize."""
    markers = "".join(
        f'<circle cx="{left:.1f}" cy="{top:.1f}" r="6.5" fill="{SUN}"/>'
        for left, top in list(rim(x, y, radius * 1.04, 0.06))[::4]
    )
    return f'{markers}<polygon points="{outline(x, y, radius, 0.06)}" fill="url(#target)"/>'


def cells() -> str:
    """Return T cells with receptors that close in on a cancer cell."""
    specks = "".join(
        f'<circle cx="{(number * 97) % 640}" cy="{(number * 61) % 360}" r="{1 + number % 3}" fill="#fff"'
        f' opacity=".16"/>'
        for number in range(46)
    )
    spots = ((330, 92, 36, 9), (302, 252, 48, 11), (118, 150, 58, 12), (196, 326, 26, 7), (214, 36, 20, 7))
    helpers = "".join(cell(*spot) for spot in spots)
    return f"""<defs>{gradient("deep", (0, "#0b3b4f"), (1, "#0f5e63"), across=True)}{glow("halo", "#58b3ac")}
{glow("warm", "#e48a5e")}
{gradient("helper", (0, "#a9e0d6"), (1, "#4aa79f"))}{gradient("helper-core", (0, "#2a9791"), (1, "#11686b"))}
{gradient("target", (0, "#dd7a52"), (1, "#8e2f1c"))}{gradient("core", (0, "#8e2f1c"), (1, "#5d1c10"))}</defs>
<rect width="640" height="360" fill="url(#deep)"/><circle cx="180" cy="190" r="260" fill="url(#halo)" opacity=".4"/>
<circle cx="500" cy="180" r="230" fill="url(#warm)" opacity=".5"/>{specks}
{target_cell(492, 184, 94)}<circle cx="504" cy="194" r="42" fill="url(#core)"/>
<ellipse cx="450" cy="132" rx="24" ry="11" fill="#fff" opacity=".28" transform="rotate(-38 450 132)"/>{helpers}"""


def ripples() -> str:
    """Return the shine of the low sun on the sea, wider and fainter towards the viewer."""
    rows: list[str] = []
    for row in range(9):
        width = 150 - row * 9 + (row % 3) * 26
        x = 190 - width / 2 + (row % 2) * 16 - 8
        rows.append(
            f'<rect x="{x}" y="{238 + row * 12}" width="{width}" height="{3 + row * 0.35:.1f}" rx="2.5" '
            f'fill="#ffdf9a" opacity="{0.72 - row * 0.065:.2f}"/>'
        )
    return "".join(rows)


def lighthouse() -> str:
    """Return a lighthouse at dusk, its beam over a quiet sea."""
    return f"""<defs>{gradient("dusk", (0, "#74271b"), (0.4, "#b4452c"), (0.8, "#eb9a58"), (1, "#f9d487"))}
{gradient("sea", (0, "#1f7a7c"), (0.5, "#0f5e63"), (1, "#083b40"))}{glow("halo", "#ffe8b0")}
{gradient("beam", (0, "#fff3cf00"), (1, "#fff3cfd0"), across=True)}
{gradient("tower", (0, "#fffaf0"), (0.55, "#f3e5cd"), (1, "#c9b08d"), across=True)}
<clipPath id="shaft"><path d="M474 126 H506 L517 268 H463Z"/></clipPath><clipPath id="above">
<rect width="640" height="234"/></clipPath></defs>
<rect width="640" height="360" fill="url(#dusk)"/>
<g clip-path="url(#above)"><circle cx="190" cy="226" r="150" fill="url(#halo)"/>
<circle cx="190" cy="226" r="52" fill="#fde7ae"/></g>
<g fill="#fbd9a4" opacity=".4"><rect x="30" y="84" width="150" height="7" rx="3.5"/>
<rect x="84" y="100" width="190" height="6" rx="3"/>
<rect x="270" y="150" width="120" height="5" rx="2.5"/><rect x="556" y="150" width="80" height="6" rx="3"/></g>
<path d="M490 106 L0 34 V128Z" fill="url(#beam)"/>
<path d="M0 234 C40 216 70 214 120 226 L150 234Z" fill="#6d3a2b" opacity=".55"/>
<rect y="234" width="640" height="126" fill="url(#sea)"/>{ripples()}
<path d="M372 302 C400 268 436 258 474 256 C530 252 584 264 640 246 V360 H346 C350 334 360 314 372 302Z"
fill="#2b1a16"/>
<path d="M398 304 C430 276 470 270 520 272 C570 274 610 268 640 262 V282 C590 292 460 282 398 304Z" fill="#4a2a20"/>
<path d="M474 126 H506 L517 268 H463Z" fill="url(#tower)"/>
<g clip-path="url(#shaft)" opacity=".92"><rect x="455" y="150" width="70" height="24" fill="{TERRACOTTA}"/>
<rect x="455" y="200" width="70" height="26" fill="{TERRACOTTA}"/>
<rect x="500" y="120" width="30" height="150" fill="#3a1710" opacity=".18"/></g>
<rect x="484" y="182" width="12" height="14" rx="6" fill="#2b1a16"/>
<path d="M482 268 V248 a8 8 0 0 1 16 0 V268Z" fill="#2b1a16"/>
<rect x="466" y="120" width="48" height="7" rx="2" fill="#2b1a16"/>
<rect x="478" y="96" width="24" height="24" fill="#fff0bf"/>
<path d="M478 96 v24 M490 96 v24 M502 96 v24" stroke="#2b1a16" stroke-width="2"/>
<path d="M473 97 Q490 72 507 97Z" fill="#5d1c10"/>
<circle cx="490" cy="108" r="46" fill="url(#halo)"/>
<g fill="none" stroke="#5d1c10" stroke-width="2.4" stroke-linecap="round"><path d="M300 92 q7 -8 13 0 q7 -8 13 0"/>
<path d="M340 112 q5 -6 10 0 q5 -6 10 0"/></g>"""


def steam(x: float) -> str:
    """Return two curls of steam above a mug."""
    return (
        f'<g fill="none" stroke="#fff" stroke-width="6" stroke-linecap="round" opacity=".75">'
        f'<path d="M{x - 14} 196 c-14 -18 14 -26 0 -46"/><path d="M{x + 14} 196 c-14 -18 14 -26 0 -46"/></g>'
    )


def mug(x: float, body: str, shade: str, handle_right: bool) -> str:
    """Return a mug that stands on the table."""
    side, sweep = (38, 1) if handle_right else (-38, 0)
    return (
        f'<ellipse cx="{x}" cy="292" rx="56" ry="9" fill="#5d2a18" opacity=".28"/>'
        f'<path d="M{x + side} 228 a22 22 0 0 {sweep} 0 42" fill="none" stroke="{body}" stroke-width="11"/>'
        f'<path d="M{x - 42} 208 H{x + 42} V270 a20 20 0 0 1 -20 20 H{x - 22} a20 20 0 0 1 -20 -20Z" fill="{body}"/>'
        f'<path d="M{x + 22} 208 H{x + 42} V270 a20 20 0 0 1 -20 20 H{x + 6} c14 -8 16 -30 16 -82Z" fill="{shade}"/>'
        f'<ellipse cx="{x}" cy="208" rx="42" ry="9" fill="{shade}"/>'
        f'<ellipse cx="{x}" cy="209" rx="35" ry="6" fill="#4a2415"/>'
    )


def leaf(x: float, y: float, length: float, turn: float, color: str) -> str:
    """Return one pointed leaf that grows from its foot."""
    half = length * 0.26
    return (
        f'<g transform="translate({x} {y}) rotate({turn})">'
        f'<path d="M0 0 C{half} {-length * 0.3} {half} {-length * 0.72} 0 {-length} C{-half} {-length * 0.72}'
        f' {-half} {-length * 0.3} 0 0Z" fill="{color}"/>'
        f'<path d="M0 0 V{-length * 0.82}" stroke="#fff" stroke-opacity=".35" stroke-width="1.6"/></g>'
    )


def mugs() -> str:
    """Return two mugs side by side at a window."""
    plant = "".join(
        leaf(112, 232, length, turn, color)
        for length, turn, color in (
            (92, -46, "#1d7a78"),
            (104, -16, TEAL),
            (96, 18, "#2a9088"),
            (80, 48, TEAL),
            (64, -74, "#2a9088"),
        )
    )
    return f"""<defs>{gradient("wall", (0, "#fbe9c6"), (1, "#f6d494"))}
{gradient("view", (0, "#a8d8d4"), (0.75, "#fdf1d4"))}
{gradient("board", (0, "#c9683f"), (1, "#8e3a20"))}{glow("halo", "#fff1c4")}<clipPath id="pane">
<rect x="218" y="24" width="330" height="196" rx="6"/></clipPath></defs>
<rect width="640" height="360" fill="url(#wall)"/><rect x="206" y="12" width="354" height="222" rx="12" fill="#fffaf0"/>
<g clip-path="url(#pane)"><rect x="218" y="24" width="330" height="200" fill="url(#view)"/>
<circle cx="468" cy="104" r="110" fill="url(#halo)"/><circle cx="468" cy="104" r="30" fill="{SUN}"/>
<path d="M218 176 C270 140 330 150 380 166 S500 142 548 158 V230 H218Z" fill="#8cc6be"/>
<path d="M218 202 C290 176 360 196 420 194 S520 180 548 190 V230 H218Z" fill="#3d918e"/></g>
<rect x="378" y="24" width="10" height="200" fill="#fffaf0"/>
<rect x="196" y="226" width="374" height="14" rx="5" fill="#fff3dc"/>
<rect y="262" width="640" height="98" fill="url(#board)"/><rect y="262" width="640" height="5" fill="#e29a6b"/>
<g stroke="#7a2f19" stroke-opacity=".35" stroke-width="2">
<path d="M0 300 H210 M260 326 H640 M40 346 H180 M420 292 H600"/></g>
{plant}<path d="M76 230 H148 L140 288 a10 10 0 0 1 -10 8 H94 a10 10 0 0 1 -10 -8Z" fill="{TERRACOTTA}"/>
<path d="M122 230 H148 L140 288 a10 10 0 0 1 -10 8 H112Z" fill="#8e3320"/>
<rect x="70" y="222" width="84" height="16" rx="5" fill="#c9552f"/>
{steam(412)}{steam(516)}{mug(412, TEAL, DEEP_TEAL, False)}{mug(516, "#e9a13a", "#c9782a", True)}"""


def waves(x: float, y: float, color: str) -> str:
    """Return the arcs that show a telephone is ringing."""
    arcs = "".join(f'<path d="M{x} {y - r} a{r} {r} 0 0 1 {r} {r}"/>' for r in (20, 36, 52))
    return f'<g fill="none" stroke="{color}" stroke-width="7" stroke-linecap="round">{arcs}</g>'


def phone() -> str:
    """Return a telephone and a pocket card among leaves."""
    left = "".join(
        leaf(70, 372, n, t, c)
        for n, t, c in (
            (210, -34, "#2a9088"),
            (236, -8, TEAL),
            (206, 18, "#4aa79f"),
            (170, 42, "#1d7a78"),
            (150, -58, TEAL),
        )
    )
    right = "".join(
        leaf(600, 372, n, t, c)
        for n, t, c in ((150, 40, TEAL), (186, 14, "#2a9088"), (166, -14, "#1d7a78"), (124, -42, "#4aa79f"))
    )
    return f"""<defs>{gradient("air", (0, "#cfe8e3"), (1, "#f4f3e4"))}{glow("halo", "#fff0c2")}
{gradient("card", (0, "#fff"), (1, "#f6efe2"))}
{gradient("glass", (0, "#17787b"), (1, "#0a4549"))}<filter id="lift" x="-20%" y="-20%" width="140%" height="150%">
<feDropShadow dx="0" dy="8" stdDeviation="9" flood-color="#0a4549" flood-opacity=".28"/></filter></defs>
<rect width="640" height="360" fill="url(#air)"/><circle cx="372" cy="160" r="230" fill="url(#halo)"/>
<circle cx="372" cy="166" r="122" fill="{SUN}" opacity=".85"/>{left}{right}
<g filter="url(#lift)"><g transform="rotate(-9 232 210)">
<rect x="142" y="148" width="196" height="124" rx="14" fill="url(#card)"/>
<path d="M142 162 a14 14 0 0 1 14 -14 H324 a14 14 0 0 1 14 14 V176 H142Z" fill="{TERRACOTTA}"/>
<g fill="#c8d6d3"><rect x="160" y="194" width="96" height="9" rx="4.5"/>
<rect x="160" y="214" width="124" height="9" rx="4.5"/>
<rect x="160" y="234" width="78" height="9" rx="4.5"/></g></g></g>
<g filter="url(#lift)"><g transform="rotate(7 440 182)">
<rect x="376" y="62" width="132" height="246" rx="24" fill="#12333a"/>
<rect x="385" y="72" width="114" height="226" rx="16" fill="url(#glass)"/>
<rect x="424" y="79" width="36" height="6" rx="3" fill="#12333a"/>
<circle cx="442" cy="190" r="44" fill="#ffffff" opacity=".1"/><circle cx="442" cy="190" r="33" fill="{PAPER}"/>
<path d="M428 176 c3 -3 6 -2 8 1 l4 6 c1 2 1 4 -1 6 l-3 3 c2 5 6 9 11 11 l3 -3 c2 -2 4 -2 6 -1 l6 4 c3 2 4 5 1 8
c-4 4 -9 5 -14 3 c-11 -4 -20 -13 -24 -24 c-2 -5 -1 -10 3 -14Z" fill="{TEAL}"/>
<rect x="408" y="262" width="68" height="8" rx="4" fill="#fff" opacity=".4"/></g></g>{waves(536, 104, TERRACOTTA)}"""


ART: dict[str, Callable[[], str]] = {
    "path": path,
    "cells": cells,
    "lighthouse": lighthouse,
    "mugs": mugs,
    "phone": phone,
}

#: Left edge of the 270-wide strip of each picture that stands beside the text of a slide.
FOCUS = {"path": 330, "cells": 236, "lighthouse": 370, "mugs": 350, "phone": 320}
