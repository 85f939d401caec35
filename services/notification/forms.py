"""What the partners' page sends."""

from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load
from marshmallow.validate import Length, OneOf

from chassis import asked
from chassis.i18n import mark as _
from contracts.vocabulary import LANGUAGES
from services.notification.handlers.texts import SAID


@dataclass(frozen=True)
class ChangePartner:
    """How a partner is reached from now on, and what it is told of."""

    email: str | None
    language: str
    told_of: list[str]


class PartnerForm(Schema):
    """An empty address means: in the inbox alone."""

    class Meta:
        unknown = EXCLUDE

    email = fields.Email(load_default=None, validate=Length(max=200))
    language = asked.OneOf(_("Choose French or German."), LANGUAGES)
    told_of = fields.List(fields.String(validate=OneOf(list(SAID))), load_default=list)

    @post_load
    def _command(self, values: dict[str, Any], **_: object) -> ChangePartner:
        return ChangePartner(**values)
