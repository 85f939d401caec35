"""Pages: each partner's inbox; for those who keep it running, the deliveries, the mail folder and the partners."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from chassis.i18n import mark as _
from chassis.web import (
    Person,
    current_context,
    current_language,
    current_person,
    ended_in_store,
    error_page,
    errors_for_people,
    filled,
    make_app,
    page_asked,
    requires,
    see,
    submitted,
    t,
    typed,
)
from contracts.people import ADMINISTRATOR, CMS, EVALUATOR, OPERATOR, OSEO, PARTNER, SAS
from contracts.site import NAVIGATION
from services.notification import handlers, queries
from services.notification.domain import (
    DeliveryNotFound,
    DeliveryState,
    IllegalTransition,
    MessageNotFound,
    PartnerNotFound,
)
from services.notification.forms import PartnerForm
from services.notification.handlers import texts
from services.notification.queries import mails
from services.notification.wiring import NotificationContext

blueprint = Blueprint("messages", __name__, url_prefix="/messages")

KEEPERS = (OPERATOR, ADMINISTRATOR)
READERS = (CMS, OSEO, EVALUATOR, SAS, PARTNER)
#: whose inbox a role reads where the account names no partner
USUAL_PARTNER = {OSEO: "oseo-valais", EVALUATOR: "hes-so", SAS: "sas"}

STATES: dict[DeliveryState, tuple[str, str]] = {
    DeliveryState.QUEUED: (_("Queued"), "grey"),
    DeliveryState.SENDING: (_("Being sent"), "blue"),
    DeliveryState.SENT: (_("Sent"), "green"),
    DeliveryState.RETRYING: (_("Will be tried again"), "yellow"),
    DeliveryState.FAILED: (_("Failed"), "red"),
}
CAUSES = {
    "refused": _("The mail server refused the message"),
    "unreachable": _("The mail server could not be reached"),
    "bad_address": _("The address does not exist"),
}
CHANNELS = {"email": _("E-mail"), "inbox": _("Inbox")}


def create_app(context: NotificationContext) -> Flask:
    app = make_app(context, [blueprint], texts.CATALOGUE, session_check=ended_in_store(context), navigation=NAVIGATION)
    for unknown in (MessageNotFound, DeliveryNotFound, PartnerNotFound):
        app.register_error_handler(unknown, lambda error: error_page(404))
    app.register_error_handler(IllegalTransition, lambda error: error_page(409))
    app.context_processor(_words)
    return app


def _words() -> dict[str, Any]:
    """What the templates say about messages, in the reader's language."""
    language = current_language()
    return {
        "headline": lambda about: texts.headline(about, language),
        "sentence": lambda about: texts.sentence(about, language),
        "facts": lambda message: texts.facts(message.about, message.facts, language),
        "link_of": texts.link,
        "STATES": STATES,
        "CAUSES": CAUSES,
        "CHANNELS": CHANNELS,
    }


@blueprint.get("/")
@requires(*READERS, *KEEPERS)
def inbox() -> Any:
    if _me().role in KEEPERS:
        return redirect("/messages/deliveries/")
    page, unread_only = page_asked(), request.args.get("show") == "unread"
    with current_context().reading() as session:
        found = queries.inbox(session, _my_codes(), page, unread_only)
        unread = queries.unread(session, _my_codes())
    return render_template(
        "notification/inbox.html",
        **_listed(found, page),
        unread=unread,
        unread_only=unread_only,
        several=len(_my_codes()) > 1,
    )


@blueprint.get("/<uuid:id>")
@requires(*READERS)
def show(id: Any) -> str:
    with current_context().reading() as session:
        message = queries.message(session, str(id), _my_codes())
    if message is None:
        raise MessageNotFound(str(id))
    return render_template("notification/message.html", message=message)


@blueprint.post("/<uuid:id>/acknowledgement")
@requires(*READERS)
def acknowledge(id: Any) -> Response:
    with current_context().unit() as unit:
        handlers.acknowledge(unit, str(id), _my_codes(), _me().id)
    flash(t(_("The message is marked as read.")), "success")
    return see("/messages/")


