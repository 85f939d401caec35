"""Days as people write them: 1.2.1980, 01/02/80, 1er février 1980, 1. Februar 1980, 01021980 or 1980-02-01."""

import re
from datetime import date
from functools import cache

from anyascii import anyascii
from babel.dates import get_month_names

from chassis.i18n import LANGUAGES

_GAP = r"[.\s/-]+"
_WRITTEN = re.compile(rf"(\d{{1,2}})(?:er)?{_GAP}(\d{{1,2}}|[^\W\d_]{{3,}}){_GAP}(\d{{4}}|\d{{2}})\.?", re.ASCII)
_DIGITS = re.compile(r"(\d{2})(\d{2})(\d{4}|\d{2})", re.ASCII)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)


def read_day(text: str, latest: date | None = None) -> date:
    """The day that is meant, the day before the month. Raises ValueError.

    Two digits of a year are of this century; of the last one where that would be after `latest`.
    """
    plain = anyascii(text).casefold().strip()
    iso = _ISO.fullmatch(plain)
    found = _WRITTEN.fullmatch(plain) or _DIGITS.fullmatch(plain)
    if iso is None and found is None:
        raise ValueError("no day")
    day, month, year = iso.groups()[::-1] if iso else found.groups()  # type: ignore[union-attr]  # one of the two
    if len(year) == 4:
        return date(int(year), _month(month), int(day))
    return _in_century(int(year), _month(month), int(day), latest)


def _in_century(year: int, month: int, day: int, latest: date | None) -> date:
    if latest is not None and (year, month, day) > (latest.year - 2000, latest.month, latest.day):
        return date(1900 + year, month, day)
    return date(2000 + year, month, day)


def _month(text: str) -> int:
    """A number, or the beginning of a name that no other month has."""
    if text.isdecimal():
        return int(text)
    (number,) = {number for name, number in _names().items() if name.startswith(text)}
    return number


@cache
def _names() -> dict[str, int]:
    """The months in our languages, without accents."""
    return {
        anyascii(name).casefold(): number
        for language in LANGUAGES
        for number, name in get_month_names("wide", locale=language).items()
    }
