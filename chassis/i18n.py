"""Words and figures for people: catalogues read from .po files, and Swiss ways of writing dates and money."""

import gettext as plurals
import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po

LANGUAGES = ("fr", "de")
DEFAULT_LANGUAGE = "fr"
#: what a language calls itself
LANGUAGE_NAMES = {"fr": "Français", "de": "Deutsch"}
ZURICH = ZoneInfo("Europe/Zurich")

#: where the pages that all services share keep their templates and translations
COMMON = Path(__file__).parent / "web"
_NO_BREAK = "\u00a0"


class Sentence(str):
    """A sentence with what is to be filled into it, not yet in anybody's language."""

    params: dict[str, object]


def mark(msgid: str, **params: object) -> str:
    """Marks a sentence for translation where it is declared, and returns it unchanged.

    `params` travel with it, for the place that translates it: `mark("At most %(n)s.", n=3)`.
    """
    sentence = Sentence(msgid)
    sentence.params = params
    return sentence if params else msgid


@dataclass(frozen=True)
class _Words:
    """One .po file: its sentences, and which plural form a number takes."""

    sentences: dict[str, tuple[str, ...]]
    plural: Callable[[int], int]


class Catalogue:
    """The translations of one package, with the sentences that all packages share behind them.

    `package` is a dotted name, such as `services.billing`; its .po files lie in
    `translations/<language>/LC_MESSAGES/messages.po`. A sentence without translation stays English.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self.directory = _directory(package)

    def gettext(self, language: str, msgid: str, **params: object) -> str:
        """The sentence in `language`, its `%(name)s` filled in from `params`."""
        found = self._find(language, msgid)
        text = found[0][0] if found else str(msgid)
        values = {**getattr(msgid, "params", {}), **params}
        return text % values if values else text

    def ngettext(self, language: str, singular: str, plural: str, n: int, **params: object) -> str:
        """The sentence in the form that `n` takes; `%(n)s` is the number."""
        found = self._find(language, singular)
        if found:
            forms, rule = found
            text = forms[min(rule(n), len(forms) - 1)]
        else:
            text = singular if n == 1 else plural
        return text % {"n": n, **params}

    def _find(self, language: str, msgid: str) -> tuple[tuple[str, ...], Callable[[int], int]] | None:
        for folder in (self.directory, COMMON):
            words = _words(folder, language)
            if msgid in words.sentences:
                return words.sentences[msgid], words.plural
        return None


def _directory(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is no package: it can have no translations")
    return Path(next(iter(spec.submodule_search_locations)))


@cache
def _words(folder: Path, language: str) -> _Words:
    # putting the path together takes longer than finding a sentence
    return _read(folder / "translations" / language / "LC_MESSAGES" / "messages.po")


@cache
def _read(path: Path) -> _Words:
    if not path.exists():
        return _Words({}, lambda n: int(n != 1))
    with path.open("rb") as lines:
        catalog = read_po(lines)
    sentences: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        msgid = message.id if isinstance(message.id, str) else message.id[0]
        texts = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if msgid and texts and all(texts) and not message.fuzzy:
            sentences[msgid] = texts
    return _Words(sentences, plurals.c2py(catalog.plural_expr))


def known_language(code: str | None, default: str = DEFAULT_LANGUAGE) -> str:
    """`code` where it is a language we speak (region subtags are dropped), otherwise `default`."""
    short = (code or "").replace("_", "-").split("-")[0].lower()
    return short if short in LANGUAGES else default


def format_date(day: date | None) -> str:
    """22.11.2026; an instant is told as the day it falls on in Switzerland; nothing for None."""
    if day is None:
        return ""
    return _local(day).strftime("%d.%m.%Y")


def format_time(instant: datetime | None) -> str:
    """14:32 in Switzerland, from an aware datetime."""
    return "" if instant is None else _local(instant).strftime("%H:%M")


def format_datetime(instant: datetime | None) -> str:
    """22.11.2026, 14:32 in Switzerland, from an aware datetime."""
    return "" if instant is None else _local(instant).strftime("%d.%m.%Y, %H:%M")


def _local(moment: date) -> date:
    return moment.astimezone(ZURICH) if isinstance(moment, datetime) else moment


def format_chf(amount: int | float | Decimal | None) -> str:
    """1'200.– for whole francs, 1'200.50 with centimes: the amount alone, without the currency's name."""
    if amount is None:
        return ""
    exact = Decimal(str(amount)).quantize(Decimal("0.01"))
    sign = "-" if exact < 0 else ""
    francs, centimes = f"{abs(exact):,.2f}".replace(",", "'").split(".")
    return f"{sign}{francs}.{'–' if centimes == '00' else centimes}"


def format_number(number: int | None) -> str:
    """1'200: thousands set apart as in Switzerland."""
    return "" if number is None else f"{number:,}".replace(",", "'")


def format_avs(number: str | None) -> str:
    """756.1234.5678.97 from thirteen digits, however they were spaced; anything else is returned as it is."""
    digits = re.sub(r"[\s.]", "", number or "")
    if not re.fullmatch(r"\d{13}", digits):
        return number or ""
    return f"{digits[:3]}.{digits[3:7]}.{digits[7:11]}.{digits[11:]}"


def format_phone(number: str | None) -> str:
    """+41 79 555 12 34 as it is written at home: 079 555 12 34; a number of another country keeps its code."""
    code, rest = "+41 ", number or ""
    return "0" + rest.removeprefix(code) if rest.startswith(code) else rest


def quoted(text: str, language: str) -> str:
    """« text » with the quotes of the language as Switzerland sets them (both languages use guillemets)."""
    return f"«{_NO_BREAK}{text}{_NO_BREAK}»" if language == "fr" else f"«{text}»"
