"""What an administrator types to let another system in."""

from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, post_load, validates

from chassis.asked import Number
from chassis.i18n import mark as _
from contracts.people import ALL_AREAS, SCOPES
from contracts.vocabulary import CMS_AREAS
from services.referral.domain import IssueToken
from services.referral.forms.inputs import Choice, Choices, Text
from services.referral.forms.schemas import Form

LONGEST = 730  #: days that a token may be good for


class TokenForm(Form):
    organisation = Text(_("Enter the organisation whose system it is."), max=80)
    area = Choice(_("Choose for which CMS it may send and see."), (*CMS_AREAS, ALL_AREAS))
    scopes = Choices(SCOPES)
    days = Number(_("Enter for how many days the token is good, from 1 to %(most)s."), 1, LONGEST)

    @validates("scopes")
    def _some(self, value: Any, **_kwargs: Any) -> None:
        if not value:
            raise ValidationError(_("Choose at least one."))

    @post_load
    def _command(self, read: dict[str, Any], **_kwargs: Any) -> IssueToken:
        return IssueToken(
            organisation=read["organisation"],
            areas=[read["area"]],
            scopes=list(read["scopes"]),
            lasting=timedelta(days=read["days"]),
        )
