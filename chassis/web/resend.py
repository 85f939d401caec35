"""A form that came too late is not lost: it is shown again to be sent once more.

Either its sender was signed out in the meantime, or signed in anew, so that the form's token is an old one.
"""

from typing import Any

from flask import render_template, request

from chassis.i18n import mark as _
from chassis.web.language import SWITCH, t

_SECRET = "password"  # noqa: S105 - the word by which fields are known that no page may hold
_OURS = ("csrf_token", SWITCH)


def typed_fields() -> list[tuple[str, str]]:
    """What was typed, field by field, several values of one field included."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in _OURS]


def holds_secret() -> bool:
    return any(_SECRET in name for name in request.form)


def offer_to_send_again(*, signed_out: bool) -> Any:
    """The page that holds what was typed, with a button that sends it; 403."""
    page = render_template(
        "resend.html",
        page_title=t(_("Your answers are still here")),
        signed_out=signed_out,
        fields=typed_fields(),
        action=request.full_path.rstrip("?"),
    )
    return page, 403
