"""What the pages of accounts send."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from chassis.asked import OneOf
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


_CHOOSE_PARTNER = _("Choose the partner.")
_CHOOSE_REGION = _("Choose the region.")


class _Form(Schema):
    class Meta:
        unknown = RAISE


def _text(missing: str, max: int) -> fields.String:
    return fields.String(required=True, validate=validate.Length(max=max), error_messages={"required": missing})


def _email(missing: str) -> fields.Email:
    return fields.Email(required=True, validate=validate.Length(max=254), error_messages={"required": missing})


class SignInForm(_Form):
    email = _text(_("Enter your e-mail address."), 254)
    password = _text(_("Enter your password."), 1000)
    next = fields.String()


class FirstPasswordForm(_Form):
    new_password = fields.String(required=True, error_messages={"required": _("Enter a new password.")})
    repeated_password = fields.String(
        required=True, error_messages={"required": _("Enter the new password a second time.")}
    )

    @validates_schema
    def _same(self, data: dict[str, Any], **_options: Any) -> None:
        if "new_password" in data and "repeated_password" in data and data["new_password"] != data["repeated_password"]:
            raise ValidationError(_("The two passwords are not the same."), "repeated_password")


class LinkForm(FirstPasswordForm):
    username = fields.String()  # for the browser's own keeping of passwords; who it is, the link says


class PasswordForm(FirstPasswordForm):
    current_password = _text(_("Enter your present password."), 1000)


class LanguageForm(_Form):
    language = OneOf(_("Choose French or German."), LANGUAGES)


class CodeForm(_Form):
    code = _text(_("Enter the code."), 50)


class TurnOffForm(_Form):
    password = _text(_("Enter your present password."), 1000)


class ForgottenForm(_Form):
    email = _email(_("Enter your e-mail address."))


class AccountForm(_Form):
    """An account, new or changed -> Details."""

    name = _text(_("Enter given and family name."), 200)
    email = _email(_("Enter the person’s e-mail address."))
    role = OneOf(_("Choose a role."), people.ROLES)
    language = OneOf(_("Choose French or German."), LANGUAGES)
    areas = fields.List(fields.String(validate=validate.OneOf(CMS_AREAS)))
    rights = fields.List(fields.String(validate=validate.OneOf(sorted(set().union(*people.RIGHTS.values())))))
    partner = OneOf(_CHOOSE_PARTNER, PARTNERS, required=False)
    region = OneOf(_CHOOSE_REGION, REGIONS, required=False)

    @validates_schema(skip_on_field_errors=False)
    def _place(self, data: dict[str, Any], **_options: Any) -> None:
        needed = _NEEDED.get(data.get("role", ""), {})
        missing = {name: [said] for name, said in needed.items() if name not in data}
        if missing:
            raise ValidationError(missing)

    @post_load
    def _details(self, data: dict[str, Any], **_options: Any) -> Details:
        kept = {*_NEEDED.get(data["role"], ()), *(("rights",) if data["role"] in people.RIGHTS else ())}
        dropped = {"areas", "partner", "region", "rights"} - kept
        return Details(**{name: value for name, value in data.items() if name not in dropped})


#: what has to be said of a role besides, and what to say where it is not
_NEEDED = {
    people.CMS: {"areas": _("Choose at least one CMS.")},
    people.PARTNER: {"partner": _CHOOSE_PARTNER, "region": _CHOOSE_REGION},
}
