"""A form that came too late is not lost: it is shown again to be sent once more.

Either its sender was signed out in the meantime, or signed in anew, so that the form's token is an old one.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request

from chassis.i18n import mark as _
from chassis.web import kept
from chassis.web.language import SWITCH, t

_SECRET = "password"  # noqa: S105 - the word by which fields are known that no page may hold
_OURS = ("csrf_token", SWITCH)


def typed_fields() -> list[tuple[str, str]]:
    """What was typed, field by field, several values of one field included."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in _OURS]


def holds_secret() -> bool:
    return any(_SECRET in name for name in request.form)


def keep_until_sign_in(account_id: str) -> str:
    """Keeps what was typed for this account; the path where it is found after signing in again."""
    form = kept.KeptForm(_path(), "GET" in (request.url_rule.methods or ()), typed_fields())  # type: ignore[union-attr]
    name = kept.keep(form, account_id)
    return f"{request.path}?{urlencode({**request.args.to_dict(), kept.PARAMETER: name})}"


def show_what_was_kept() -> Any:
    """Before each request: the page with what its sender had typed, where the address names such a form."""
    from chassis.web.session import current_person

    name, person = request.args.get(kept.PARAMETER), current_person()
    if request.method != "GET" or not name or person is None or not kept.can_keep():
        return None
    form = kept.find(name, person.id)
    if form is None:
        return None
    return _page(form.fields, form.path, has_page=form.has_page), 200


def offer_to_send_again(*, signed_out: bool) -> Any:
    """The page that holds what was typed, with a button that sends it; 403."""
    return _page(typed_fields(), _path(), signed_out=signed_out), 403


def _path() -> str:
    return request.full_path.rstrip("?")


def _page(fields: Sequence[Sequence[str]], action: str, *, signed_out: bool = False, has_page: bool = False) -> str:
    return render_template(
        "resend.html",
        page_title=t(_("Your answers are still here")),
        signed_out=signed_out,
        has_page=has_page,
        fields=fields,
        action=action,
    )
