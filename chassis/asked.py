"""Fields of forms that ask for one thing in one sentence, which also answers whatever else is typed, or nothing."""

from collections.abc import Iterable
from typing import Any

from marshmallow import ValidationError, fields

from chassis.i18n import mark


class OneOf(fields.String):
    """One of these codes."""

    def __init__(self, asked: str, codes: Iterable[str], *, required: bool = True) -> None:
        super().__init__(required=required)
        self.asked, self.codes = asked, tuple(codes)

    def make_error(self, key: str, **_told: Any) -> ValidationError:
        return ValidationError(self.asked)

    def _deserialize(self, value: Any, *where: Any, **options: Any) -> str:
        code = super()._deserialize(value, *where, **options)
        if code not in self.codes:
            raise self.make_error("invalid")
        return code


class Number(fields.Integer):
    """A whole number from `least` to `most`, which the sentence may name: `%(least)s`, `%(most)s`."""

    def __init__(self, asked: str, least: int, most: int) -> None:
        super().__init__(required=True)
        self.asked, self.least, self.most = asked, least, most

    def make_error(self, key: str, **_told: Any) -> ValidationError:
        # not of `error_messages`: what is to be filled in would be lost there
        return ValidationError(mark(self.asked, least=self.least, most=self.most))

    def _deserialize(self, value: Any, *where: Any, **options: Any) -> int:
        number = super()._deserialize(value, *where, **options)
        if not self.least <= number <= self.most:
            raise self.make_error("invalid")
        return number
