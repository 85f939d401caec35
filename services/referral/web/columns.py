"""What the columns and answers of a file are called, in both languages: to read any of them and to write one."""

from collections.abc import Mapping
from functools import cache, partial

from chassis.i18n import LANGUAGES, Catalogue
from chassis.i18n import mark as _
from contracts.vocabulary import CMS_AREAS
from services.referral.forms.files import Columns, key_of
from services.referral.queries import wording
from services.referral.queries.wording.choices import field_choices
from services.referral.queries.wording.names import Say, area_name

PACKAGE = "services.referral"

#: the column in which a file to be corrected says what is wrong
REASONS = _("What to correct")


def titles(say: Say) -> dict[str, str]:
    """Field -> the title of its column."""
    return wording.field_labels(say)


def choices(say: Say) -> dict[str, list[str]]:
    """Field -> the answers that it may have, in words; for those with one answer of a list."""
    told = {name: [text for _code, text in pairs] for name, pairs in field_choices(say).items() if name != "interests"}
    return told | {"cms_area": [area_name(area, say) for area in CMS_AREAS]}


@cache
def readable() -> Columns:
    """Titles and answers as people may write them: in French, in German, or as the codes of the API."""
    fields: dict[str, str] = {}
    codes: dict[str, dict[str, str]] = {}
    ignored = set()
    for say in _languages():
        fields |= {key_of(title): name for name, title in titles(say).items()}
        for name, words in _words(say).items():
            codes.setdefault(name, {}).update(words)
        ignored.add(key_of(say(REASONS)))
    fields |= {key_of(name): name for name in fields.values()}
    return Columns(fields, codes, frozenset(ignored))


def _words(say: Say) -> Mapping[str, dict[str, str]]:
    """Field -> {answer in words: code}."""
    pairs = {**field_choices(say), "cms_area": [(area, area_name(area, say)) for area in CMS_AREAS]}
    told = {name: {key_of(text): code for code, text in each} for name, each in pairs.items()}
    areas = {key_of(wording.partner_name(f"cms-{area}", say)): area for area in CMS_AREAS}
    codes = {name: {key_of(code): code for code, _text in each} for name, each in pairs.items()}
    return {name: codes[name] | words | (areas if name == "cms_area" else {}) for name, words in told.items()}


def _languages() -> list[Say]:
    return [partial(Catalogue(PACKAGE).gettext, language) for language in LANGUAGES]
