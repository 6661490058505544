"""What a visitor meets in an installation with a Portuguese catalogue; run by test_third_language in such a tree."""

import sys
from pathlib import Path

import flask_migrate

from tests.conftest import test_settings
from tests.factories import make_series, make_webinar
from tests.support.pages import CheckedClient, parse, text_of
from webinars import create_app
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.mail.models import Message
from webinars.notices.prepare import prepare
from webinars.registration.models import Registration


def main(folder: Path) -> None:
    """Walk from home to the place and its letter, in Portuguese."""
    app = create_app(test_settings(folder, f"sqlite:///{folder}/third.sqlite"))
    app.test_client_class = CheckedClient
    with app.app_context():
        flask_migrate.upgrade()
        texts = {"pt": {"title": "Efeitos colaterais"}}
        webinar = make_webinar(make_series(), now=utc_now(), translations=texts)
        client = app.test_client()
        assert isinstance(client, CheckedClient)
        walk(client, f"/pt/webinars/{webinar.slug}")


def walk(client: CheckedClient, path: str) -> None:
    """Go through the pages; what is found missing fails."""
    home = client.page("/pt/")
    assert home.html and home.html["lang"] == "pt"
    assert "Proximos seminarios" in text_of(home), "the catalogue is spoken"
    assert [text_of(one) for one in home.select(".languages a")] == ["English", "Español", "Português"]
    page = client.page(path)
    assert page.h1 and text_of(page.h1) == "Efeitos colaterais"
    assert "de " in text_of(page.select_one(".facts")), "dates are written the way the language does"
    answer = client.submit(page, "/register", name="Ana", email="ana@example.org", time_zone="America/Sao_Paulo")
    assert answer.request.path.startswith("/pt/registrations/")
    assert "Efeitos colaterais" in text_of(parse(answer))
    assert db.session.query(Registration).one().language == "pt"
    letter = prepare(db.session.query(Message).all(), utc_now())[0]()
    assert "Efeitos colaterais" in letter.subject and letter.language == "pt"
    assert letter.calendar and b"Efeitos colaterais" in letter.calendar.ics
    assert "Efeitos colaterais" in client.get("/pt/calendar.ics").get_data(as_text=True)
    assert "Efeitos" not in client.get("/calendar.ics").get_data(as_text=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
