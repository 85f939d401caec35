"""What people and programs type, one class a kind of value: each reads it or says in a sentence what is wrong.

Messages are English sentences of the catalogue; they are translated where they are shown. `json_schema` says the
same to programs; what it cannot say (a check digit, a day that exists) is found when it is read.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import phonenumbers
from marshmallow import ValidationError, fields, validate
from marshmallow import missing as absent
from stdnum.ch import ssn

from chassis.days import read_day
from chassis.i18n import mark as _
from services.referral.domain import communes

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: what stands before and between the digits of an AVS number, or before a postal code
_AROUND_AVS = re.compile(r"(?i)^(?:n[°o]\.?\s*)?(?:avs|ahv)\b|[^\w]|_")
_COUNTRY = re.compile(r"(?i)^ch[\s-]*")

SHORT = 100  #: characters of a name or a line of an address
LONG = 2000  #: characters of a reason


class Text(fields.Field[str]):
    """Words on one line, or on several; `missing` is what to say where there are none."""

    def __init__(self, missing: str = "", *, max: int = SHORT, lines: bool = False) -> None:
        required = bool(missing)
        nothing = absent if required else None
        super().__init__(required=required, load_default=nothing, error_messages={"required": missing})
        self.max = max
        self.lines = lines

    @property
    def json_schema(self) -> dict[str, Any]:
        """What programs are told; where nothing is an answer, so is null."""
        return self.shape if self.required else _or_null(self.shape)

    @property
    def shape(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max} | ({"pattern": r"\S"} if self.required else {})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError("Not a valid string.")
        if _CONTROL.search(value):
            raise ValidationError(_("Remove the invisible characters."))
        text = value if self.lines else " ".join(value.split())
        if len(text) > self.max:
            raise ValidationError(f"Longer than maximum length {self.max}.")  # as marshmallow says it
        return self.read(text)

    def read(self, text: str) -> Any:
        return text


class AvsNumber(Text):
    """Thirteen digits that begin with 756 and end with their check digit (EAN-13), whatever stands between them;
    read as 756.1234.5678.97."""

    @property
    def shape(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^756\.?\d{4}\.?\d{4}\.?\d{2}$", "examples": ["756.1234.5678.97"]}

    def read(self, text: str) -> str:
        digits = _AROUND_AVS.sub("", text)
        if not ssn.is_valid(digits):
            raise ValidationError(
                _("This AVS number is not valid. Check its 13 digits: they begin with 756, and the last one checks.")
            )
        return ssn.format(ssn.compact(digits))


class PostalCode(Text):
    @property
    def shape(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^[1-9]\d{3}$", "examples": ["1950"]}

    def read(self, text: str) -> str:
        code = _COUNTRY.sub("", text)
        if not re.fullmatch(r"[1-9]\d{3}", code, re.ASCII):
            raise ValidationError(_("The postal code has four digits, for example 1950."))
        return code


class Phone(Text):
    """A telephone number, Swiss where it has no country code; read as +41 79 555 12 34."""

    @property
    def shape(self) -> dict[str, Any]:
        return super().shape | {"examples": ["+41 79 555 12 34"]}

    def read(self, text: str) -> str:
        try:
            number = phonenumbers.parse(text, "CH")
        except phonenumbers.NumberParseException as error:
            raise self._wrong() from error
        if not phonenumbers.is_valid_number(number):
            raise self._wrong()
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    def _wrong(self) -> ValidationError:
        return ValidationError(_("This telephone number is not valid. Write it for example as 079 555 12 34."))


class Email(Text):
    _check = validate.Email(error=_("This e-mail address is not valid. Write it for example as name@example.ch."))

    @property
    def shape(self) -> dict[str, Any]:
        return super().shape | {"format": "email"}

    def read(self, text: str) -> str:
        return self._check(text)


class Day(Text):
    """A day as people type it, 22.11.2026 or 22.11.26, or as programs send it, 2026-11-22."""

    latest: date | None = None  #: what two digits of a year lie before

    @property
    def shape(self) -> dict[str, Any]:
        return {"type": "string", "format": "date", "examples": ["1980-01-31"]}

    def read(self, text: str) -> date:
        try:
            return read_day(text, self.latest)
        except ValueError as error:
            raise ValidationError(_("Write the date as day.month.year, for example 31.01.1980.")) from error


class Choice(Text):
    """One of the codes of a list; anything else is answered with the same sentence as nothing."""

    def __init__(self, missing: str, codes: Sequence[str], default: str | None = None) -> None:
        super().__init__(missing, max=LONG)
        self.codes = codes
        self.wrong = missing
        if default is not None:
            self.required, self.load_default = False, default

    @property
    def shape(self) -> dict[str, Any]:
        return {"type": "string", "enum": [str(code) for code in self.codes]}

    def read(self, text: str) -> str:
        if text not in self.codes:
            raise ValidationError(self.wrong)
        return text


class Consent(Choice):
    """A yes or a no, read as True or False."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing, ("yes", "no"))

    def read(self, text: str) -> Any:
        return super().read(text) == "yes"


class CommuneNumber(Text):
    """Federal number of a commune of the canton, as digits or as a number; read as an int."""

    @property
    def shape(self) -> dict[str, Any]:
        return {
            "type": ["integer", "string"],
            "minimum": 6000,
            "maximum": 6999,
            "pattern": r"^6\d{3}$",
            "examples": [6266],
        }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return super()._deserialize(str(value) if is_number else value, attr, data, **kwargs)

    def read(self, text: str) -> Any:
        if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or int(text) not in communes():
            raise ValidationError(_("There is no commune of the canton with this name or number."))
        return int(text)


class Choices(fields.Field[tuple[str, ...]]):
    """Several codes of a list, each counted once, in the list's order."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(load_default=())
        self.codes = codes

    @property
    def json_schema(self) -> dict[str, Any]:
        return {"type": ["array", "null"], "items": {"type": "string", "enum": [*self.codes]}}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or any(each not in self.codes for each in value):
            raise ValidationError(_("Choose interests from the list."))
        return tuple(code for code in self.codes if code in value)


def _or_null(shape: dict[str, Any]) -> dict[str, Any]:
    types = [shape["type"]] if isinstance(shape["type"], str) else shape["type"]
    choices = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return shape | {"type": [*types, "null"]} | choices
