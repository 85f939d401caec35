"""Every page of the site in every state that looks different: for the tests that look at all of them, and for pictures.

A stop says who goes there and how. Those that change something come after those that show it.
"""

import csv
import io
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import pyotp

from chassis.i18n import ZURICH
from tests.browser.people import secrets_of, somebody
from tests.browser.scenery import held
from tests.browser.site import ADMINISTRATOR, CMS_SION, HES_SO, OPERATOR, OSEO, SAS, VILLE, Site, link_to
from tests.browser.visit import Visit, visiting
from tests.system import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@dataclass(frozen=True)
class Stop:
    """A page in one of its states."""

    name: str
    who: str | None  #: mailbox of a demonstration account; None: nobody is signed in
    go: Callable[[Visit], object]


def at(name: str, who: str | None, path: str) -> Stop:
    return Stop(name, who, lambda window: window.open(path))


def _via(name: str, who: str, start: str, *links: str) -> Stop:
    """From page to page by the first link of each."""

    def go(window: Visit) -> None:
        window.open(start)
        for link in links:
            window.follow(link)

    return Stop(name, who, go)


def _sent_empty(name: str, who: str | None, start: str, *links: str) -> Stop:
    """The form that the links lead to, sent without a single answer."""

    def go(window: Visit) -> None:
        window.open(start)
        for link in links:
            window.follow(link)
        window.page.evaluate(_CLEAR)
        window.send()
        assert window.errors() or window.page.locator(".govuk-error-summary").count(), f"{name}: no error"

    return Stop(name, who, go)


_CLEAR = """() => {
  for (const e of document.querySelectorAll('main form :is(input, select, textarea)')) {
    if (['hidden', 'submit'].includes(e.type)) continue
    if (['radio', 'checkbox'].includes(e.type)) e.checked = false
    else e.value = ''
  }
}"""

_REFERRAL = "main td a[href^='/referrals/ISA-']"
_PERSON = "main td a[href^='/placement/participants/ISA-']"


def _referral(name: str, state: str, *links: str) -> Stop:
    """A referral of the CMS in a state; the page is not to change under the reader's eyes."""

    def go(window: Visit) -> None:
        window.open(f"/referrals/?state={state}")
        window.open(str(window.page.locator(_REFERRAL).first.get_attribute("href")) + "?still=1")
        for link in links:
            window.follow(link)

    return Stop(name, CMS_SION, go)


def _participant(name: str, start: str, action: str | None = None, then: str = "show") -> Stop:
    """The first person on a page of placement for whom an action is possible; its form; the form with errors."""

    def go(window: Visit) -> None:
        people = [str(a.get_attribute("href")) for a in window.open(start).page.locator(_PERSON).all()]
        for each in people:
            window.open(each)
            if action is None or window.page.locator(f"main a[href$='/{action}']").count():
                break
        else:
            raise AssertionError(f"{name}: nobody on {start} for whom {action} is possible")
        if then != "show":
            window.follow(f"main a[href$='/{action}']")
        if then == "wrong":
            window.page.evaluate(_CLEAR)
            window.send()
            assert window.errors(), f"{name}: no error"

    return Stop(name, OSEO, go)


def _wrong_password(window: Visit) -> None:
    window.open("/account/sign-in").fill(email="personne@demo.ancrage.example", password="faux").send()


def _store_away(window: Visit) -> None:
    """Somebody else holds the store for longer than anybody waits for it."""
    window.watch.foreseen.add(503)
    window.open("/account/sign-in").fill(email="personne@demo.ancrage.example", password="faux")
    with held(window.site, "identity"):
        window.send()
    window.watch.foreseen.clear()


def _found_nothing(window: Visit) -> None:
    window.open("/referrals/").fill(search="Personne de ce nom").follow("main form[method=post] button")


def _came_too_late(window: Visit) -> None:
    """A form whose token is of an earlier session."""
    window.open("/referrals/new").fill(family_name="Rey", sex="f")
    window.page.evaluate("document.querySelector('main [name=csrf_token]').value = 'of another session'")
    window.send()


def _refused_withdrawal(window: Visit) -> None:
    window.open("/referrals/?state=withdrawn")
    window.open(str(window.page.locator(_REFERRAL).first.get_attribute("href")) + "/withdraw")


