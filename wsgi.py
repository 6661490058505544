"""The WSGI application: ``gunicorn wsgi:app`` serves it, ``flask`` finds its commands here."""

from webinars import create_app

app = create_app()
