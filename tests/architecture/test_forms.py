"""Every form says in its own words what each of its fields asks for."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest
from marshmallow import Schema, fields

import services

_GENERIC = set(fields.Field.default_error_messages.values())


def modules() -> Iterator[ModuleType]:
    """What each service's pages and API calls are read by."""
    for service in pkgutil.iter_modules(services.__path__, "services."):
        forms = importlib.import_module(f"{service.name}.forms")
        yield forms
        for part in pkgutil.iter_modules(getattr(forms, "__path__", ()), f"{forms.__name__}."):
            yield importlib.import_module(part.name)


def forms() -> dict[str, type[Schema]]:
    """Every form by its full name."""
    return {
        f"{module.__name__}.{name}": form
        for module in modules()
        for name, form in inspect.getmembers(module, inspect.isclass)
        if issubclass(form, Schema) and form.__module__ == module.__name__
    }


def vague(form: type[Schema]) -> list[str]:
    """Fields that have to be answered, and answer nothing with marshmallow's own words."""
    declared = form._declared_fields.items()
    return [name for name, field in declared if field.required and _said_to_nothing(field) in _GENERIC]


def _said_to_nothing(field: fields.Field) -> str:
    return str(field.make_error("required").messages[0])


def test_there_are_forms_to_look_at() -> None:
    assert {name.split(".")[1] for name in forms()} == {
        "evaluation",
        "identity",
        "notification",
        "placement",
        "referral",
    }


@pytest.mark.parametrize("name", forms())
def test_every_field_says_what_it_asks_for(name: str) -> None:
    assert vague(forms()[name]) == []


def test_a_vague_field_is_found() -> None:
    class Planted(Schema):
        name = fields.String(required=True)
        note = fields.String()
        town = fields.String(required=True, error_messages={"required": "Enter the town."})

    assert vague(Planted) == ["name"]
