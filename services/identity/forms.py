"""What the pages of accounts send."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from chassis.i18n import LANGUAGES
from chassis.i18n import mark as _
from contracts import people
from contracts.vocabulary import CMS_AREAS, REGIONS
from services.identity.domain import MAX_PASSWORD, MIN_PASSWORD, Details

#: partners whose people have the role partner; the others are known by their role
PARTNERS = ("ville-de-sion",)

PASSWORD_REFUSED = {
    "too_short": _("Use at least %(n)s characters.", n=MIN_PASSWORD),
    "too_long": _("Use at most %(n)s characters.", n=MAX_PASSWORD),
    "too_simple": _("Use more different characters."),
    "like_name": _("The password must not hold your name or your e-mail address."),
    "common": _("This password is easy to guess. A few words that belong together only for you are harder."),
}


class _Form(Schema):
    class Meta:
        unknown = RAISE


class SignInForm(_Form):
    email = fields.String(
        required=True, validate=validate.Length(max=254), error_messages={"required": _("Enter your e-mail address.")}
    )
    password = fields.String(
        required=True, validate=validate.Length(max=1000), error_messages={"required": _("Enter your password.")}
    )
    next = fields.String()


class FirstPasswordForm(_Form):
    new_password = fields.String(required=True)
    repeated_password = fields.String(required=True)

    @validates_schema
    def _same(self, data: dict[str, Any], **_options: Any) -> None:
        if "new_password" in data and "repeated_password" in data and data["new_password"] != data["repeated_password"]:
            raise ValidationError(_("The two passwords are not the same."), "repeated_password")


class LinkForm(FirstPasswordForm):
    username = fields.String()  # for the browser's own keeping of passwords; who it is, the link says


class PasswordForm(FirstPasswordForm):
    current_password = fields.String(required=True, validate=validate.Length(max=1000))


class LanguageForm(_Form):
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))


class CodeForm(_Form):
    code = fields.String(required=True, validate=validate.Length(min=1, max=50))


class TurnOffForm(_Form):
    password = fields.String(required=True, validate=validate.Length(max=1000))


class ForgottenForm(_Form):
    email = fields.Email(required=True, validate=validate.Length(max=254))


class AccountForm(_Form):
    """An account, new or changed -> Details."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=200))
    email = fields.Email(required=True, validate=validate.Length(max=254))
    role = fields.String(required=True, validate=validate.OneOf(people.ROLES))
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES))
    areas = fields.List(fields.String(validate=validate.OneOf(CMS_AREAS)))
    rights = fields.List(fields.String(validate=validate.OneOf(sorted(set().union(*people.RIGHTS.values())))))
    partner = fields.String(validate=validate.OneOf(PARTNERS))
    region = fields.String(validate=validate.OneOf(REGIONS))

    @validates_schema(skip_on_field_errors=False)
    def _place(self, data: dict[str, Any], **_options: Any) -> None:
        missing = [name for name in _NEEDED.get(data.get("role", ""), ()) if name not in data]
        if missing:
            raise ValidationError({name: [_("Fill in this field.")] for name in missing})

    @post_load
    def _details(self, data: dict[str, Any], **_options: Any) -> Details:
        kept = {*_NEEDED.get(data["role"], ()), *(("rights",) if data["role"] in people.RIGHTS else ())}
        dropped = {"areas", "partner", "region", "rights"} - kept
        return Details(**{name: value for name, value in data.items() if name not in dropped})


#: what has to be said of a role besides
_NEEDED = {people.CMS: ("areas",), people.PARTNER: ("partner", "region")}
