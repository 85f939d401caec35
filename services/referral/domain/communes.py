"""The communes of the canton and the localities in them, as tables that ship with the service."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Commune:
    """A commune of Valais: federal number, CMS area that serves it, programme region, official language."""

    number: int
    name: str
    district: str
    cms_area: str
    region: str
    language: str


@dataclass(frozen=True)
class Locality:
    """What stands behind a postal code in an address, and the number of the commune that it belongs to."""

    name: str
    commune: int


@cache
def communes() -> dict[int, Commune]:
    """All communes by federal number (source: data/communes.md)."""
    return {commune.number: commune for commune in map(_commune, _table("communes"))}


def region_of(number: int) -> str | None:
    """The programme region of a commune, None where the table does not know it (any more)."""
    commune = communes().get(number)
    return commune.region if commune else None


@cache
def localities() -> dict[str, tuple[Locality, ...]]:
    """The localities of each postal code (source: data/communes.md)."""
    found: dict[str, tuple[Locality, ...]] = {}
    for row in _table("localities"):
        one = Locality(row["name"], int(row["bfs_number"]))
        found[row["postal_code"]] = (*found.get(row["postal_code"], ()), one)
    return found


def _table(name: str) -> Iterator[dict[str, str]]:
    text = files("services.referral").joinpath(f"data/{name}.csv").read_text(encoding="utf-8")
    return iter(csv.DictReader(text.splitlines()))


def _commune(row: dict[str, str]) -> Commune:
    return Commune(
        number=int(row["bfs_number"]),
        name=row["name"],
        district=row["district"],
        cms_area=row["cms_area"],
        region=row["programme_region"],
        language=row["language"],
    )
