"""The blueprint of the API: each route says what it takes and gives, and the OpenAPI document follows from that."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from webinars.api.answers import json_answer, list_body, tag_headers
from webinars.api.bodies import BodyParser
from webinars.api.deeds import LONGEST_KEY, answer_deed

View = TypeVar("View", bound=Callable[..., Any])

_ETAG = {"ETag": {"description": "Names this version, for If-Match.", "schema": {"type": "string"}}}
_LOCATION = {"Location": {"description": "Where it can be read.", "schema": {"type": "string", "format": "uri"}}}
_DEED_HEADERS = [
    {
        "in": "header",
        "name": "Idempotency-Key",
        "description": "The same request under the same key happens once; its answer is given again for a day.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    },
    {
        "in": "header",
        "name": "If-Match",
        "description": "Refuse with 412 unless the thing still has this ETag.",
        "schema": {"type": "string"},
    },
]


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """Routes that read and write JSON; registering it with the application also describes it in the document."""

    ARGUMENTS_PARSER = BodyParser()

    def register(self, app: Flask, options: dict[str, Any]) -> None:
        """Register the routes, then describe them; the table of pages needs to know nothing of that."""
        super().register(app, options)
        extension = app.extensions["flask-smorest"]
        api = extension["apis"][""]["ext_obj"]
        extension["blp_name_to_api"][self.name] = api
        self.register_views_in_doc(api, app, api.spec, name=self.name, parameters=None)

    def shows(self, rule: str, gives: type[Schema]) -> Callable[[View], View]:
        """Add a GET that answers with the thing the view gives."""

        def add(view: View) -> View:
            def answer(*args: Any, **values: Any) -> Response:
                thing = view(*args, **values)
                return json_answer(gives().dump(thing), 200, tag_headers(thing))

            self._add(rule, "GET", view, self.response(200, gives, headers=_ETAG)(answer))
            return view

        return add

    def lists(self, rule: str, gives: type[Schema], takes: type[Schema]) -> Callable[[View], View]:
        """Add a GET that answers with the part of a list the view gives; the view gets the query."""

        def add(view: View) -> View:
            def answer(*args: Any, **values: Any) -> Response:
                part = view(*args, **values)
                return json_answer(list_body(part, gives(many=True).dump(part.items)))

            described = self.response(200, _list_of(gives))(answer)
            self._add(rule, "GET", view, self.arguments(takes, location="query")(described))
            return view

        return add

    def makes(
        self, rule: str, gives: type[Schema], takes: type[Schema], needs_body: bool = True
    ) -> Callable[[View], View]:
        """Add a POST that makes something: 201, or 200 when the view gives what was there before."""

        def add(view: View) -> View:
            answer = self.response(201, gives, headers={**_ETAG, **_LOCATION})(_deed(gives, view))
            answer = self.alt_response(
                200, schema=gives, headers=_ETAG, description="It was there before.", success=True
            )(answer)
            self._add_deed(rule, "POST", view, takes, needs_body, answer)
            return view

        return add

    def changes(
        self, rule: str, gives: type[Schema], takes: type[Schema], method: str = "POST", needs_body: bool = False
    ) -> Callable[[View], View]:
        """Add a POST or PATCH that changes something: 200 with the thing."""

        def add(view: View) -> View:
            answer = self.response(200, gives, headers=_ETAG)(_deed(gives, view))
            self._add_deed(rule, method, view, takes, needs_body, answer)
            return view

        return add

    def _add_deed(self, rule: str, method: str, view: View, takes: type[Schema], needs_body: bool, answer: Any) -> None:
        read = self.arguments(takes, location="json", required=needs_body)(answer)
        self._add(rule, method, view, self.doc(parameters=_DEED_HEADERS)(read))

    def _add(self, rule: str, method: str, view: View, answer: Any) -> None:
        answer = self.doc(operationId=view.__name__)(answer)
        answer.__name__, answer.__doc__, answer.__module__ = view.__name__, view.__doc__, view.__module__
        self.add_url_rule(rule, view.__name__, answer, methods=[method], tags=[rule.split("/")[1]])


def _deed(gives: type[Schema], view: Callable[..., Any]) -> Callable[..., Response]:
    def answer(*args: Any, **values: Any) -> Response:
        return answer_deed(gives, view, args, values)

    return answer


def _list_of(gives: type[Schema]) -> type[Schema]:
    following = fields.Url(
        required=True, allow_none=True, metadata={"description": "The next part; null = this is the last."}
    )
    items = fields.List(fields.Nested(gives), required=True)
    return Schema.from_dict({"items": items, "next": following}, name=f"{gives.__name__}List")


pages = ApiBlueprint("api", __name__)
