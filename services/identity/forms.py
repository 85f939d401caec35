"""What the pages of accounts send."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from chassis.i18n import LANGUAGES
from chassis.i18n import mark as _
from contracts import people
from contracts.vocabulary import CMS_AREAS, REGIONS
from services.identity.domain import MAX_PASSWORD, MIN_PASSWORD
from services.identity.handlers import CreateAccount

#: partners whose people have the role partner; the others are known by their role
PARTNERS = ("ville-de-sion",)

PASSWORD_REFUSED = {
    "too_short": _("Use at least %(n)s characters.", n=MIN_PASSWORD),
    "too_long": _("Use at most %(n)s characters.", n=MAX_PASSWORD),
    "too_simple": _("Use more different characters."),
    "like_name": _("The password must not hold your name or your e-mail address."),
}


class _Form(Schema):
    class Meta:
        unknown = RAISE


class SignInForm(_Form):
    email = fields.String(required=True, validate=validate.Length(max=254))
    password = fields.String(required=True, validate=validate.Length(max=1000))
    next = fields.String()


class FirstPasswordForm(_Form):
    new_password = fields.String(required=True)
    repeated_password = fields.String(required=True)

    @validates_schema
    def _same(self, data: dict[str, Any], **_options: Any) -> None:
        if "new_password" in data and "repeated_password" in data and data["new_password"] != data["repeated_password"]:
            raise ValidationError(_("The two passwords are not the same."), "repeated_password")


class PasswordForm(FirstPasswordForm):
    current_password = fields.String(required=True, validate=validate.Length(max=1000))


class LanguageForm(_Form):
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))


class AccountForm(_Form):
    """A new account -> CreateAccount."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    email = fields.Email(required=True, validate=validate.Length(max=254))
    role = fields.String(required=True, validate=validate.OneOf(people.ROLES))
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    area = fields.String(validate=validate.OneOf(CMS_AREAS))
    partner = fields.String(validate=validate.OneOf(PARTNERS))
    region = fields.String(validate=validate.OneOf(REGIONS))

    @validates_schema(skip_on_field_errors=False)
    def _place(self, data: dict[str, Any], **_options: Any) -> None:
        needed = {people.CMS: ("area",), people.PARTNER: ("partner", "region")}.get(data.get("role", ""), ())
        missing = [name for name in needed if name not in data]
        if missing:
            raise ValidationError({name: [_("Fill in this field.")] for name in missing})

    @post_load
    def _command(self, data: dict[str, Any], **_options: Any) -> CreateAccount:
        kept = {people.CMS: {"area"}, people.PARTNER: {"partner", "region"}}.get(data["role"], set())
        dropped = {"area", "partner", "region"} - kept
        return CreateAccount(**{name: value for name, value in data.items() if name not in dropped})
