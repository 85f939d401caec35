"""What the API answers, as it is written and as its document tells it."""

from typing import Any

from marshmallow import Schema, fields

from chassis.i18n import mark as _
from services.referral.domain import Result, State
from services.referral.forms.asking import Cursor


def _text(description: str, *, optional: bool = False) -> Any:
    return fields.String(required=True, allow_none=optional, metadata={"description": description})


def _moment(description: str) -> Any:
    return fields.AwareDateTime(format="iso", required=True, metadata={"description": description})


def _status() -> Any:
    return fields.Enum(State, by_value=True, required=True, metadata={"description": _("where the referral stands")})


class SentReferral(Schema):
    """A referral that was taken."""

    reference = _text(_("how it is called from now on, ISA-year-number"))


class ReferralStatus(Schema):
    """A referral that was changed."""

    reference = _text(_("how it is called"))
    status = _status()


class ListedReferral(Schema):
    """A referral in a list: nothing about the person."""

    reference = _text(_("how it is called"))
    status = _status()
    cms_area = _text(_("the CMS that referred"))
    region = _text(_("programme region of the commune of residence"), optional=True)
    submitted_at = _moment(_("when it was submitted, or submitted again"))


class ReferralList(Schema):
    """One page, the newest referral first."""

    referrals = fields.List(fields.Nested(ListedReferral), required=True)
    next = Cursor(
        required=True,
        allow_none=True,
        metadata={"description": _("cursor of the next page; null where this is the last")},
    )


class CriterionView(Schema):
    """How one criterion of eligibility came out."""

    code = _text(_("the criterion"))
    result = fields.Enum(Result, by_value=True, required=True)
    reason = _text(_("why, in the language asked for"))


class PlacementView(Schema):
    """What OSEO Valais says."""

    group = _text(_("code of the group"), optional=True)
    position = fields.Integer(
        required=True, allow_none=True, metadata={"description": _("position on the waiting list")}
    )
    reason = _text(_("why, in the language asked for"), optional=True)


class EntryView(Schema):
    """One thing that happened."""

    at = _moment(_("when"))
    event = _text(_("type of the event that told it"))
    text = _text(_("what happened, in the language asked for"))


class ReferralView(Schema):
    """A referral and its way so far."""

    reference = _text(_("how it is called"))
    status = _status()
    cms_area = _text(_("the CMS that referred"))
    region = _text(_("programme region of the commune of residence"), optional=True)
    submitted_at = _moment(_("when it was submitted, or submitted again"))
    rules_version = _text(_("version of the rules that decided; null before"), optional=True)
    criteria = fields.List(fields.Nested(CriterionView), required=True)
    placement = fields.Nested(PlacementView, required=True)
    timeline = fields.List(fields.Nested(EntryView), required=True)
