"""What the columns of a file hold, told by the names above them in English and Spanish."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from webinars.core.text import one_line

#: the fields in the order in which they are named to people; the first four say who it is
FIELDS = {
    "name": lazy_gettext("Name"),
    "first_name": lazy_gettext("First name"),
    "last_name": lazy_gettext("Last name"),
    "email": lazy_gettext("Email address"),
    "phone": lazy_gettext("Telephone number"),
    "mode": lazy_gettext("Takes part"),
    "time_zone": lazy_gettext("Time zone of the letters"),
    "language": lazy_gettext("Language of the letters"),
    "discreet": lazy_gettext("Keep letters discreet"),
    "question": lazy_gettext("A question for the speakers"),
}
#: a column that is left out
LEFT_OUT = ""
#: what stands above the added column of a file of problems, in each language
MENDING = ("What to mend", "Qué corregir")
LONGEST_HEADER = 80

_NAMES = {
    "name": "name, full name, your name, participant, participant name, attendee, attendee name, registrant, "
            "nombre, nombre completo, su nombre, nombre y apellidos, nombre y apellido, participante, asistente",
    "first_name": "first name, firstname, given name, forename, primer nombre, nombre de pila, nombres",
    "last_name": "last name, lastname, surname, family name, apellido, apellidos, primer apellido",
    "email": "email, e mail, mail, email address, e mail address, mail address, your email, contact email, "
             "correo, correo electronico, direccion de correo, direccion de correo electronico, direccion de email, "
             "direccion email, su correo, su correo electronico",
    "phone": "phone, phone number, telephone, telephone number, tel, mobile, mobile phone, mobile number, cell, "
             "cell phone, telefono, numero de telefono, movil, telefono movil, celular",
    "mode": "mode, takes part, how they take part, takes part by, attendance, "
            "participa, modo, modalidad, modo de participacion, forma de participar",
    "time_zone": "time zone, timezone, zone, time zone of the letters, zona horaria, huso horario, "
                 "zona horaria de los correos",
    "language": "language, letter language, language of the letters, idioma, lengua, idioma de los correos",
    "discreet": "discreet, discretion, keep letters discreet, keep my emails discreet, discreto, discreta, discrecion, "
                "correos discretos",
    "question": "question, questions, a question for the speakers, question for the speakers, "
                "pregunta, preguntas, una pregunta para los ponentes, pregunta para los ponentes",
    # What our own files hold beside, and what forms of others add.
    LEFT_OUT: "id, state, position, created at, registered, estado, posicion, timestamp, marca temporal, "
              "what to mend, que corregir, number, no, nr, n, numero",
}  # fmt: skip


def folded(header: str) -> str:
    """Fold a name for comparing: case, accents, hyphens, underscores and punctuation tell no two apart."""
    decomposed = unicodedata.normalize("NFKD", one_line(header).casefold())
    kept = (c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(kept).split())[:LONGEST_HEADER]


_FIELD_OF = {name.strip(): field for field, names in _NAMES.items() for name in names.split(",")}

#: what our own files may hold and only some webinars ask
_UNASKED = {"role": LEFT_OUT, "access needs": LEFT_OUT}


def is_known(header: str) -> bool:
    """Say whether a text is the name of a column that holds something we use."""
    return bool(_FIELD_OF.get(folded(header)))


def recognised(
    headers: Sequence[str], asked: Mapping[str, str], memory: Mapping[str, str] | None = None
) -> list[str | None]:
    """Tell the field of each column by its name; None for an unknown one. What staff said before comes first.

    asked: the field of each name that what the webinar asks beyond the usual may bear.
    """
    known = {**_UNASKED, **asked, **_FIELD_OF}
    offered = {LEFT_OUT, *known.values()}
    # What staff said may have been about the questions of another webinar.
    said = {key: field for key, field in (memory or {}).items() if field in offered}
    keys = keys_of(headers)
    fields: list[str | None] = [
        LEFT_OUT if not key else said.get(key, known.get(key.partition("#")[0])) for key in keys
    ]
    if memory is None:
        if "last_name" in fields and "first_name" not in fields and "name" in fields:
            # "Nombre" beside "Apellidos" is the first name.
            fields[fields.index("name")] = "first_name"
        seen: set[str] = set()
        for number, field in enumerate(fields):
            if field in seen:
                fields[number] = None
            elif field:
                seen.add(field)
    return fields


def keys_of(headers: Sequence[str]) -> list[str]:
    """Give the key of each column: its folded name, and a number where several bear the same."""
    keys: list[str] = []
    for header in headers:
        key = folded(header)
        again = sum(one.partition("#")[0] == key for one in keys)
        keys.append(f"{key}#{again + 1}" if key and again else key)
    return keys


def memory_key(headers: Sequence[str]) -> str:
    """Give the key under which it is remembered what such columns hold, in whatever order they stand."""
    return hashlib.sha256(json.dumps(sorted(keys_of(headers))).encode()).hexdigest()


def mistake_in(fields: Iterable[str], labels: Mapping[str, object] = FIELDS) -> str | None:
    """Say what stands against reading the columns this way, or None; labels: the words of each field."""
    chosen = [field for field in fields if field]
    twice = next((field for field in chosen if chosen.count(field) > 1), None)
    if twice:
        return str(_("“%(field)s” is chosen for two columns. Choose one.", field=labels[twice]))
    if not {"name", "first_name", "last_name"} & set(chosen):
        return str(_("Say which column holds the name."))
    if not {"email", "phone"} & set(chosen):
        return str(_("Say which column holds the email address, or the telephone number."))
    if "name" in chosen and {"first_name", "last_name"} & set(chosen):
        return str(_("Choose either the whole name, or first and last name."))
    return None


def is_person(headers: Sequence[str]) -> bool:
    """Say whether the first row is no names of columns but somebody already, who must be remembered by nobody."""
    return any("@" in header for header in headers)
