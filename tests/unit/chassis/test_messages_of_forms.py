"""Whatever marshmallow finds wrong is said in French and German, in words of ours."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema, ValidationError, fields, validate

from chassis.i18n import Catalogue, mark
from chassis.settings import Settings
from chassis.web import errors_for_people, make_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    settings = Settings.read({}, data=Path(tmp_path_factory.mktemp("forms")), create=True)
    return make_app(
        SimpleNamespace(name="test", settings=settings),
        [],
        Catalogue("services.identity"),
        session_check=lambda person, began: True,
    )


def told(app: Flask, error: ValidationError, language: str = "fr", labels: Any = ()) -> dict[str, list[str]]:
    with app.test_request_context("/"):
        return errors_for_people(error, labels, language)


def of_fields() -> Iterator[str]:
    """Every message that a field or a schema of marshmallow may give when it loads."""
    for kind in (Schema, *(each for _, each in inspect.getmembers(fields, inspect.isclass))):
        messages = getattr(kind, "_default_error_messages", None) or getattr(kind, "default_error_messages", {})
        for key, message in messages.items():
            if key != "format":  # of dumping only
                yield message.format(obj_type="datetime", awareness="aware", choices="a, b", input="x")


def of_validators() -> Iterator[str]:
    """What each validator says when it finds a fault."""
    tries: list[tuple[Any, Any]] = [
        (validate.Length(min=1), ""), (validate.Length(min=3), ""), (validate.Length(max=3), "long"),
        (validate.Length(min=1, max=3), ""), (validate.Length(min=2, max=3), ""), (validate.Length(equal=3), ""),
        (validate.Range(min=3), 1), (validate.Range(max=3), 9), (validate.Range(min=3, max=5), 1),
        (validate.Range(min=3, min_inclusive=False), 1), (validate.Range(max=3, max_inclusive=False), 9),
        (validate.OneOf(["a", "b"]), "c"), (validate.ContainsOnly(["a"]), ["b"]), (validate.Regexp("a"), "b"),
        (validate.Email(), "b"), (validate.URL(), "b"), (validate.NoneOf(["a"]), "a"), (validate.Equal("a"), "b"),
    ]  # fmt: skip
    for validator, wrong in tries:
        with pytest.raises(ValidationError) as error:
            validator(wrong)
        yield from error.value.messages


MESSAGES = sorted({*of_fields(), *of_validators()})


def test_there_are_messages_to_look_at() -> None:
    assert len(MESSAGES) > 30


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("language", ["fr", "de"])
def test_no_english_message_reaches_people(app: Flask, message: str, language: str) -> None:
    [said] = told(app, ValidationError({"field": [message]}), language)["field"]
    assert said != message
    assert "%" not in said


def test_figures_are_kept_in_the_sentence(app: Flask) -> None:
    error = ValidationError(
        {"name": ["Longer than maximum length 40."], "age": ["Must be greater than or equal to 18."]}
    )
    assert told(app, error) == {"name": ["Utilisez au plus 40 caractères."], "age": ["Entrez 18 ou plus."]}


def test_a_schemas_own_sentence_is_said_in_the_language_with_what_it_fills_in(app: Flask) -> None:
    error = ValidationError({"new": [mark("Use at least %(n)s characters.", n=12)]})
    assert told(app, error, "de") == {"new": ["Verwenden Sie mindestens 12 Zeichen."]}


def test_faults_come_in_the_order_of_the_form(app: Flask) -> None:
    error = ValidationError({"z": ["Unknown field."], "b": ["Unknown field."], "a": ["Unknown field."]})
    assert list(told(app, error, labels={"a": "A", "b": "B"})) == ["a", "b", "z"]


def test_faults_inside_lists_and_objects_say_where(app: Flask) -> None:
    class Inner(Schema):
        name = fields.String(required=True)

    class Outer(Schema):
        inner = fields.Nested(Inner)
        tags = fields.List(fields.Integer())

    with pytest.raises(ValidationError) as error:
        Outer().load({"inner": {}, "tags": [1, "x"]})
    assert set(told(app, error.value)) == {"inner.name", "tags.1"}
    with pytest.raises(ValidationError) as error:
        Outer().load([])  # type: ignore[arg-type]
    assert told(app, error.value) == {"_schema": ["Envoyez un objet JSON."]}
