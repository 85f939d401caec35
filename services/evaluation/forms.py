"""What the pages of HES-SO send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, pre_load

from chassis.i18n import mark as _

_PARTS = ("day", "month", "year")


@dataclass(frozen=True)
class CompleteWave:
    """The participant has answered on this day."""

    completed_on: date


class CompletionForm(Schema):
    """Three fields of a date, `completed_on-day`, `-month` and `-year`."""

    class Meta:
        unknown = EXCLUDE

    completed_on = fields.Date(required=True, format="iso", error_messages={"required": _("Enter the day.")})

    @pre_load
    def _join(self, typed: Mapping[str, str], **_: object) -> dict[str, str]:
        day, month, year = parts_of(typed)
        return {"completed_on": f"{year:0>4}-{month:0>2}-{day:0>2}"} if day or month or year else {}

    @post_load
    def _command(self, values: dict[str, Any], **_: object) -> CompleteWave:
        return CompleteWave(**values)


def parts_of(typed: Mapping[str, str]) -> tuple[str, str, str]:
    """Day, month and year as they were typed."""
    day, month, year = (typed.get(f"completed_on-{part}", "") for part in _PARTS)
    return day, month, year
