"""The bare reference: a Flask application that makes the same requests with nothing in between."""

import os

from flask import Flask, redirect, render_template_string, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Mapped, mapped_column

PAGE = """<!DOCTYPE html><html lang="en"><head><title>{{ title }}</title></head><body><main><h1>{{ title }}</h1>
<form method="post" action="/things/1/register"><label>Name <input name="name"></label>
<label>Email <input name="email"></label><button>Register</button></form></main></body></html>"""

db = SQLAlchemy()


class Thing(db.Model):  # type: ignore[misc, name-defined]
    """What a page shows."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]


class Entry(db.Model):  # type: ignore[misc, name-defined]
    """What a form leaves."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["BARE_DATABASE_URL"]
db.init_app(app)
with app.app_context():
    if db.engine.dialect.name == "sqlite":

        @event.listens_for(db.engine, "connect")
        def _pragmas(connection: object, record: object) -> None:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000"):
                connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    if os.environ.get("BARE_CREATE"):
        db.create_all()
        db.session.add(Thing(id=1, title="A thing"))
        db.session.commit()


@app.get("/things/<int:number>")
def thing(number: int) -> str:
    """Show one row."""
    return render_template_string(PAGE, title=db.session.scalar(select(Thing.title).where(Thing.id == number)))


@app.post("/things/<int:number>/register")
def register(number: int) -> object:
    """Write one row."""
    row = db.session.execute(insert(Entry).values(name=request.form["name"], email=request.form["email"]))
    db.session.commit()
    return redirect(f"/entries/{row.inserted_primary_key[0]}", 303)


@app.get("/entries/<int:number>")
def entry(number: int) -> str:
    """Show one row."""
    return render_template_string(PAGE, title=db.session.scalar(select(Entry.name).where(Entry.id == number)))
