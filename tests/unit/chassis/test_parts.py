"""What the macros compute in Python."""

import pytest
from markupsafe import Markup

from chassis.web.parts import summary_line, table_rows


@pytest.mark.parametrize("text", ["ISA-2026-000123", "23.11.2026, 14:32", "E-Mail", Markup("<a href='/'>P-7YQ</a>")])
def test_a_table_breaks_no_line_within_a_word_a_date_or_a_number(text: str) -> None:
    assert table_rows([[text]])[0][0]["classes"] == "ancrage-nowrap"


@pytest.mark.parametrize("text", ["Matin et après-midi", "Marie-Claude Zurbriggen-Zenhäusern", "Place found"])
def test_a_table_breaks_lines_between_words(text: str) -> None:
    assert table_rows([[text]])[0][0]["classes"] == ""


def test_a_question_takes_no_colon_in_the_summary_of_errors() -> None:
    assert summary_line("Seit wann?", "Füllen Sie dieses Feld aus.") == "Seit wann? Füllen Sie dieses Feld aus."
    assert summary_line(None, "Wählen Sie einen Grund.") == "Wählen Sie einen Grund."
