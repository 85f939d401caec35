"""The communes of the canton, as a table that ships with the service."""

import csv
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


@cache
def communes() -> dict[int, Commune]:
    """All communes by federal number (source: data/communes.md)."""
    table = files("services.referral").joinpath("data/communes.csv").read_text(encoding="utf-8")
    return {commune.number: commune for commune in map(_commune, csv.DictReader(table.splitlines()))}


def region_of(number: int) -> str | None:
    """The programme region of a commune, None where the table does not know it (any more)."""
    commune = communes().get(number)
    return commune.region if commune else None


def _commune(row: dict[str, str]) -> Commune:
    return Commune(
        number=int(row["bfs_number"]),
        name=row["name"],
        district=row["district"],
        cms_area=row["cms_area"],
        region=row["programme_region"],
        language=row["language"],
    )
