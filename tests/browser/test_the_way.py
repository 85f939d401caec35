"""A social worker refers somebody and sees it through, in both languages, with JavaScript and without."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.desk import SEE, fill_all
from tests.browser.people import somebody
from tests.browser.site import CMS_SION
from tests.browser.visit import Visit
from tests.system import until

Begin = Callable[..., Visit]

#: what the page says once everybody has answered
WAY: dict[str, dict[str, Any]] = {
    "fr": {
        "form": "Nouveau signalement",
        "sent": "Le signalement est envoyé",
        "state": "Place attribuée",
        "happened": (
            "Le CMS a envoyé le signalement.",
            "La personne a été admise : tous les critères sont remplis.",
            "L’OSEO Valais a attribué une place dans le groupe OSEO Sion.",
            "La HES-SO Valais-Wallis a inclus la personne dans l’évaluation, sous un pseudonyme.",
        ),
        "met": "Rempli",
        "told": {"OSEO Valais", "Ville de Sion", "HES-SO Valais-Wallis", "CMS Sion-Hérens-Conthey"},
    },
    "de": {
        "form": "Neue Anmeldung",
        "sent": "Die Anmeldung ist eingereicht",
        "state": "Platz zugeteilt",
        "happened": (
            "Das SMZ hat die Anmeldung eingereicht.",
            "Die Person wurde zugelassen: Alle Kriterien sind erfüllt.",
            "Das SAH Wallis hat einen Platz in der Gruppe OSEO Sion zugeteilt.",
            "Die HES-SO Valais-Wallis hat die Person unter einem Pseudonym in die Evaluation aufgenommen.",
        ),
        "met": "Erfüllt",
        "told": {"SAH Wallis", "Stadt Sitten", "HES-SO Valais-Wallis", "SMZ Sitten-Ering-Gundis"},
    },
}


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
@pytest.mark.parametrize("language", ["fr", "de"])
def test_from_the_form_to_the_finished_timeline(visit: Begin, language: str, javascript: bool) -> None:
    body, words = somebody(), WAY[language]
    window = visit(CMS_SION, language, javascript=javascript, about=[body])
    window.open("/").follow("main a[href='/referrals/new']")
    assert words["form"] in window.text()
    fill_all(window, body)
    began = time.monotonic()
    window.send()
    assert window.heading() == words["sent"]
    window.follow(SEE)
    until(lambda: is_finished(window, words))
    took = time.monotonic() - began
    said = f"from submitting to the finished timeline ({language}, JavaScript {javascript}): {took:.2f} s"
    print(f"\n{said}")  # noqa: T201  # a figure to be seen
    criteria = window.page.locator("main details .govuk-tag").all_text_contents()
    assert [each.strip() for each in criteria] == [words["met"]] * 7


def is_finished(window: Visit, words: dict[str, Any]) -> bool:
    """Eligible, placed, enrolled, and every partner told: what the reader of the page sees, without a click."""
    text, told = seen_now(window)
    return words["state"] in text and all(each in text for each in words["happened"]) and told >= words["told"]


def seen_now(window: Visit) -> tuple[str, set[str]]:
    """The page's text and the partners in its table; nothing while it is being loaded again."""
    from playwright.sync_api import Error

    try:
        return window.text(), {row[0] for row in window.rows()}
    except Error:
        return "", set()