def _draft(name: str, which: str, page: str = "", then: str = "show") -> Stop:
    """A page of a draft; its form sent empty where it is to be `wrong`."""

    def go(window: Visit) -> None:
        window.open(window.site.drafts[which] + page)
        if then == "wrong":
            window.page.evaluate(_CLEAR)
            window.send()
            assert window.errors(), f"{name}: no error"

    return Stop(name, CMS_SION, go)


def _changed_elsewhere(window: Visit) -> None:
    """A section that another window has saved in the meantime."""
    path = window.site.drafts["begun"] + "/contact"
    window.open(path)
    with window.site.clerk(CMS_SION) as other:
        answer = other.get(path).text
        seen = answer.split('name="saved" value="')[1].split('"')[0]
        other.client.post(path, data={"street": f"Avenue de la Gare {seen}", "saved": seen} | other.token)
    window.fill(street="Rue du Rhône 1", locality="Sion").send()
    assert window.page.locator("[role=alert] dl").count(), "nothing to compare"


def _reported(window: Visit) -> None:
    """Costs of a quarter, reported and shown."""
    window.open("/referrals/?state=active")
    window.open(str(window.page.locator(_REFERRAL).first.get_attribute("href")) + "/costs")
    quarter = window.page.locator("[name=period] option").nth(2 if window.language == "fr" else 3)
    window.fill(period=quarter.get_attribute("value"), amount="1'234.–").send()
    assert window.rows(), window.errors()


def _sent(window: Visit) -> None:
    window.open("/referrals/?state=placed")
    window.open(str(window.page.locator(_REFERRAL).first.get_attribute("href")) + "/sent")


def _invited(window: Visit) -> None:
    window.open("/account/people/new")
    typed = {"name": "Léa Roduit", "email": f"lea.{window.language}.{id(window)}@oseo.example", "role": "oseo"}
    window.fill(**typed, language="fr").send()


def _link(window: Visit, then: str = "show") -> None:
    """As somebody who was invited and opens the link of the letter; `used`: once more, after it has done its work."""
    with window.site.clerk(ADMINISTRATOR) as keeper:
        email = f"{then}.{window.language}.{id(window)}@oseo.example"
        keeper.send("/account/people/new", name="Léa Roduit", email=email, role="oseo", language=window.language)
    link = until(lambda: link_to(window.site, email))
    window.open(link)
    if then == "wrong":
        window.fill(new_password="trop court", repeated_password="autre").send()
    if then == "used":
        window.fill(new_password="quatorze nuages gris", repeated_password="quatorze nuages gris").send()
        window.follow("header form button").open(link)


def _first_password(window: Visit, then: str = "show") -> None:
    """As somebody who signs in with an initial password."""
    email = f"{then}.{window.language}@ancrage.example"
    password = window.site.newcomer(email)
    window.open("/account/sign-in").fill(email=email, password=password).send()
    if then == "wrong":
        window.send()


def _proposed_rules(window: Visit) -> None:
    """A proposal that would let some in and keep others out."""
    window.open("/referrals/rules/new")
    window.page.locator("main [name=open_regions][value=sierre]").check()
    window.fill(minimum_age="30", note="Sierre ouvre un programme.").send()
    window.page.locator("details").first.click()


def _issued_token(window: Visit) -> None:
    window.open("/referrals/tokens/new")
    window.fill(organisation="CMS Sierre", area="sierre", scopes=["referrals:read"], days="30").send()


