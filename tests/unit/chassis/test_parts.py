"""What the macros compute in Python."""

import pytest
from markupsafe import Markup

from chassis.web.parts import summary_line, summary_rows, table_rows, wrapping


@pytest.mark.parametrize("text", ["ISA-2026-000123", "23.11.2026, 14:32", "E-Mail", Markup("<a href='/'>P-7YQ</a>")])
def test_a_table_breaks_no_line_within_a_word_a_date_or_a_number(text: str) -> None:
    assert table_rows([[text]])[0][0]["classes"] == "ancrage-nowrap"


@pytest.mark.parametrize("text", ["Le matin ou l’après-midi", "Marie-Claude Zurbriggen-Zenhäusern", "Place found"])
def test_a_table_breaks_lines_between_words(text: str) -> None:
    assert table_rows([[text]])[0][0]["classes"] == ""


def test_several_things_are_a_list_and_one_is_not() -> None:
    (several,) = summary_rows([("Criteria", ["<b>", "Age"])])
    assert "<li>&lt;b&gt;</li><li>Age</li>" in several["value"]["html"]
    assert summary_rows([("Criteria", ["Age"])])[0]["value"] == {"html": "Age"}
    assert summary_rows([("Criteria", [])])[0]["value"] == {"text": "–"}


def test_a_question_takes_no_colon_in_the_summary_of_errors() -> None:
    assert summary_line("Seit wann?", "Füllen Sie dieses Feld aus.") == "Seit wann? Füllen Sie dieses Feld aus."
    assert summary_line(None, "Wählen Sie einen Grund.") == "Wählen Sie einen Grund."


@pytest.mark.parametrize(
    ("label", "sentence"),
    [("Nachname", "Geben Sie den Nachnamen ein."), ("Prénom", "Indiquez le prénom."), ("Code", "Enter the code.")],
)
def test_the_summary_of_errors_says_nothing_twice(label: str, sentence: str) -> None:
    assert summary_line(label, sentence) == sentence


HELD = '<span class="ancrage-nowrap">'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Referral ISA-2026-000123", f"Referral {HELD}ISA-2026-000123</span>"),
        ("P-4YBVWKYB6L, HES-SO", f"{HELD}P-4YBVWKYB6L</span>, {HELD}HES-SO</span>"),
        ("information_needed", "information_<wbr>needed"),
        ("GET /api/{id}/file", "GET /api/<wbr>{id}/<wbr>file"),
        ("a.rey@cms.example", "a.<wbr>rey@<wbr>cms.<wbr>example"),
        ("referral.accepted.v1 of 22.11.2026.", "referral.<wbr>accepted.<wbr>v1 of 22.11.2026."),
        ("<b>a@b</b>", "&lt;b&gt;a@<wbr>b&lt;/b&gt;"),
        ("79 % of 1'200.–", "79 % of 1&#39;200.–"),
    ],
)
def test_lines_end_after_signs_and_never_in_a_number(text: str, shown: str) -> None:
    assert str(wrapping(text)) == shown
