"""What staff are asked before a draft becomes public, and what they may do with it instead."""

import pytest

from tests.factories import NOW, make_series, make_video
from tests.schedule.test_staff_pages import published, reload
from tests.support.pages import CheckedClient, text_of


@pytest.mark.parametrize("sponsor_text", ["", "Paid for by a fund."])
def test_publishing_page_asks_who_pays_and_forbids_nothing(editor: CheckedClient, sponsor_text: str) -> None:
    series = make_series(sponsor_text=sponsor_text)
    webinar = published(series=series, state="draft", published_at=None)
    page = editor.page(f"/staff/webinars/{webinar.slug}/publish")
    assert bool(page.find("a", href="/staff/series/side-effects/edit")) is not bool(sponsor_text)
    assert ("It does not say who pays for it." in text_of(page)) is not bool(sponsor_text)
    editor.submit(page, "", button="Publish now")
    assert reload(webinar).state == "published"


def test_draft_offers_deletion_and_a_published_webinar_cancelling(editor: CheckedClient) -> None:
    for state, offered in (("draft", "delete"), ("published", "cancel")):
        webinar = published(title=f"A {state}", state=state, published_at=None if state == "draft" else NOW)
        page = editor.page(f"/staff/webinars/{webinar.slug}")
        links = [str(link["href"]) for link in page.select("nav.menu a")]
        found = [deed for deed in ("cancel", "delete") if f"/staff/webinars/{webinar.slug}/{deed}" in links]
        assert found == [offered]


def test_draft_that_cannot_be_deleted_can_be_cancelled_instead(editor: CheckedClient) -> None:
    webinar = published(state="draft", published_at=None)
    make_video(webinar)
    page = editor.page(f"/staff/webinars/{webinar.slug}/delete")
    assert page.find("a", href=f"/staff/webinars/{webinar.slug}/cancel")
