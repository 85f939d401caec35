"""Where nobody may be named: addresses, logs, e-mails. Searched for everybody whom the site has ever heard of."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.browser.people import secrets_of, spoken_of
from tests.browser.site import CMS_SION, OSEO, Site

_SHOW_PEOPLE = ((CMS_SION, "/referrals/"), (OSEO, "/placement/groups/oseo-sion"), (OSEO, "/placement/waiting/sion/fr"))


@pytest.fixture(scope="module")
def secrets(furnished: Site) -> list[str]:
    """Every name, number, street, day of birth and reason that was ever sent."""
    found = secrets_of(*furnished.people)
    assert len(found) > 500
    return found


def test_no_line_of_any_log_holds_personal_data(furnished: Site, secrets: list[str]) -> None:
    paths = [*(furnished.folder / "log").glob("*"), furnished.folder.parent / f"{furnished.folder.name}.log"]
    told = {path.name: path.read_text(errors="replace") for path in paths}
    assert {"web.log", "worker.log"} <= told.keys()
    assert sum(text.count("ISA-2026-") for text in told.values()) > 100, "the logs tell of referrals"
    assert {name: found for name, text in told.items() if (found := spoken_of(secrets, text))} == {}


def test_no_email_holds_personal_data(furnished: Site, secrets: list[str]) -> None:
    letters = all_letters(furnished)
    assert len(letters) > 100
    assert [found for letter in letters if (found := spoken_of(secrets, letter))] == []


@pytest.mark.parametrize("partner", ["sas", "hes-so"])
def test_who_may_not_recognise_a_referral_reads_no_reference(furnished: Site, partner: str) -> None:
    letters = [letter for letter in all_letters(furnished) if f"@{partner}.example" in letter]
    assert letters
    assert not any("ISA-2026-" in letter for letter in letters)


def all_letters(site: Site) -> list[str]:
    return [read(path) for path in (site.folder / "mail").glob("*.eml")]


def read(path: Path) -> str:
    """An e-mail's head and body, decoded."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body()
    assert body is not None
    return "\n".join([*map(str, mail.values()), str(body.get_content())])


def test_no_address_holds_personal_data(furnished: Site, secrets: list[str]) -> None:
    """Every link and form of the pages that show people; the tour watches all that a browser asks for besides."""
    seen: set[str] = set()
    for mailbox, start in _SHOW_PEOPLE:
        with furnished.clerk(mailbox) as clerk:
            for page in [start, *clerk.links(start, '/[^"]*ISA-[^"]+')[:10]]:
                seen |= set(re.findall(r'(?:href|action|src)="([^"]+)"', clerk.get(page).text))
    assert len(seen) > 50
    assert spoken_of(secrets, "\n".join(sorted(seen))) == []


def test_a_search_leaves_no_name_in_an_address(furnished: Site, secrets: list[str]) -> None:
    name = next(body["family_name"] for body in furnished.people if body["cms_area"] == "sion-herens-conthey")
    with furnished.clerk(CMS_SION) as cms:
        address = cms.send("/referrals/", search=name).headers["Location"]
        assert name in cms.get(address).text
        assert spoken_of(secrets, address) == []


def test_what_is_personal_is_found(secrets: list[str], furnished: Site) -> None:
    body = furnished.people[0]
    fields = ("family_name", "given_name", "avs_number", "phone", "street", "birth_date", "employment_reason")
    for planted in [*(body[field] for field in fields), body["avs_number"].replace(".", "")]:
        assert spoken_of(secrets, f'{{"event": "request", "told": "{planted}"}}')
    assert spoken_of(secrets, '{"event": "request", "route": "/referrals/<reference>"}') == []
