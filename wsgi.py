"""The WSGI application: ``gunicorn wsgi:app`` serves it, ``flask`` finds its commands here."""

import sys
from pathlib import Path

from webinars import create_app
from webinars.site.production import refuse_to_start_unfit

app = create_app()

# Commands must work on an installation that is not fit yet, to make it so; a server must not.
program = Path(sys.argv[0])
if program.name != "flask" and program.parts[-2:] != ("flask", "__main__.py"):
    with app.app_context():
        refuse_to_start_unfit()