@blueprint.get("/deliveries/")
@requires(*KEEPERS)
def deliveries() -> str:
    state, page = request.args.get("state"), page_asked()
    if state not in list(DeliveryState):
        state = None
    with current_context().reading() as session:
        found = queries.delivery_list(session, state, page)
        counts = queries.deliveries_by_state(session)
    return render_template("notification/deliveries.html", **_listed(found, page), state=state, counts=counts)


@blueprint.post("/deliveries/<uuid:id>/retry")
@requires(*KEEPERS)
def retry(id: Any) -> Response:
    with current_context().unit() as unit:
        handlers.retry_delivery(unit, str(id))
    flash(t(_("The message will be sent again in a moment.")), "success")
    return see("/messages/deliveries/")


@blueprint.get("/mail/")
@requires(*KEEPERS)
def mail_list() -> str:
    folder = current_context().mail_folder
    page = page_asked()
    found = [] if folder is None else mails.newest(folder, page, queries.PAGE, private=_sees_private_mail())
    return render_template("notification/mails.html", **_listed(_without_pseudonyms(found), page), folder=folder)


@blueprint.get("/mail/<uuid:id>")
@requires(*KEEPERS)
def mail(id: Any) -> str:
    folder = current_context().mail_folder
    found = None if folder is None else mails.read(folder, str(id), private=_sees_private_mail())
    if found is None:
        abort(404)
    (shown,) = _without_pseudonyms([found])
    return render_template("notification/mail.html", mail=shown)


def _without_pseudonyms(found: Sequence[mails.Mail]) -> list[mails.Mail]:
    """Keepers know references: beside one, a pseudonym would lead to a person."""
    with current_context().reading() as session:
        hidden = queries.pseudonyms_in(session, [mail.id for mail in found])
    return [mails.masked(mail, hidden[mail.id]) if mail.id in hidden else mail for mail in found]


def _sees_private_mail() -> bool:
    """Links to sign in by are no operator's business; an administrator can make one for anybody anyway."""
    return _me().role == ADMINISTRATOR


@blueprint.get("/partners/")
@requires(*KEEPERS)
def partners() -> str:
    with current_context().reading() as session:
        return render_template("notification/partners.html", partners=queries.partner_list(session))


@blueprint.route("/partners/<code>", methods=["GET", "POST"])
@requires(ADMINISTRATOR)
def partner(code: str) -> Any:
    with current_context().reading() as session:
        found = queries.partner(session, code)
    if found is None:
        raise PartnerNotFound(code)
    if not submitted():
        values = typed(lists=["told_of"]) if request.form else found._asdict()
        return _partner_page(found, values)
    return _change_partner(found, typed(lists=["told_of"]))


def _change_partner(found: Any, values: dict[str, Any]) -> Any:
    try:
        command = PartnerForm().load(filled(values))
    except ValidationError as error:
        return _partner_page(found, values, errors_for_people(error, ["email", "language", "told_of"])), 422
    with current_context().unit() as unit:
        handlers.change_partner(unit, found.code, command.email, command.language, command.told_of)
    flash(t(_("The change is saved.")), "success")
    return see("/messages/partners/")


def _partner_page(found: Any, values: dict[str, Any], errors: dict[str, list[str]] | None = None) -> str:
    choices = [(about, texts.headline(about, current_language())) for about in texts.SAID]
    return render_template(
        "notification/partner.html", partner=found, values=values, errors=errors or {}, choices=choices
    )


def _listed(found: Any, page: int) -> dict[str, Any]:
    """A page of a list and the addresses of those before and after it; `found` may hold one line more."""

    def address(number: int) -> str:
        others = {name: value for name, value in request.args.items() if name not in ("page", "lang")}
        return "?" + urlencode({**others, "page": number})

    more = len(found) > queries.PAGE
    return {
        "found": found[: queries.PAGE],
        "previous": address(page - 1) if page > 1 else None,
        "next": address(page + 1) if more else None,
    }


def _me() -> Person:
    person = current_person()
    assert person is not None, "behind @requires"  # noqa: S101  # for the type checker
    return person


def _my_codes() -> list[str]:
    """The partners whose inbox the signed-in person reads: a social worker those of all their areas."""
    person = _me()
    if person.role == CMS:
        return [f"cms-{area}" for area in person.areas]
    code = person.partner or USUAL_PARTNER.get(person.role)
    return [code] if code else []
