"""What an administrator types to change the rules."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from chassis.asked import Number
from chassis.i18n import mark as _
from contracts.vocabulary import REGIONS
from services.referral.domain import WAIVABLE
from services.referral.domain.rules import ProposeRules
from services.referral.forms.inputs import Choices, Day, Text
from services.referral.forms.schemas import Form

_OLDEST = 120
_LATEST = date(2999, 12, 31)


class RulesForm(Form):
    """A version as it is proposed."""

    minimum_age = Number(_("Enter the lowest age in years, from 0 to %(most)s."), 0, _OLDEST)
    reference_age = Number(_("Enter the age from which one is too old, from 0 to %(most)s."), 0, _OLDEST)
    open_regions = Choices(REGIONS)
    required_criteria = Choices(WAIVABLE)
    note = Text(_("Say in a few words why the rules are to change."), max=500, lines=True)

    @validates_schema
    def _ages(self, read: Mapping[str, Any], **_kwargs: Any) -> None:
        if read["reference_age"] <= read["minimum_age"]:
            raise ValidationError({"reference_age": [_("The age from which one is too old is above the lowest age.")]})

    @validates_schema
    def _regions(self, read: Mapping[str, Any], **_kwargs: Any) -> None:
        if not read["open_regions"]:
            raise ValidationError({"open_regions": [_("Choose at least one region.")]})

    @post_load
    def _command(self, read: dict[str, Any], **_kwargs: Any) -> ProposeRules:
        required = read.pop("required_criteria")
        return ProposeRules(**read, waived=tuple(code for code in WAIVABLE if code not in required))


class AdoptionForm(Form):
    """The day from which a version holds; `today` is the first that can be chosen."""

    valid_from = Day(_("Enter the day."))

    def __init__(self, today: date) -> None:
        super().__init__()
        self.today = today

    @validates_schema
    def _not_over(self, read: Mapping[str, Any], **_kwargs: Any) -> None:
        if not self.today <= read["valid_from"] <= _LATEST:
            raise ValidationError({"valid_from": [_("Choose today or a later day.")]})

    @post_load
    def _day(self, read: dict[str, Any], **_kwargs: Any) -> date:
        return read["valid_from"]
