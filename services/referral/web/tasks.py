"""The task list in words: which sections there are, and what each still lacks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from chassis.i18n import mark as _
from chassis.web import t, tn
from services.referral.domain import Draft
from services.referral.forms import SECTIONS
from services.referral.queries import wording
from services.referral.web import shown

#: what each section is called, and what it asks
NAMES = {
    "identity": (_("Identity"), _("AVS number, name, date of birth")),
    "contact": (_("Home and contact"), _("Address, language, telephone")),
    "situation": (_("Situation and assessment"), _("Social assistance, work, what the activity should bring")),
    "needs": (_("Needs and availability"), _("When, which interests, what to take into account")),
    "consent": (_("Consent"), _("To take part, and to the evaluation")),
    "referrer": (_("Who refers"), _("CMS and social worker")),
}

Problems = Mapping[str, Mapping[str, bool]]


@dataclass(frozen=True)
class Task:
    """A line of the task list."""

    section: str
    name: str
    hint: str
    status: str
    colour: str | None  #: of the status's tag; None: plain text

    @property
    def is_complete(self) -> bool:
        return self.colour is None


def rows(draft: Draft, problems: Problems) -> list[Task]:
    return [_task(draft, section, problems.get(section)) for section in SECTIONS]


def lacking(problems: Problems) -> str:
    """What a draft still lacks, in a few words."""
    wrong = sum(any(found.values()) for found in problems.values())
    missing = sum(len(found) for found in problems.values())
    if not missing:
        return t(_("Complete: check and send"))
    if wrong:
        return tn("One answer is missing or to be corrected", "%(n)s answers are missing or to be corrected", missing)
    return tn("One answer is missing", "%(n)s answers are missing", missing)


def person_of(draft: Draft, first: str = "given_name", then: str = "family_name") -> str:
    """Name of whom a draft is about, as far as it was typed."""
    names = (draft.answers.get(first), draft.answers.get(then))
    return " ".join(name for name in names if name) or t(_("(no name yet)"))


def has_one_cms(draft: Draft, areas: Collection[str]) -> bool:
    """Whether there is no choice for which CMS it is."""
    return len(areas) == 1 or draft.corrects is not None


def differences(draft: Draft, values: Mapping[str, Any], fields: Collection[str]) -> list[dict[str, str]]:
    """Both answers to each question that two windows answered differently."""
    labels, texts = wording.field_labels(t), shown.choice_texts()
    return [
        {
            "label": labels[name],
            "here": shown.answer_shown(values.get(name), texts.get(name, {})),
            "there": shown.answer_shown(draft.answers.get(name), texts.get(name, {})),
        }
        for name in fields
    ]


def places(home: Mapping[str, str]) -> str:
    """Locality and commune in words, one name where they are the same."""
    texts = shown.choice_texts()
    return ", ".join(dict.fromkeys(shown.answer_shown(value, texts.get(name, {})) for name, value in home.items()))


def _task(draft: Draft, section: str, found: Mapping[str, bool] | None) -> Task:
    name, hint = (t(text) for text in NAMES[section])
    return Task(section, name, hint, *_status(draft, section, found))


def _status(draft: Draft, section: str, found: Mapping[str, bool] | None) -> tuple[str, str | None]:
    if not found:
        return t(_("Complete")), None
    if any(found.values()):
        return t(_("To be corrected")), "red"
    if not any(draft.answers.get(field) for field in SECTIONS[section] if field not in ("cms_area", "urgency")):
        return t(_("Not yet started")), "blue"
    return tn("One answer is missing", "%(n)s answers are missing", len(found)), "yellow"


def section_name(section: str) -> str:
    return t(NAMES[section][0])


def with_part(choices: Iterable[tuple[str, str]], answer: str, part: Markup) -> list[dict[str, Any]]:
    """Choices of which one shows a part of its own while it is chosen."""
    return [
        {"value": value, "text": text} | ({"conditional": part} if value == answer else {}) for value, text in choices
    ]


def changeable(rows: Iterable[Mapping[str, Any]], path: str) -> list[dict[str, Any]]:
    """Rows of a summary list, each with a link that leads to its question."""
    change = t(_("Change"))
    return [{**row, "actions": [{"href": f"{path}#{row['field']}", "text": change}]} for row in rows]


#: what templates call
GLOBALS = {
    "section_name": section_name,
    "person_of": person_of,
    "with_part": with_part,
    "changeable": changeable,
}
