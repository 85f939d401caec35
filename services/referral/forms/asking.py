"""What a program asks for in the address: which referrals, and which page of them."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from chassis.clock import read_instant
from chassis.i18n import mark as _
from contracts.vocabulary import CMS_AREAS, REGIONS
from services.referral.domain import State
from services.referral.forms.schemas import Form

#: where a page ends, and the next one goes on: time of submission and reference of its last referral
Place = tuple[datetime, str]

LONGEST = 100  #: referrals on one page at most


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which referrals are asked for; days count in Switzerland, the last one included."""

    status: State | None = None
    cms_area: str | None = None
    region: str | None = None
    submitted_from: date | None = None
    submitted_to: date | None = None
    after: Place | None = None
    limit: int = LONGEST


_USUAL = 50  #: referrals on a page where nobody says how many
_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)


_REFERENCE = re.compile(r"[A-Z0-9-]{1,40}")


class Cursor(fields.Field[Place]):
    """Where the page before ended, as text that only we read."""

    @property
    def json_schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"] if self.allow_none else "string", "maxLength": 200}

    def _serialize(self, value: Place | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        at, reference = value
        return base64.urlsafe_b64encode(json.dumps([at.isoformat(), reference]).encode()).decode()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Place:
        try:
            at, reference = json.loads(base64.urlsafe_b64decode(value.encode()))
            if not _REFERENCE.fullmatch(reference):
                raise ValueError("no reference")
            return read_instant(at), reference
        except (ValueError, TypeError, RecursionError, binascii.Error) as error:
            raise ValidationError(_("Send the cursor of the page before as it was, or none.")) from error


class ReferralsQuery(Form):
    """Filters of a list; all of them together."""

    status = fields.Enum(State, by_value=True, metadata={"description": _("State of the referral")})
    cms_area = fields.String(validate=validate.OneOf(CMS_AREAS), metadata={"description": _("CMS")})
    region = fields.String(validate=validate.OneOf(REGIONS), metadata={"description": _("Region of residence")})
    submitted_from = fields.Date(
        validate=validate.Range(_EARLIEST, _LATEST), metadata={"description": _("Submitted on this day or later")}
    )
    submitted_to = fields.Date(
        validate=validate.Range(_EARLIEST, _LATEST), metadata={"description": _("Submitted on this day or earlier")}
    )
    limit = fields.Integer(
        load_default=_USUAL,
        validate=validate.Range(1, LONGEST),
        metadata={"description": _("Referrals on one page")},
    )
    cursor = Cursor(attribute="after", metadata={"description": _("The value of next of the page before")})

    @post_load
    def _wanted(self, read: dict[str, Any], **_kwargs: Any) -> Wanted:
        return Wanted(**read)


class FhirQuery(Form):
    """A search in the words of FHIR: `identifier` may name its system before a bar."""

    status = fields.String(load_default=None, validate=validate.Length(1, 40), metadata={"description": _("Status")})
    identifier = fields.String(
        load_default=None,
        attribute="reference",
        validate=validate.Length(1, 200),
        metadata={"description": _("Reference of the referral")},
    )
    count = fields.Integer(
        data_key="_count",
        load_default=_USUAL,
        validate=validate.Range(1, LONGEST),
        metadata={"description": _("Referrals on one page")},
    )
    cursor = Cursor(
        attribute="after", load_default=None, metadata={"description": _("As in the link to the next page")}
    )

    @post_load
    def _without_system(self, read: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        return read | {"reference": (read["reference"] or "").rpartition("|")[2].replace("\x00", "") or None}
