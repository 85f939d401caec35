"""Who may see which page: every page of every service, asked for by everybody."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.browser.routes import Routes
from tests.browser.site import (
    ADMINISTRATOR,
    CMS_MARTIGNY,
    CMS_SION,
    EVERYBODY,
    HEAD_SION,
    HES_SO,
    OPERATOR,
    OSEO,
    SAS,
    VILLE,
    Site,
    link_to,
)
from tests.system import until

OF_THE_CMS = {CMS_SION, HEAD_SION}
READERS = {*OF_THE_CMS, OSEO, HES_SO, SAS, VILLE}
KEEPERS = {OPERATOR, ADMINISTRATOR}
ALL = set(EVERYBODY)

#: whoever else asks for it is refused (403); what nobody may have while signed in leads elsewhere
MAY_SEE: dict[str, set[str]] = {
    "/": ALL,
    "/account/": ALL,
    "/account/first-password": ALL,
    "/account/password": ALL,
    "/account/forgotten": ALL,
    "/account/link/<token>": ALL,
    "/account/people/": {ADMINISTRATOR},
    "/account/accessibility": ALL,
    "/account/people/<id>": {ADMINISTRATOR},
    "/account/people/<id>/change": {ADMINISTRATOR},
    "/account/people/new": {ADMINISTRATOR},
    "/account/provider/": ALL,
    "/account/provider/back": ALL,
    "/account/provider/leave": ALL,
    "/account/second-factor": ALL,
    "/account/second-step": ALL,
    "/account/sign-in": ALL,
    "/audit/": {ADMINISTRATOR, HEAD_SION},
    "/audit/audit.csv": {ADMINISTRATOR, HEAD_SION},
    "/console/": KEEPERS,
    "/console/failures/": KEEPERS,
    "/console/failures/<service>/<int:id>": KEEPERS,
    "/console/trace/": KEEPERS,
    "/developers/": ALL,
    "/evaluation/": {HES_SO},
    "/evaluation/participants/": {HES_SO},
    "/evaluation/participants/<pseudonym>": {HES_SO},
    "/evaluation/participations/<uuid:id>/waves/<code>/completion": {HES_SO},
    "/messages/": ALL,
    "/messages/<uuid:id>": READERS,
    "/messages/deliveries/": KEEPERS,
    "/messages/mail/": KEEPERS,
    "/messages/mail/<uuid:id>": KEEPERS,
    "/messages/partners/": KEEPERS,
    "/messages/partners/<code>": {ADMINISTRATOR},
    "/placement/": {OSEO, VILLE, ADMINISTRATOR},
    "/placement/figures": {OSEO, SAS, ADMINISTRATOR},
    "/placement/groups/<code>": {OSEO},
    "/placement/groups/<code>/settings": {OSEO},
    "/placement/groups/new": {OSEO},
    "/placement/participants/<reference>": {OSEO},
    "/placement/participants/<reference>/<name>": {OSEO},
    "/placement/statuses": {VILLE},
    "/placement/waiting/<region>/<language>": {OSEO},
    "/referrals/": OF_THE_CMS,
    "/referrals/<reference>": OF_THE_CMS,
    "/referrals/<reference>/consent": OF_THE_CMS,
    "/referrals/<reference>/contact": OF_THE_CMS,
    "/referrals/<reference>/costs": OF_THE_CMS,
    "/referrals/<reference>/entered-in-error": OF_THE_CMS,
    "/referrals/<reference>/file": OF_THE_CMS,
    "/referrals/<reference>/sent": OF_THE_CMS,
    "/referrals/<reference>/withdraw": OF_THE_CMS,
    "/referrals/drafts/<uuid:id>": OF_THE_CMS,
    "/referrals/drafts/<uuid:id>/<section>": OF_THE_CMS,
    "/referrals/drafts/<uuid:id>/check": OF_THE_CMS,
    "/referrals/drafts/<uuid:id>/discard": OF_THE_CMS,
    "/referrals/imports/": OF_THE_CMS,
    "/referrals/imports/<uuid:id>": OF_THE_CMS,
    "/referrals/imports/<uuid:id>/corrections": OF_THE_CMS,
    "/referrals/imports/template-<language>.<kind>": OF_THE_CMS,
    "/referrals/new": OF_THE_CMS,
    "/referrals/rules/": {ADMINISTRATOR},
    "/referrals/rules/new": {ADMINISTRATOR},
    "/referrals/rules/proposals/<uuid:id>": {ADMINISTRATOR},
    "/referrals/tokens/": {ADMINISTRATOR},
    "/referrals/tokens/new": {ADMINISTRATOR},
    "/retention/": {ADMINISTRATOR, HEAD_SION},
    "/retention/<reference>": {ADMINISTRATOR, HEAD_SION},
}

#: forms that are only sent, by who may send them
MAY_SEND: dict[str, set[str]] = {
    "/account/language": ALL,
    "/account/second-factor/begin": ALL,
    "/account/second-factor/turn-off": ALL,
    "/account/session": ALL,
    "/account/sign-out": ALL,
    "/account/sign-out-everywhere": ALL,
    "/account/people/<id>/<action>": {ADMINISTRATOR},
    "/messages/<uuid:id>/acknowledgement": READERS,
    "/messages/deliveries/<uuid:id>/retry": KEEPERS,
    "/referrals/<reference>/again": OF_THE_CMS,
    "/referrals/<reference>/correct": OF_THE_CMS,
    "/referrals/drafts/<uuid:id>/take-over": OF_THE_CMS,
    "/referrals/imports/<uuid:id>/confirm": OF_THE_CMS,
    "/referrals/imports/<uuid:id>/discard": OF_THE_CMS,
    "/referrals/rules/proposals/<uuid:id>/adopt": {ADMINISTRATOR},
    "/referrals/rules/proposals/<uuid:id>/drop": {ADMINISTRATOR},
    "/referrals/tokens/<uuid:id>/end": {ADMINISTRATOR},
}
OPEN = {
    "/account/sign-in",
    "/account/sign-out",
    "/account/first-password",
    "/account/second-step",
    "/account/provider/",
    "/account/provider/back",
    "/account/provider/leave",
    "/account/forgotten",
    "/account/link/<token>",
    "/account/accessibility",
    "/developers/",
}
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def routes(furnished: Site) -> Routes:
    return Routes(furnished.settings)


#: where something that is there is found: who looks, on which page, and what the address looks like
_ADDRESSES = {
    "/referrals/<reference>": (CMS_SION, "/referrals/?state=placed", '/referrals/ISA-[^/"]+'),
    "/placement/participants/<reference>": (OSEO, "/placement/groups/oseo-sion", '/placement/participants/ISA-[^/"]+'),
    "/evaluation/participants/<pseudonym>": (HES_SO, "/evaluation/participants/", '/evaluation/participants/P-[^"]+'),
    "/evaluation/participations/<uuid:id>/waves/<code>/completion": (HES_SO, "/evaluation/", '/[^"]+/completion'),
    "/messages/mail/<uuid:id>": (OPERATOR, "/messages/mail/", "/messages/mail/[0-9a-f-]{36}"),
    "/account/people/<id>": (ADMINISTRATOR, "/account/people/", "/account/people/[0-9a-f-]{36}"),
    "/console/failures/<service>/<int:id>": (OPERATOR, "/console/failures/", "/console/failures/[a-z]+/[0-9]+"),
}


_OF_A_REFERRAL = ("consent", "contact", "costs", "entered-in-error", "file", "sent", "withdraw")


@pytest.fixture(scope="module")
def addresses(furnished: Site) -> dict[str, str]:
    """An address of something that is there, for every rule."""
    found = {rule: _first(furnished, *where) for rule, where in _ADDRESSES.items()}
    ineligible = _first(furnished, CMS_SION, "/referrals/?state=ineligible", '/referrals/ISA-[^/"]+')
    group, person = "/placement/groups/oseo-sion", found["/placement/participants/<reference>"]
    return found | {
        "/referrals/<reference>/correct": f"{ineligible}/correct",
        "/referrals/<reference>/again": f"{ineligible}/again",
        **{f"/referrals/<reference>/{page}": found["/referrals/<reference>"] + f"/{page}" for page in _OF_A_REFERRAL},
        "/referrals/drafts/<uuid:id>/<section>": f"/referrals/drafts/{NOBODY}/identity",
        "/retention/<reference>": found["/referrals/<reference>"].replace("/referrals/", "/retention/"),
        "/referrals/imports/template-<language>.<kind>": "/referrals/imports/template-fr.csv",
        "/placement/groups/<code>": group,
        "/placement/groups/<code>/settings": f"{group}/settings",
        "/placement/participants/<reference>/<name>": f"{person}/end",
        "/placement/waiting/<region>/<language>": "/placement/waiting/sion/fr",
        "/messages/partners/<code>": "/messages/partners/sas",
        "/account/people/<id>/change": found["/account/people/<id>"] + "/change",
        "/account/people/<id>/<action>": found["/account/people/<id>"] + "/disable",
        "/account/link/<token>": until(lambda: link_to(furnished, "eric.produit@oseo.example")),
    }


def _first(site: Site, mailbox: str, page: str, like: str) -> str:
    with site.clerk(mailbox) as clerk:
        return clerk.links(page, like)[0]


def address_of(rule: str, addresses: dict[str, str]) -> str:
    filled = addresses.get(rule, rule).replace("<uuid:id>", NOBODY).replace("<id>", NOBODY)
    assert "<" not in filled, f"no address known for {rule}"
    return filled


@pytest.fixture(scope="module", params=EVERYBODY)
def somebody(request: pytest.FixtureRequest, furnished: Site) -> Iterator[tuple[str, httpx.Client, dict[str, str]]]:
    with furnished.clerk(request.param) as clerk:
        yield request.param, clerk.client, clerk.token


def test_every_page_and_every_form_is_in_the_tables(routes: Routes) -> None:
    assert routes.pages() == MAY_SEE.keys()
    assert routes.pages("POST") - routes.pages() == MAY_SEND.keys()


def test_each_role_gets_its_pages_and_no_others(
    somebody: tuple[str, httpx.Client, dict[str, str]], addresses: dict[str, str]
) -> None:
    mailbox, client, _token = somebody
    wrong = {}
    for rule, allowed in MAY_SEE.items():
        answer = client.get(address_of(rule, addresses)).status_code
        if not is_right(answer, mailbox in allowed, rule):
            wrong[rule] = answer
    assert wrong == {}


def is_right(answer: int, allowed: bool, rule: str) -> bool:
    if not allowed:
        return answer == 403
    # a message's number is one that nobody has, and no provider is set; some pages only lead on
    return answer in (200, 302, 303) or (answer == 404 and ("<uuid:id>" in rule or "/provider/" in rule))


def test_each_role_sends_its_forms_and_no_others(
    somebody: tuple[str, httpx.Client, dict[str, str]], routes: Routes, addresses: dict[str, str]
) -> None:
    mailbox, client, token = somebody
    tables = MAY_SEE | MAY_SEND
    forbidden = sorted(rule for rule in routes.pages("POST") if mailbox not in tables[rule])
    answers = {rule: client.post(address_of(rule, addresses), data=token).status_code for rule in forbidden}
    assert {rule: answer for rule, answer in answers.items() if answer != 403} == {}
    assert bool(forbidden)


def test_whoever_is_not_signed_in_is_asked_to(furnished: Site, routes: Routes, addresses: dict[str, str]) -> None:
    with furnished.clerk(None) as nobody:
        for rule in sorted(routes.pages() - OPEN):
            answer = nobody.get(address_of(rule, addresses))
            assert (answer.status_code, answer.headers.get("Location", "")[:16]) == (302, "/account/sign-in"), rule
        for rule in sorted(routes.pages("POST") - OPEN):
            answer = nobody.client.post(address_of(rule, addresses), data={"x": "1"} | nobody.token)
            assert answer.status_code in (302, 403), rule


def test_another_cms_finds_no_page_of_a_referral(furnished: Site, addresses: dict[str, str]) -> None:
    with furnished.clerk(CMS_MARTIGNY) as other:
        for rule in sorted(rule for rule in addresses if rule.startswith("/referrals/<reference>")):
            assert other.get(addresses[rule]).status_code in (404, 405), rule
            assert other.client.post(addresses[rule], data=other.token).status_code in (404, 405), rule


def test_what_is_not_there_is_not_found_and_never_an_error(furnished: Site, routes: Routes) -> None:
    """Numbers that nobody has, and letters where numbers belong. What no store can hold is not even looked for."""
    for mailbox in EVERYBODY:
        with furnished.clerk(mailbox) as clerk:
            for rule in sorted(rule for rule in routes.pages() if "<" in rule):
                for strange in (NOBODY, "999999", "ISA-2026-999999", "x%00é", "%27"):
                    path = re.sub("<[^>]+>", strange, rule)
                    refusals = (400, 403) if "%00" in strange else (403, 404)
                    assert clerk.get(path).status_code in refusals, (mailbox, path)


@pytest.mark.parametrize(("answer", "allowed"), [(500, True), (403, True), (200, False), (404, False)])
def test_a_wrong_answer_is_noticed(answer: int, allowed: bool) -> None:
    assert not is_right(answer, allowed, "/console/")
