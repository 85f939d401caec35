"""What an event is: a frozen dataclass that knows its type and its schema."""

import typing
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from types import UnionType
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

from marshmallow import RAISE, Schema, validate
from marshmallow import fields as shapes

#: every event ever declared, by type (which is also its routing key)
CATALOGUE: dict[str, type["Event"]] = {}

_SHAPES: dict[Any, Callable[..., shapes.Field]] = {
    str: shapes.String,
    int: lambda **options: shapes.Integer(strict=True, **options),
    bool: lambda **options: shapes.Boolean(truthy={True}, falsy={False}, **options),
    date: shapes.Date,
    datetime: lambda **options: shapes.AwareDateTime(format="iso", **options),
}


class _EventSchema(Schema):
    class Meta:
        unknown = RAISE
        dateformat = "iso"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to one referral, or to one account: its subject, and what order is kept by."""

    TYPE: ClassVar[str]
    SCHEMA: ClassVar[Schema]
    ERASES: ClassVar[bool] = False  #: whether nothing may be known of the subject from now on

    #: the referral's number (`ISA-2026-000123`) or, where identity tells it, the account's id
    reference: str = field(metadata={"validate": validate.Length(min=1, max=40)})

    def to_data(self) -> dict[str, Any]:
        """The event as JSON-ready values, ISO 8601 for dates and times (UTC offset kept)."""
        return typing.cast(dict[str, Any], self.SCHEMA.dump(self))

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """The event that `data` describes; raises marshmallow.ValidationError naming each wrong field."""
        values = typing.cast(dict[str, Any], cls.SCHEMA.load(data))
        fitted: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
        return cls(**fitted)


_E = TypeVar("_E", bound=Event)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def event(type_: str) -> Callable[[type[_E]], type[_E]]:
    """Declares a class as the event `type_`: freezes it, derives its schema, enters it in the catalogue."""

    def declare(cls: type[_E]) -> type[_E]:
        frozen = dataclass(frozen=True, kw_only=True)(cls)
        hints = typing.get_type_hints(frozen)
        shape = {f.name: _shape(hints[f.name], f) for f in fields(frozen)}
        frozen.TYPE = type_
        frozen.SCHEMA = _EventSchema.from_dict(dict(shape), name=cls.__name__)()
        if type_ in CATALOGUE:
            raise TypeError(f"{type_} is declared twice")
        CATALOGUE[type_] = frozen
        return frozen

    return declare


def _shape(hint: Any, declared: Any) -> shapes.Field:
    options: dict[str, Any] = {"required": declared.default is MISSING}
    if declared.default is not MISSING:
        options["load_default"] = declared.default
    if typing.get_origin(hint) in (typing.Union, UnionType):
        hint = next(each for each in typing.get_args(hint) if each is not type(None))
        options["allow_none"] = True
    if "validate" in declared.metadata:
        options["validate"] = declared.metadata["validate"]
    if typing.get_origin(hint) is tuple:
        return shapes.List(_SHAPES[typing.get_args(hint)[0]](), **options)
    return _SHAPES[hint](**options)
