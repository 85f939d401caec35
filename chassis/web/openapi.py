"""An API's document (OpenAPI 3.1), made of what the API itself runs on: its routes, schemas and scopes."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema, fields, validate

from chassis.i18n import LANGUAGES
from chassis.i18n import mark as _

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"

#: what can go wrong with any call of its kind
_USUAL: Final = {
    400: _("What was sent is no JSON"),
    401: _("The token is missing or wrong, was ended, or has expired"),
    403: _("The token does not allow this"),
    404: _("There is none, or the token does not allow to see it"),
    413: _("Too much was sent at once"),
    415: _("What was sent does not say that it is JSON"),
    422: _("Something in what was sent is not right; each field is named"),
    503: _("Out of service at the moment: try again"),
}

_RULE = re.compile(r"<(?:\w+:)?(\w+)>")


class ProblemError(Schema):
    """One thing that is wrong with what was sent: where in the body, or which parameter of the address."""

    pointer = fields.String(metadata={"description": _("JSON pointer into the body (RFC 6901), as a URI fragment")})
    parameter = fields.String(metadata={"description": _("name of a parameter of the address or of a header")})
    detail = fields.String(required=True, metadata={"description": _("what is wrong, in the language asked for")})


class Problem(Schema):
    """RFC 9457; the texts are in the language of Accept-Language."""

    type = fields.String(required=True, metadata={"format": "uri-reference"})
    title = fields.String(required=True)
    status = fields.Integer(required=True, validate=validate.Range(400, 599))
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(ProblemError))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an operation answers when all went well: in words, its body (None: empty), the headers that it adds."""

    text: str
    body: type[Schema] | None = None
    content_type: str = JSON
    headers: Mapping[str, str] | None = None  #: header -> what it says


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What a route does, as its callers are told. Path and scope are the route's own, and not repeated here."""

    summary: str
    description: str = ""
    answers: Mapping[int, Answer]
    body: Schema | None = None
    query: type[Schema] | None = None
    headers: Sequence[Mapping[str, Any]] = ()  #: parameters, as OpenAPI writes them, without `in`
    problems: Mapping[int, str] | None = None  #: statuses of its own -> when; those of every route are added
    problem: type[Schema] = Problem
    problem_type: str = PROBLEM


def described(**told: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Tells of a view what `Operation` holds; a route without it is not part of the document."""

    def note(view: Callable[..., Any]) -> Callable[..., Any]:
        view.operation = Operation(**told)  # type: ignore[attr-defined]  # read where the document is made
        return view

    return note


def document(
    app: Flask, info: Mapping[str, Any], *, parameters: Mapping[str, Mapping[str, Any]], labels: Mapping[str, str]
) -> dict[str, Any]:
    """The whole document. `parameters`: the schema of each part of a path; `labels`: what fields are called."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _class_of(schema).__name__)
    told = {key: info[key] for key in ("title", "version")}
    spec = APISpec(openapi_version="3.1.0", plugins=[plugin], info=info, **told)
    plugin.converter.add_attribute_function(lambda _self, field, ret, **_more: _described_field(field, ret, labels))  # type: ignore[union-attr]
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    spec.components.parameter("Accept-Language", "header", {"schema": {"type": "string", "examples": [*LANGUAGES]}})
    for path, method, view in _routes(app):
        operation = _operation(view.operation, getattr(view, "required_scope", None), path, parameters)
        spec.path(path=_RULE.sub(r"{\1}", path), operations={method: operation})
    return spec.to_dict()


def _routes(app: Flask) -> Iterator[tuple[str, str, Any]]:
    """(rule, method, view) of all that is described, in the order of the addresses."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        if hasattr(view, "operation"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule.rule, method.lower(), view


def _operation(
    told: Operation, scope: str | None, path: str, parameters: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """One operation as OpenAPI writes it."""
    names = _RULE.findall(path)
    made: dict[str, Any] = {
        "summary": told.summary,
        "description": told.description,
        "parameters": [
            *({"name": name, "in": "path", "required": True, **parameters[name]} for name in names),
            *([{"in": "query", "schema": told.query}] if told.query else []),
            *({"in": "header", **header} for header in told.headers),
            "Accept-Language",
        ],
        "responses": {str(status): _answer(answer) for status, answer in sorted(told.answers.items())}
        | {str(status): _problem(told, text) for status, text in sorted(_problems(told, scope, bool(names)).items())},
    }
    if told.body is not None:
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": told.body}}}
    return made | ({"security": [{"token": [scope]}]} if scope else {"security": []})


def _problems(told: Operation, scope: str | None, is_about_one: bool) -> dict[int, str]:
    """What can go wrong, status by status: what every route of its kind may answer, and what is its own."""
    possible = [503]
    possible += [401, 403] if scope else []
    possible += [404] if is_about_one else []
    possible += [400, 413, 415, 422] if told.body is not None else []
    possible += [422] if told.query or told.headers else []
    return {status: _USUAL[status] for status in possible} | dict(told.problems or {})


def _answer(answer: Answer) -> dict[str, Any]:
    made: dict[str, Any] = {"description": answer.text}
    if answer.body is not None:
        made["content"] = {answer.content_type: {"schema": answer.body}}
    if answer.headers:
        made["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in answer.headers.items()
        }
    return made


def _problem(told: Operation, text: str) -> dict[str, Any]:
    return {"description": text, "content": {told.problem_type: {"schema": told.problem}}}


def _described_field(field: Any, made: dict[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """What a field says of itself (`json_schema`), and what people call it."""
    more = dict(getattr(field, "json_schema", {}))
    label = labels.get(field.name or "")
    if label and "description" not in made:
        more["description"] = label
    if field.load_default is None:
        made.pop("default", None)  # absent and null are the same
    return more


def _class_of(schema: Any) -> Any:
    return schema if isinstance(schema, type) else type(schema)
