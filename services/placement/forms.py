"""What the host's pages send."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, pre_load, validate

from chassis.asked import Number, OneOf
from chassis.i18n import mark as _
from contracts.vocabulary import LANGUAGES, REGIONS
from services.placement.domain import DECLINE_REASONS, END_REASONS, PAUSE_REASONS, Mode
from services.placement.handlers import GroupSettings

MOST_PLACES = 60
MOST_DAYS = 60
_PARTS = ("day", "month", "year")


class _Form(Schema):
    """A date comes in three fields, `<name>-day`, `-month` and `-year`."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def _join_dates(self, typed: Mapping[str, Any], **_options: Any) -> dict[str, Any]:
        days = {name: parts_of(typed, name) for name, field in self.fields.items() if isinstance(field, fields.Date)}
        joined = {
            name: f"{year:0>4}-{month:0>2}-{day:0>2}" for name, (day, month, year) in days.items() if any(days[name])
        }
        return {**typed, **joined}


def _day(missing: str) -> fields.Date:
    return fields.Date(required=True, format="iso", error_messages={"required": missing})


def _reason(codes: tuple[str, ...]) -> fields.String:
    return OneOf(_("Choose a reason."), codes)


class AcceptForm(_Form):
    starts_on = fields.Date(load_default=None, format="iso")


class DeclineForm(_Form):
    reason = _reason(DECLINE_REASONS)


class StartForm(_Form):
    on = _day(_("Enter the first day."))


class PauseForm(_Form):
    on = _day(_("Enter the day."))
    reason = _reason(PAUSE_REASONS)


class ResumeForm(_Form):
    on = _day(_("Enter the day."))


class EndForm(_Form):
    on = _day(_("Enter the day of the end."))
    reason = _reason(END_REASONS)


class GroupForm(_Form):
    """The settings of a group -> GroupSettings."""

    name = fields.String(
        required=True, validate=validate.Length(max=80), error_messages={"required": _("Enter the group’s name.")}
    )
    capacity = Number(_("Enter the number of places, from 0 to %(most)s."), 0, MOST_PLACES)
    is_open = fields.Boolean(
        required=True,
        truthy={"yes"},
        falsy={"no"},
        error_messages=dict.fromkeys(("required", "invalid"), _("Choose one of the possible answers.")),
    )
    mode = fields.Enum(
        Mode,
        by_value=True,
        required=True,
        error_messages=dict.fromkeys(("required", "unknown"), _("Choose one of the possible answers.")),
    )
    offer_days = Number(_("Enter the number of days, from 1 to %(most)s."), 1, MOST_DAYS)

    @post_load
    def _command(self, values: dict[str, Any], **_options: Any) -> GroupSettings:
        return GroupSettings(**values)


class WhereForm(Schema):
    """Where a new group is, and in which language it speaks."""

    class Meta:
        unknown = RAISE

    region = OneOf(_("Choose the region."), REGIONS)
    language = OneOf(_("Choose French or German."), LANGUAGES)


def load_new_group(typed: Mapping[str, Any]) -> tuple[str, str, GroupSettings]:
    """Region, language and settings of a new group; raises ValidationError that names every wrong field."""
    where = {name: typed[name] for name in ("region", "language") if name in typed}
    found: dict[str, Any] = {}
    loaded: list[Any] = []
    for form, values in ((WhereForm(), where), (GroupForm(), dict(typed))):
        try:
            loaded.append(form.load(values))
        except ValidationError as error:
            found |= error.normalized_messages()
    if found:
        raise ValidationError(found)
    return loaded[0]["region"], loaded[0]["language"], loaded[1]


def code_of(name: str) -> str:
    """`OSEO Haut-Valais (Visp)` -> `oseo-haut-valais-visp`: how a new group is called in events and addresses."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]+", "-", "".join(sign for sign in plain if not unicodedata.combining(sign)))[:40].strip(
        "-"
    )


def parts_of(typed: Mapping[str, Any], name: str) -> tuple[str, str, str]:
    """Day, month and year as they were typed."""
    day, month, year = (str(typed.get(f"{name}-{part}", "")) for part in _PARTS)
    return day, month, year
