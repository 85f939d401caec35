"""Forms with a token that is none of this session's."""

from typing import Any

from flask import Flask, flash, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from chassis.i18n import mark as _
from chassis.web.errors import error_page
from chassis.web.forms import see
from chassis.web.language import t
from chassis.web.resend import holds_secret, offer_to_send_again
from chassis.web.session import current_person


def protect_forms(app: Flask) -> CSRFProtect:
    """Wants a token with every form; blueprints for programs are to be exempted."""
    app.config.update(
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form that took an hour to fill in is not lost
        WTF_CSRF_SSL_STRICT=False,  # wants a Referer, which our policy never sends; see headers.py instead
    )
    app.register_error_handler(CSRFError, _answer)
    return CSRFProtect(app)


def _answer(_error: CSRFError) -> Any:
    """Only where the browser vouches that the form stood on our own page may it be sent again by a click."""
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return error_page(400)
    if holds_secret():
        flash(t(_("This page had been open for too long. Please try once more.")), "warning")
        return see(request.full_path.rstrip("?"))
    return offer_to_send_again(signed_out=current_person() is None)
