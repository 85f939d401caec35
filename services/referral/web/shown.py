"""What the templates show, in the reader's language: choices, rows and lines."""

from collections.abc import Mapping
from typing import Any

from chassis.i18n import format_avs, format_date, format_phone
from chassis.i18n import mark as _
from chassis.web import t
from contracts.vocabulary import CMS_AREAS
from services.referral import queries
from services.referral.domain import Application, Result, State
from services.referral.forms import SECTIONS
from services.referral.queries import wording
from services.referral.queries.wording.choices import field_choices

#: how a criterion came out, and the colour of its tag
RESULTS = {
    Result.MET: (_("Met"), "green"),
    Result.NOT_MET: (_("Not met"), "red"),
    Result.UNKNOWN: (_("Unknown"), "yellow"),
}


def form_choices() -> dict[str, list[tuple[str, str]]]:
    """The choices of the form's fields, by field."""
    return field_choices(t)


def choices(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, t(text)) for code, text in texts.items()]


def areas(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(code, wording.partner_name(f"cms-{code}", t)) for code in codes]


def states() -> list[tuple[str, str]]:
    return [(state, t(name)) for state, (name, _colour) in wording.STATES.items() if state is not State.DRAFT]


#: where the answer that a criterion hangs on is asked
_ASKED_IN = {"residence": "contact", "age": "identity", "agrees": "consent"}


def section_of_criterion(code: str) -> str:
    return _ASKED_IN.get(code, "situation")


def happened(story: queries.Story) -> list[dict[str, Any]]:
    """The timeline without the messages to partners, which have their own table."""
    return [
        {"at": entry.at, "title": wording.words_of(entry, t)}
        for entry in story.timeline
        if not entry.type.startswith("notification.")
    ]


def told(story: queries.Story) -> list[list[Any]]:
    """Who was told of what, how, with which result and when: the rows of a table, without the time put in words."""
    return [
        [
            wording.partner_name(entry.data["partner"], t),
            wording.told_about(entry.data["about"], t),
            wording.channel_name(entry.data["channel"], t),
            wording.told_how(entry, t),
            entry.at,
        ]
        for entry in story.messages
    ]


#: of what the reason is that placement gave last; in the other states, of the place or of the wait for one
_REASONS = {State.PAUSED: _("Reason for the interruption"), State.ENDED: _("Reason for the end")}


def placement_rows(story: queries.Story) -> list[tuple[str, str]]:
    placement = story.referral.placement
    if placement is None or story.referral.is_withdrawn:
        return []  # after a withdrawal, what was decided before it would only mislead; the timeline has it
    rows = (
        (t(_("Group")), placement.group_name or placement.group),
        (t(_("Position on the waiting list")), story.position),
        (t(_("First day")), format_date(placement.starts_on)),
        (t(_("Away since")), format_date(placement.paused_on) if story.referral.state is State.PAUSED else ""),
        (t(_("Ended on")), format_date(placement.ended_on)),
        (t(_REASONS.get(story.referral.state, _("Why"))), wording.placement_reason(story.referral, story.waiting, t)),
    )
    return [(key, str(value)) for key, value in rows if value]


def answers_by_section(answers: Application, avs_number: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """All that was answered, in the sections of the form: field, label and answer of each."""
    texts, labels = choice_texts() | {"cms_area": dict(areas((answers.cms_area,)))}, wording.field_labels(t)
    values = vars(answers) | {"avs_number": format_avs(avs_number), "phone": format_phone(answers.phone)}
    return [
        (
            section,
            [
                {"field": name, "key": labels[name], "value": answer_shown(values[name], texts.get(name, {}))}
                for name in fields
                if not _is_idle(name, values)
            ],
        )
        for section, fields in SECTIONS.items()
    ]


def _is_idle(name: str, values: Mapping[str, Any]) -> bool:
    """A reason that nobody asked for, because of another answer."""
    return name in wording.REASONS_OF and not values[name] and values[wording.REASONS_OF[name]] not in ("yes", "high")


def choice_texts() -> dict[str, dict[str, str]]:
    """What the codes of each field are called."""
    return {name: dict(pairs) for name, pairs in form_choices().items()} | {"cms_area": dict(areas(CMS_AREAS))}


def answer_shown(value: Any, texts: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return texts["yes" if value else "no"]
    if isinstance(value, tuple | list):
        return ", ".join(texts.get(each, each) for each in value)
    if hasattr(value, "isoformat"):
        return format_date(value)
    return texts.get(str(value), str(value)) if value else ""
