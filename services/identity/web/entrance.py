"""In and out: the start page, signing in, signing out."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, flash, render_template, request, session, url_for
from marshmallow import ValidationError

from chassis.web import (
    Person,
    current_context,
    current_person,
    errors_for_people,
    filled,
    inside,
    requires,
    see,
    sign_in,
    sign_out,
    signed_in_person,
    submitted,
    t,
    tn,
    typed,
)
from contracts.site import NAVIGATION
from services.identity import handlers, queries
from services.identity.domain import Account, SignInRefused, TooManyAttempts
from services.identity.forms import ForgottenForm, SignInForm
from services.identity.store import Unit
from services.identity.web.words import place_text

#: in the session of somebody whose password was right and who is not in yet: what is still to be done, by whom
PENDING = "pending"
PENDING_LASTS = timedelta(minutes=15)
FIRST_PASSWORD, SECOND_STEP, SETTING_UP = "first-password", "second-step", "setting-up"


#: in the session: that its owner came in through the provider
CAME_BY_PROVIDER = "came_by_provider"


class Pending(NamedTuple):
    id: str
    wanted: str | None  #: where they wanted to go


blueprint = Blueprint("entrance", __name__)


@blueprint.get("/")
@requires()
def start() -> Any:
    """Each role begins where its work is."""
    return see(_first_page(signed_in_person()))


@blueprint.route("/account/sign-in", methods=["GET", "POST"])
def sign_in_page() -> Any:
    if current_person() is not None and request.method == "GET":
        return see(inside(request.args.get("next"), "/"))
    if not submitted():
        return show_sign_in({"next": request.args.get("next", ""), **typed()})
    try:
        form = SignInForm().load(filled(typed()))
        account = handlers.check_password(current_context(), form["email"], form["password"], _address())
    except ValidationError as error:
        return show_sign_in(typed(), errors_for_people(error, ("email", "password")), 422)
    except SignInRefused:
        return show_sign_in(typed(), {"email": [t("E-mail address or password is wrong.")]}, 422)
    except TooManyAttempts as refusal:
        return show_sign_in(typed(), {"email": [told(refusal)]}, 429)
    return enter(account, form.get("next"))


@blueprint.route("/account/forgotten", methods=["GET", "POST"])
def forgotten_page() -> Any:
    """Asks for a link to choose another password by; the answer is the same for every address."""
    if not submitted():
        return render_template("identity/forgotten.html", values=typed(), errors={})
    try:
        form = ForgottenForm().load(filled(typed()))
        handlers.ask_for_reset(current_context(), form["email"], _address())
    except ValidationError as error:
        return _forgotten_again(errors_for_people(error, ("email",)), 422)
    except TooManyAttempts as refusal:
        return _forgotten_again({"email": [told(refusal)]}, 429)
    flash(t("If there is an account with this address, an e-mail with a link is on its way to it."), "success")
    return see(url_for(".sign_in_page"))


def _forgotten_again(errors: dict[str, list[str]], status: int) -> Any:
    return render_template("identity/forgotten.html", values=typed(), errors=errors), status


#: when what the page says was last looked into
ACCESSIBILITY_CHECKED = date(2026, 11, 24)


@blueprint.get("/account/accessibility")
def accessibility_page() -> str:
    """How accessible the site is, and to whom barriers are told: as eCH-0059 wants it, for everybody."""
    contact = current_context().settings.contact
    return render_template("identity/accessibility.html", contact=contact, checked=ACCESSIBILITY_CHECKED)


@blueprint.post("/account/sign-out")
def sign_out_page() -> Any:
    came_by_provider = session.get(CAME_BY_PROVIDER)
    person = current_person()
    if person and person.session_id:  # one that began before sessions had ids has none: its cookie alone goes
        with current_context().unit() as unit:
            handlers.sign_out(unit, person.id, person.session_id)
    sign_out()
    flash(t("You are signed out."), "success")
    return see(url_for(".sign_in_page", leave=1) if came_by_provider else url_for(".sign_in_page"))


def enter(account: Account, wanted: str | None = None) -> Any:
    """The owner has shown who they are: on to what is still to be done, or in."""
    if account.password_initial:
        return _hold(account, FIRST_PASSWORD, "account.first_password_page", wanted)
    with current_context().reading() as reading:
        has_second_factor = queries.has_second_factor(reading, account.id)
    if has_second_factor:
        return _hold(account, SECOND_STEP, "second_factor.second_step_page", wanted)
    if account.role in current_context().second_factor_roles:
        return _hold(account, SETTING_UP, "second_factor.second_factor_page", wanted)
    begin_session(handlers.note_sign_in(current_context(), account.id))
    return see(inside(wanted, "/"))


def begin_session(account: Account) -> None:
    """A fresh session for the account's owner; what the old one held is gone."""
    person = Person(
        id=account.id,
        name=account.name,
        role=account.role,
        areas=tuple(account.areas),
        partner=account.partner,
        region=account.region,
        rights=tuple(account.rights),
        language=account.language,
    )
    sign_in(person)


def _hold(account: Account, step: str, page: str, wanted: str | None) -> Any:
    """Lets the account's owner do this one step, and nothing else."""
    sign_out()
    session[PENDING] = [step, account.id, current_context().clock.now().timestamp(), wanted]
    return see(url_for(page))


def pending(step: str) -> Pending | None:
    """Who may do this step: their password was right a moment ago, and nothing has ended their sessions since."""
    held, id, since, wanted = session.get(PENDING) or (None, "", 0, None)
    began = datetime.fromtimestamp(since, UTC)
    if held != step or current_context().clock.now() - began >= PENDING_LASTS:
        return None
    with current_context().reading() as reading:
        counts = Unit(current_context(), reading).accounts.get(id).allows_session_since(began)
    return Pending(id, wanted) if counts else None


def show_sign_in(values: dict[str, Any], errors: dict[str, list[str]] | None = None, status: int = 200) -> Any:
    with current_context().reading() as reading:
        demo = queries.demo_accounts(reading)
    page = render_template(
        "identity/sign_in.html",
        values=values,
        errors=errors or {},
        demo=[(each, t(handlers.demo_description(each.email)), place_text(each)) for each in demo],
        demo_password=current_context().demo_password if demo else None,
        provider=current_context().provider,
        may_leave_provider="leave" in request.args,
    )
    return page, status


def told(refusal: TooManyAttempts) -> str:
    wait = refusal.until - current_context().clock.now()
    if wait < timedelta(minutes=1):
        seconds = max(1, round(wait.total_seconds()))
        return tn(
            "Too many attempts. Try again in one second.", "Too many attempts. Try again in %(n)s seconds.", seconds
        )
    minutes = -(-wait // timedelta(minutes=1))
    return tn("Too many attempts. Try again in one minute.", "Too many attempts. Try again in %(n)s minutes.", minutes)


def _address() -> str:
    return request.remote_addr or ""


def _first_page(person: Person) -> str:
    entries = [entry for entry in NAVIGATION if person.role in entry.roles]
    return entries[0].path if entries else url_for("account.account_page")
