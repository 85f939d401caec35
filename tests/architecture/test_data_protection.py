"""docs/data-protection.md describes every column of every store, once, and nothing that is not there."""

import importlib
import re
from collections import Counter
from pathlib import Path

from ancrage import house
from chassis.store import service_metadata

PAGE = Path(__file__).parents[2] / "docs" / "data-protection.md"
EVERY = "In every store"

Column = tuple[str, str, str]  #: store, table, column


def described(text: str) -> Counter[Column]:
    """What the tables below the headings of the stores say."""
    found: Counter[Column] = Counter()
    for section in re.split(r"^### ", text, flags=re.M)[1:]:
        store = section.partition("\n")[0].strip()
        for line in re.findall(r"^\| .+ \|$", section.partition("\n## ")[0], re.M):
            table, columns, *rest = (cell.strip() for cell in line.strip("|").split("|"))
            if table != "table" and len(rest) == 4 and all(rest):
                found.update((store, table, column) for column in columns.split())
    return found


def existing() -> set[Column]:
    shared = service_metadata().tables
    found = {(EVERY, table.name, column.name) for table in shared.values() for column in table.c}
    for service in house.SERVICES:
        metadata = importlib.import_module(f"services.{service}.store").metadata
        own = [table for name, table in metadata.tables.items() if name not in shared]
        found |= {(service, table.name, column.name) for table in own for column in table.c}
    return found


def test_every_column_of_every_store_is_described_once() -> None:
    told = described(PAGE.read_text())
    assert existing() - set(told) == set()
    assert [column for column, times in told.items() if times > 1] == []


def test_nothing_is_described_that_is_not_there() -> None:
    assert set(described(PAGE.read_text())) - existing() == set()


def test_a_column_that_is_left_out_or_made_up_is_found() -> None:
    text = PAGE.read_text()
    assert existing() - set(described(text.replace(" avs_sealed ", " "))) == {("referral", "referrals", "avs_sealed")}
    assert set(described(text.replace("| pseudonyms | person", "| pseudonyms | shoe_size person"))) - existing()


def test_a_line_that_says_nothing_describes_nothing() -> None:
    assert not described("### referral\n| rules | version | – | eligibility |  | – |\n")