def _looked_at_file(window: Visit) -> None:
    """A file with a row that is ready, one to be corrected and one that is there twice."""
    ready, wrong = somebody("sion"), somebody("sion", avs_number="756.1", email="personne")
    text = io.StringIO()
    writer = csv.DictWriter(text, ready | wrong, delimiter=";", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(
        [{n: "|".join(v) if isinstance(v, list) else v for n, v in r.items()} for r in (ready, wrong, ready)]
    )
    window.open("/referrals/imports/")
    file = {"name": "signalements.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}
    window.page.set_input_files("main [name=file]", files=[file])
    window.send()


def _imported_file(window: Visit) -> None:
    _looked_at_file(window)
    window.send()
    until(lambda: not window.open(window.path()).page.locator("progress").count())


def _second_factor(window: Visit, then: str) -> None:
    """As somebody new: before it is set up, while it is, its recovery codes, and the next sign-in."""
    password, email = "quatorze nuages gris", f"{then}.{window.language}.{id(window)}@ancrage.example"
    initial = window.site.newcomer(email)
    window.page.context.clear_cookies()
    window.open(f"/account/sign-in?lang={window.language}").fill(email=email, password=initial).send()
    window.fill(new_password=password, repeated_password=password).send()
    window.open("/account/second-factor")
    if then == "off":
        return
    window.send()
    if then == "begun":
        return
    window.fill(code="000000").send() if then == "wrong" else window.fill(code=_code(window)).send()
    if then == "on":
        window.open("/account/second-factor")
    if then.startswith("asked"):
        window.follow("header form button").fill(email=email, password=password).send()
        assert window.path() == "/account/second-step"
    if then == "asked-wrong":
        window.fill(code="000000").send()


def _code(window: Visit) -> str:
    key = window.page.locator("main .ancrage-code").inner_text().replace(" ", "")
    return str(pyotp.TOTP(key).now())


def _forget_and_begin_again(window: Visit) -> None:
    window.page.context.clear_cookies()
    window.open(f"/account/sign-in?lang={window.language}")


_WAITING = "/placement/waiting/sion/fr"
_SION, _BAS_VALAIS = "/placement/groups/oseo-sion", "/placement/groups/oseo-bas-valais"

STOPS = (
    at("sign-in", None, "/account/sign-in"),
    Stop("sign-in-wrong", None, _wrong_password),
    _sent_empty("sign-in-empty", None, "/account/sign-in"),
    Stop("store-away", None, _store_away),
    at("accessibility", None, "/account/accessibility"),
    at("not-found-signed-out", None, "/nowhere"),
    at("referrals", CMS_SION, "/referrals/"),
    Stop("referrals-nothing-found", CMS_SION, _found_nothing),
    at("referrals-waiting", CMS_SION, "/referrals/?show=waiting"),
    at("referrals-erased-soon", CMS_SION, "/referrals/?show=erased_soon"),
    _via("referral-erased-soon", CMS_SION, "/referrals/?show=erased_soon", _REFERRAL),
    at("drafts", CMS_SION, "/referrals/?show=drafts"),
    at("draft-new", CMS_SION, "/referrals/new"),
    _sent_empty("draft-new-errors", CMS_SION, "/referrals/new"),
    _draft("draft-tasks", "begun"),
    _draft("draft-tasks-complete", "complete"),
    _draft("draft-known-here", "known-here"),
    _draft("draft-known-elsewhere", "known-elsewhere"),
    _draft("draft-known-earlier", "known-earlier"),
    _draft("draft-known-alike", "known-alike"),
    _draft("draft-contact", "begun", "/contact"),
    _draft("draft-situation", "complete", "/situation"),
    _draft("draft-needs", "complete", "/needs"),
    _draft("draft-consent", "begun", "/consent"),
    _draft("draft-consent-errors", "begun", "/consent", "wrong"),
    _draft("draft-referrer", "begun", "/referrer"),
    Stop("draft-changed-elsewhere", CMS_SION, _changed_elsewhere),
    _draft("draft-check", "complete", "/check"),
    _draft("draft-discard", "begun", "/discard"),
    _referral("referral-placed", "placed"),
    _referral("referral-active", "active"),
    _referral("referral-paused", "paused"),
    _referral("referral-ended", "ended"),
    _referral("referral-waitlisted", "waitlisted"),
    _referral("referral-ineligible", "ineligible"),
    _referral("referral-information-needed", "information_needed"),
    _referral("referral-withdrawn", "withdrawn"),
    _referral("referral-correct", "information_needed", "main form[action$='/correct'] button"),
    _referral("referral-costs", "active", "main a[href$='/costs']"),
    Stop("referral-costs-reported", CMS_SION, _reported),
    _sent_empty("referral-costs-errors", CMS_SION, "/referrals/?state=active", _REFERRAL, "main a[href$='/costs']"),
    _referral("referral-contact", "placed", "main a[href$='/contact']"),
    _sent_empty("referral-contact-errors", CMS_SION, "/referrals/?state=placed", _REFERRAL, "main a[href$='/contact']"),
    _referral("referral-consent", "active", "main a[href$='/consent']"),
    _referral("referral-entered-in-error", "placed", "main a[href$='/entered-in-error']"),
    _referral("referral-withdraw", "placed", "main a[href$='/withdraw']"),
    _sent_empty(
        "referral-withdraw-errors", CMS_SION, "/referrals/?state=placed", _REFERRAL, "main a[href$='/withdraw']"
    ),
    Stop("referral-not-possible", CMS_SION, _refused_withdrawal),
    Stop("referral-sent", CMS_SION, _sent),
    Stop("came-too-late", CMS_SION, _came_too_late),
    at("forbidden", CMS_SION, "/placement/"),
    at("not-found", CMS_SION, "/referrals/ISA-2026-999999"),
    at("messages-cms", CMS_SION, "/messages/"),
    _via("message-cms", CMS_SION, "/messages/", "main td a"),
    at("import", CMS_SION, "/referrals/imports/"),
    _sent_empty("import-errors", CMS_SION, "/referrals/imports/"),
    Stop("import-looked-at", CMS_SION, _looked_at_file),
    Stop("import-done", CMS_SION, _imported_file),
    at("account", CMS_SION, "/account/"),
    at("password", CMS_SION, "/account/password"),
    _sent_empty("password-errors", CMS_SION, "/account/password"),
    at("developers", None, "/developers/"),
    at("groups", OSEO, "/placement/"),
    at("roster", OSEO, _SION),
    at("roster-offers", OSEO, _BAS_VALAIS),
    at("waiting-list", OSEO, _WAITING),
    at("waiting-list-passed-over", OSEO, "/placement/waiting/bas-valais/fr"),
    at("group-settings", OSEO, f"{_SION}/settings"),
    _sent_empty("group-settings-errors", OSEO, f"{_SION}/settings"),
    at("group-new", OSEO, "/placement/groups/new"),
    _sent_empty("group-new-errors", OSEO, "/placement/groups/new"),
    _participant("participant-placed", _SION, "start"),
    _participant("participant-paused", _SION, "resume"),
    _participant("participant-offered", _BAS_VALAIS, "accept"),
    _participant("participant-waiting", _WAITING),
    _participant("participant-passed-over", "/placement/waiting/bas-valais/fr"),
    _participant("action-start", _SION, "start", "form"),
    _participant("action-start-errors", _SION, "start", "wrong"),
    _participant("action-pause", _SION, "pause", "form"),
    _participant("action-resume", _SION, "resume", "form"),
    _participant("action-end", _SION, "end", "form"),
    _participant("action-end-errors", _SION, "end", "wrong"),
    _participant("action-accept", _BAS_VALAIS, "accept", "form"),
    _participant("action-decline", _BAS_VALAIS, "decline", "form"),
    at("figures-host", OSEO, "/placement/figures"),
    at("messages-host", OSEO, "/messages/?show=unread"),
    at("groups-city", VILLE, "/placement/"),
    at("statuses", VILLE, "/placement/statuses"),
    at("messages-city", VILLE, "/messages/"),
    at("start-canton", SAS, "/"),
    at("figures", SAS, "/placement/figures"),
    _via("message-canton", SAS, "/messages/", "main td a"),
    at("evaluation", HES_SO, "/evaluation/"),
    at("evaluation-participants", HES_SO, "/evaluation/participants/"),
    _via("evaluation-participant", HES_SO, "/evaluation/participants/", "main td a"),
    _via("evaluation-completion", HES_SO, "/evaluation/", "main td a[href$='/completion']"),
    _sent_empty("evaluation-completion-errors", HES_SO, "/evaluation/", "main td a[href$='/completion']"),
    _via("message-evaluator", HES_SO, "/messages/", "main td a"),
    at("console", OPERATOR, "/console/"),
    at("failures", OPERATOR, "/console/failures/"),
    _via("failure", OPERATOR, "/console/failures/", "main td a[href^='/console/failures/']"),
    _sent_empty("failure-errors", OPERATOR, "/console/failures/", "main td a[href^='/console/failures/']"),
    at("trace-empty", OPERATOR, "/console/trace/"),
    at("trace", OPERATOR, "/console/trace/?reference=ISA-2026-000001"),
    at("trace-unknown", OPERATOR, "/console/trace/?reference=ISA-2026-999999"),
    at("deliveries", OPERATOR, "/messages/deliveries/"),
    at("deliveries-failed", OPERATOR, "/messages/deliveries/?state=failed"),
    at("mails", OPERATOR, "/messages/mail/"),
    _via("mail", OPERATOR, "/messages/mail/", "main td a"),
    at("partners", OPERATOR, "/messages/partners/"),
    _via("partner", ADMINISTRATOR, "/messages/partners/", "main td a"),
    _sent_empty("partner-errors", ADMINISTRATOR, "/messages/partners/", "main td a"),
    at("rules", ADMINISTRATOR, "/referrals/rules/"),
    at("rules-new", ADMINISTRATOR, "/referrals/rules/new"),
    _sent_empty("rules-new-errors", ADMINISTRATOR, "/referrals/rules/new"),
    Stop("rules-trial", ADMINISTRATOR, _proposed_rules),
    at("tokens", ADMINISTRATOR, "/referrals/tokens/"),
    at("token-new", ADMINISTRATOR, "/referrals/tokens/new"),
    _sent_empty("token-new-errors", ADMINISTRATOR, "/referrals/tokens/new"),
    Stop("token-issued", ADMINISTRATOR, _issued_token),
    at("audit", ADMINISTRATOR, "/audit/"),
    at("audit-errors", ADMINISTRATOR, "/audit/?since=yesterday"),
    at("retention", ADMINISTRATOR, "/retention/"),
    at("retention-person", ADMINISTRATOR, f"/retention/ISA-{datetime.now(ZURICH).year}-000001"),
    at("people", ADMINISTRATOR, "/account/people/"),
    _via("person", ADMINISTRATOR, "/account/people/", "main td a"),
    at("person-new", ADMINISTRATOR, "/account/people/new"),
    _sent_empty("person-new-errors", ADMINISTRATOR, "/account/people/new"),
    _via("person-change", ADMINISTRATOR, "/account/people/", "main td a", "main a[href$='/change']"),
    _sent_empty("person-change-errors", ADMINISTRATOR, "/account/people/", "main td a", "main a[href$='/change']"),
    Stop("person-invited", ADMINISTRATOR, _invited),
    Stop("second-factor-off", None, partial(_second_factor, then="off")),
    Stop("second-factor-begun", None, partial(_second_factor, then="begun")),
    Stop("second-factor-errors", None, partial(_second_factor, then="wrong")),
    Stop("recovery-codes", None, partial(_second_factor, then="confirmed")),
    Stop("second-factor-on", None, partial(_second_factor, then="on")),
    Stop("second-step", None, partial(_second_factor, then="asked")),
    Stop("second-step-errors", None, partial(_second_factor, then="asked-wrong")),
    Stop("sign-in-again", None, _forget_and_begin_again),
    at("forgotten", None, "/account/forgotten"),
    _sent_empty("forgotten-errors", None, "/account/forgotten"),
    Stop("link", None, _link),
    Stop("link-errors", None, partial(_link, then="wrong")),
    Stop("link-used", None, partial(_link, then="used")),
    Stop("first-password", None, _first_password),
    Stop("first-password-errors", None, partial(_first_password, then="wrong")),
)


def tour(browser: "Browser", site: Site, language: str, names: Collection[str] = ()) -> Iterator[tuple[Stop, Visit]]:
    """Goes to every stop (of these names) in one language; what it yields is shown until the next is asked for."""
    with ExitStack() as windows:
        opened: dict[str | None, Visit] = {}
        for stop in STOPS:
            if names and stop.name not in names:
                continue
            if stop.who not in opened:
                secrets = secrets_of(*site.people)
                opened[stop.who] = windows.enter_context(visiting(browser, site, stop.who, language, secrets=secrets))
            window = opened[stop.who]
            stop.go(window)
            yield stop, window
