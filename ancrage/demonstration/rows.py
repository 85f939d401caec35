"""The demonstration file: 120 made-up referrals, some of them with mistakes to show what becomes of those."""

import csv
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

FILE = "demonstration_referrals.csv"
#: separates the values of a column that holds several
SEPARATOR = "|"
LISTS = ("interests",)

Body = dict[str, Any]


def from_file() -> list[Body]:
    """The referrals of the file, in its order, as the API takes them."""
    text = files("ancrage").joinpath("data", FILE).read_text(encoding="utf-8")
    return [to_body(row) for row in csv.DictReader(text.splitlines())]


def to_body(row: dict[str, str]) -> Body:
    """A line of the file as the API takes it: what is empty is absent, several values are a list."""
    filled = {name: value for name, value in row.items() if value}
    return {name: value.split(SEPARATOR) if name in LISTS else value for name, value in filled.items()}


def put_telling_one_first(bodies: Iterable[Body]) -> list[Body]:
    """The same referrals, beginning with one that goes the whole way: placed, partners told, in the evaluation."""
    ordered = list(bodies)
    first = next((body for body in ordered if goes_all_the_way(body)), None)
    return ordered if first is None else [first, *(body for body in ordered if body is not first)]


def goes_all_the_way(body: Body) -> bool:
    """Whether the referral looks eligible, in the region of Sion, for somebody who takes part in the evaluation."""
    expected = {
        "cms_area": "sion-herens-conthey",
        "language": "fr",
        "social_assistance": "yes",
        "employment_unrealistic": "yes",
        "benefit_expected": "yes",
        "other_measure": "no",
        "agrees": "yes",
        "evaluation_consent": "yes",
    }
    adult = "1965" < str(body.get("birth_date", "")) < "2005"
    return adult and all(body.get(name) == value for name, value in expected.items())
