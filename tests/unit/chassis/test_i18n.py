"""Catalogues, and how Switzerland writes dates and money."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from chassis import i18n
from chassis.i18n import Catalogue, mark

_PO = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural={plural};\\n"

msgid "Good day, %(name)s."
msgstr "{hello}"

msgid "one place"
msgid_plural "%(n)s places"
msgstr[0] "{one}"
msgstr[1] "{many}"

#, fuzzy
msgid "unsure"
msgstr "{hello}"

msgid "Sign out"
msgstr "{own}"
"""
_FILLED = {
    "fr": {"plural": "(n > 1)", "hello": "Bonjour, %(name)s.", "one": "une place", "many": "%(n)s places", "own": ""},
    "de": {
        "plural": "(n != 1)",
        "hello": "Grüezi, %(name)s.",
        "one": "ein Platz",
        "many": "%(n)s Plätze",
        "own": "Auf Wiedersehen",
    },
}


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    package = tmp_path / "speaking"
    for language, words in _FILLED.items():
        folder = package / "translations" / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "messages.po").write_text(_PO.format(**words))
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return Catalogue("speaking")


def test_a_sentence_is_said_in_the_language_and_filled_in(catalogue: Catalogue) -> None:
    assert catalogue.gettext("fr", "Good day, %(name)s.", name="Léa") == "Bonjour, Léa."
    assert catalogue.gettext("de", "Good day, %(name)s.", name="Léa") == "Grüezi, Léa."


def test_what_is_filled_in_may_travel_with_the_sentence(catalogue: Catalogue) -> None:
    sentence = mark("Good day, %(name)s.", name="Léa")
    assert catalogue.gettext("fr", sentence) == "Bonjour, Léa."
    assert sentence == "Good day, %(name)s."


def test_a_sentence_without_translation_stays_as_it_is(catalogue: Catalogue) -> None:
    assert catalogue.gettext("fr", "Nobody translated me, 100% sure") == "Nobody translated me, 100% sure"


def test_an_unsure_translation_is_not_used(catalogue: Catalogue) -> None:
    assert catalogue.gettext("de", "unsure") == "unsure"


@pytest.mark.parametrize(
    ("language", "n", "said"),
    [
        ("fr", 0, "une place"),  # French: nought is singular
        ("fr", 1, "une place"),
        ("fr", 2, "2 places"),
        ("de", 0, "0 Plätze"),
        ("de", 1, "ein Platz"),
    ],
)
def test_the_plural_follows_the_language(catalogue: Catalogue, language: str, n: int, said: str) -> None:
    assert catalogue.ngettext(language, "one place", "%(n)s places", n) == said


def test_a_package_says_it_in_its_own_words_before_the_common_ones(catalogue: Catalogue) -> None:
    assert catalogue.gettext("de", "Sign out") == "Auf Wiedersehen"
    assert catalogue.gettext("fr", "Sign out") == "Se déconnecter", "an empty translation is none"


def test_a_module_that_is_no_package_can_have_no_translations() -> None:
    with pytest.raises(ModuleNotFoundError, match="no package"):
        Catalogue("chassis.clock")


@pytest.mark.parametrize(
    ("code", "known"), [("de-CH", "de"), ("fr_CH", "fr"), ("DE", "de"), ("it", "fr"), ("", "fr"), (None, "fr")]
)
def test_regions_of_a_language_are_known_and_other_languages_become_french(code: str | None, known: str) -> None:
    assert i18n.known_language(code) == known


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (1200, "1'200.–"),
        (0, "0.–"),
        (999, "999.–"),
        (1234567.5, "1'234'567.50"),
        (Decimal("0.05"), "0.05"),
        (-1200, "-1'200.–"),
        (None, ""),
    ],
)
def test_money_is_written_as_in_switzerland(amount: float | None, written: str) -> None:
    assert i18n.format_chf(amount) == written


def test_days_and_times_are_those_of_switzerland() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past midnight in Sion
    assert i18n.format_date(date(2026, 11, 2)) == "02.11.2026"
    assert i18n.format_date(late) == "23.11.2026"
    assert i18n.format_time(late) == "00:30"
    assert i18n.format_datetime(late) == "23.11.2026, 00:30"
    assert i18n.format_time(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "14:00", "summer time"
    assert i18n.format_date(None) == i18n.format_time(None) == i18n.format_datetime(None) == ""


def test_an_avs_number_is_grouped_however_it_was_typed() -> None:
    assert i18n.format_avs("7561234567897") == "756.1234.5678.97"
    assert i18n.format_avs("756 1234 5678 97") == "756.1234.5678.97"
    assert i18n.format_avs("75612") == "75612"
    assert i18n.format_avs(None) == ""


def test_a_telephone_number_is_shown_as_it_is_written_at_home() -> None:
    assert i18n.format_phone("+41 79 555 12 34") == "079 555 12 34"
    assert i18n.format_phone("+33 6 12 34 56 78") == "+33 6 12 34 56 78"
    assert i18n.format_phone(None) == ""


def test_quotes_are_guillemets_set_apart_in_french_only() -> None:
    assert i18n.quoted("ISA", "fr") == "«\u00a0ISA\u00a0»"
    assert i18n.quoted("ISA", "de") == "«ISA»"
