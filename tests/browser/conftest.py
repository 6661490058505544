"""One browser and one site for all tests of a process, one context for each test."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from tests.browser.people import People
from tests.support.browser import FLAGS, OWNER, PASSWORD, Site, Watch, chromium_path

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium; without one skip, but never in CI."""
    path = chromium_path()
    if path is None:
        leave = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        leave("no Chromium here (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the demonstration content."""
    with Site(tmp_path_factory.mktemp("site")) as served:
        yield served


@pytest.fixture(scope="session")
def people(site: Site) -> People:
    """Register the people whose private pages are looked at."""
    return People(site)


@pytest.fixture(scope="session")
def staff_state(chromium: Browser, site: Site) -> StorageState:
    """Sign a member of staff in, once, through the page."""
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/staff/sign-in")
    page.get_by_label("Email").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/staff/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def watches() -> list[Watch]:
    """Collect the watches of a test's pages."""
    return []


@pytest.fixture
def open_page(chromium: Browser, site: Site, watches: list[Watch]) -> Iterator[Open]:
    """Open a page in a context of its own; at the end no page may have complained or asked anybody else."""
    contexts = []

    def open_one(path: str, *, status: int = 200, first: Callable[[Page], None] | None = None, **options: Any) -> Page:
        context = chromium.new_context(base_url=site.url, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page, site.url))
        if first:
            first(page)
        answer = page.goto(path, wait_until="networkidle")
        assert answer and answer.status == status, path
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert [trouble for watch in watches for trouble in watch.troubles] == []


@pytest.fixture
def open_staff_page(open_page: Open, staff_state: StorageState) -> Open:
    """Open a page as a member of staff."""
    return lambda path, **options: open_page(path, storage_state=staff_state, **options)
