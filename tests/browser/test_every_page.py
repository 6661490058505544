"""What holds for every page: it can be used by everybody, it fits a phone, and it is light."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, StorageState

from tests.browser.conftest import Open
from tests.browser.pages import PRIVATE, PUBLIC, STAFF
from tests.browser.people import People
from tests.support.browser import AXE_COLOURS, AXE_RULES, Site, Watch, sideways, violations

pytestmark = pytest.mark.browser

MOST_REQUESTS, MOST_BYTES = 5, 60_000
EVERY_PAGE = [*(f"public: {name}" for name in PUBLIC), *(f"private: {name}" for name in PRIVATE),
              *(f"staff: {name}" for name in STAFF)]  # fmt: skip
SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const shift of list.getEntries()) sum += shift.value; })
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(sum), 300);
})"""


@pytest.fixture(scope="module")
def reader(chromium: Browser, site: Site) -> Iterator[tuple[Page, Watch]]:
    """Open one window for all pages: to open one costs Chromium more than to read the page in it."""
    context = chromium.new_context(base_url=site.url)
    context.set_default_timeout(15_000)
    page = context.new_page()
    yield page, Watch(page, site.url)
    context.close()


@pytest.fixture
def shown(
    request: pytest.FixtureRequest, reader: tuple[Page, Watch], people: People, staff_state: StorageState
) -> Iterator[Page]:
    """Show the page of the parameter to whoever may see it, as if nothing had been read in the window before."""
    audience, _, name = request.param.partition(": ")
    page, watch = reader
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.context.clear_cookies()
    if audience == "staff":
        page.context.add_cookies(staff_state["cookies"])
    paths = {"public": PUBLIC.get, "private": lambda name: people.path(*PRIVATE[name]), "staff": STAFF.get}
    watch.troubles.clear()
    answer = page.goto(paths[audience](name), wait_until="networkidle")
    assert answer and answer.status == (200 if audience == "private" else _status(name)), request.param
    yield page
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    assert watch.troubles == []


def _status(name: str) -> int:
    return 404 if name == "not found" else 200


@pytest.mark.parametrize("shown", EVERY_PAGE, indirect=True)
def test_page_is_accessible_in_light_and_dark_and_fits_a_phone(shown: Page) -> None:
    for scheme, asked in (("light", AXE_RULES), ("dark", AXE_COLOURS)):
        shown.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(shown, asked) == [], scheme
    for width in (320, 360):
        shown.set_viewport_size({"width": width, "height": 740})
        assert sideways(shown) <= 0, width


@pytest.mark.parametrize("name", PUBLIC)
def test_first_visit_is_light(open_page: Open, watches: list[Watch], name: str) -> None:
    open_page(PUBLIC[name], status=_status(name))
    requests, weight = watches[0].weight()
    assert requests <= MOST_REQUESTS, [request.url for request in watches[0].requests]
    assert weight <= MOST_BYTES, [(one.url, one.sizes()["responseBodySize"]) for one in watches[0].requests]


@pytest.mark.parametrize(("path", "encoding"), [("/", "gzip"), ("/my", None)])
def test_pages_are_compressed_unless_they_hold_a_form_token(open_page: Open, path: str, encoding: str | None) -> None:
    answer = open_page("/privacy").request.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers.get("content-encoding") == encoding
    assert "Accept-Encoding" in answer.headers["vary"]
    assert ("csrf_token" in answer.text()) == (encoding is None)


@pytest.mark.parametrize("path", ["/", "/es/"])
@pytest.mark.parametrize("width", [320, 360])
def test_navigation_stands_in_one_line_on_a_phone(open_page: Open, path: str, width: int) -> None:
    page = open_page(path, viewport={"width": width, "height": 740})
    tops = page.locator(".site-nav a").evaluate_all("links => links.map(one => one.getBoundingClientRect().top)")
    assert len(tops) == 4 and len(set(tops)) == 1


@pytest.mark.parametrize("name", ["home", "webinar", "video"])
@pytest.mark.parametrize("late", ["/css/", "/fonts/", "/js/"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_the_page_appears(open_page: Open, name: str, late: str, width: int) -> None:
    def hold(route: Route) -> None:
        time.sleep(0.4)
        route.continue_()

    far = {"viewport": {"width": width, "height": 800}, "timezone_id": "America/Chicago"}
    page = open_page(PUBLIC[name], first=lambda page: page.route(f"**{late}**", hold), **far)
    page.mouse.wheel(0, 600)
    assert page.evaluate(SHIFTS) == 0


def test_posters_are_light_and_wait_for_the_reader(open_page: Open, watches: list[Watch], site: Site) -> None:
    page = open_page("/videos", viewport={"width": 1280, "height": 800})
    posters = [one for one in watches[0].requests if one.resource_type == "image" and "/media/" in one.url]
    assert posters and all(one.sizes()["responseBodySize"] <= 20_000 for one in posters)
    assert page.locator("img[loading=lazy]").count() == page.locator("img").count()
