"""The page for those who write the other system: the API's document, to be read by people."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, current_app, render_template, url_for
from markupsafe import Markup, escape

from chassis.web import t
from services.referral.api.document import document_of

blueprint = Blueprint("developers", __name__, url_prefix="/developers")

_Told = Mapping[str, Any]


@blueprint.get("/")
def page() -> str:
    """Public, as the document is."""
    told = document_of(current_app)
    return render_template(
        "referral/developers.html",
        document=url_for("document.fetch"),
        operations=list(_operations(told)),
        shapes=_shapes(told),
    )


def _operations(document: _Told) -> Iterator[dict[str, Any]]:
    for path, by_method in document["paths"].items():
        for method, told in by_method.items():
            yield {
                "name": f"{method.upper()} {path}",
                "breakable": escape(f"{method.upper()} {path}").replace("/", Markup("/<wbr>")),
                "id": f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
                "summary": _say(told["summary"]),
                "description": _say(told["description"]),
                "scope": ", ".join(scope for need in told["security"] for scope in need["token"]),
                "parameters": [_parameter(each) for each in told["parameters"] if "$ref" not in each],
                "body": _name(told.get("requestBody", {})),
                "answers": [
                    (status, _say(each["description"]), _name(each)) for status, each in told["responses"].items()
                ],
            }


def _say(text: str) -> str:
    """A sentence of the document in the reader's language."""
    return t(text) if text else ""


def _parameter(told: _Told) -> list[str]:
    return [told["name"], _say(told.get("description", "")), _kind(told["schema"])]


def _answer(status: str, told: _Told) -> list[str]:
    return [status, _say(told["description"]), _name(told)]


def _shapes(document: _Told) -> list[dict[str, Any]]:
    """Every schema as a table: field, meaning, what it may be, whether it must be there."""
    return [
        {
            "name": name,
            "rows": [
                [field, _say(told.get("description", "")), _kind(told), field in schema.get("required", ())]
                for field, told in schema.get("properties", {}).items()
            ],
        }
        for name, schema in document["components"]["schemas"].items()
    ]


def _kind(schema: _Told) -> str:
    """What a value may be, in the words of JSON Schema, which developers read in any language."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(str(choice) for choice in schema["enum"] if choice is not None)
    if "items" in schema:
        return f"[{_kind(schema['items'])}]"
    types = schema.get("type", "")
    kind = types if isinstance(types, str) else " | ".join(each for each in types if each != "null")
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _name(told: _Told) -> str:
    """The schema of a body, by its name."""
    for content in told.get("content", {}).values():
        return _kind(content["schema"])
    return ""
