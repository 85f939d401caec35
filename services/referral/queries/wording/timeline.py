"""The timeline in words: a sentence for each thing that happened."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from chassis.i18n import format_date, format_datetime
from chassis.i18n import mark as _
from services.referral.domain import Entry
from services.referral.queries.wording.criteria import criterion_name
from services.referral.queries.wording.desk import quarter_name
from services.referral.queries.wording.names import WITHDRAWALS, Say, partner_name, reason_name

_Data = Mapping[str, Any]

_CHANNELS = {
    "inbox": _("message in the application"),
    "email": _("e-mail"),
    "webhook": _("electronic notice"),
}

_CAUSES = {
    "refused": _("refused by the receiving server"),
    "unreachable": _("the receiving server cannot be reached"),
    "bad_address": _("the address is wrong"),
}

_ABOUT = {
    "referral.submitted.v1": _("the referral has arrived"),
    "referral.information_needed.v1": _("information is missing"),
    "referral.accepted.v1": _("the person is eligible"),
    "referral.rejected.v1": _("the person is not eligible"),
    "referral.withdrawn.v1": _("the referral was withdrawn"),
    "placement.waitlisted.v1": _("the person is on the waiting list"),
    "placement.offered.v1": _("a place was offered"),
    "placement.offer_declined.v1": _("the offered place was declined"),
    "placement.offer_expired.v1": _("the offer has run out"),
    "placement.placed.v1": _("a place was found"),
    "placement.started.v1": _("the person has begun"),
    "placement.paused.v1": _("the participation is paused"),
    "placement.resumed.v1": _("the person is back"),
    "placement.contact_changed.v1": _("contact details were corrected"),
    "placement.ended.v1": _("the participation has ended"),
    "evaluation.enrolled.v1": _("the evaluation was prepared"),
    "evaluation.wave_due.v1": _("a survey is due"),
    "evaluation.wave_completed.v1": _("a survey was completed"),
    "referral.erasure_announced.v1": _("the referral will be erased"),
    "notification.failed.v1": _("a partner could not be told"),
}

_LATE = _("(This came too late to change anything.)")


def words_of(entry: Entry, say: Say) -> str:
    """The entry as a sentence or two; a type that nobody told us of is shown by its name."""
    tell = _TOLD.get(entry.type)
    if tell is None:
        return entry.type
    text = tell(entry.data, say)
    return f"{text} {say(_LATE)}" if entry.data.get("without_effect") else text


def told_about(about: str, say: Say) -> str:
    return say(_ABOUT[about]) if about in _ABOUT else about


def channel_name(channel: str, say: Say) -> str:
    return say(_CHANNELS[channel]) if channel in _CHANNELS else channel


def told_how(entry: Entry, say: Say) -> str:
    """What became of a message to a partner."""
    if entry.type == "notification.failed.v1":
        cause = _CAUSES.get(entry.data.get("cause", ""))
        return say(_("Not delivered: %(cause)s"), cause=say(cause)) if cause else say(_("Not delivered"))
    return say(_("Read") if entry.type == "notification.acknowledged.v1" else _("Delivered"))


def _submitted(data: _Data, say: Say) -> str:
    if data.get("corrected"):
        return say(_("The CMS has corrected the referral and submitted it again."))
    return say(_("The CMS has submitted the referral."))


def _accepted(_data: _Data, say: Say) -> str:
    return say(_("All criteria are met: the person is eligible."))


def _information_needed(data: _Data, say: Say) -> str:
    return say(_("Information is missing on: %(criteria)s."), criteria=_criteria(data, say))


def _rejected(data: _Data, say: Say) -> str:
    return say(_("Not eligible. Not met: %(criteria)s."), criteria=_criteria(data, say))


def _withdrawn(data: _Data, say: Say) -> str:
    reason = say(WITHDRAWALS.get(data["reason"], WITHDRAWALS["other"]))
    text = say(_("The CMS has withdrawn the referral. Reason: %(reason)s."), reason=reason)
    return f"{text} {data['note']}" if data.get("note") else text


def _contact_corrected(_data: _Data, say: Say) -> str:
    return say(_("The CMS has corrected the contact details or the needs."))


def _consent_withdrawn(_data: _Data, say: Say) -> str:
    return say(_("The person has taken the consent to the evaluation back: it asks nothing more."))


def _costs_reported(data: _Data, say: Say) -> str:
    said = _("The CMS has corrected the medical costs of %(quarter)s.")
    if not data.get("corrected"):
        said = _("The CMS has reported the medical costs of %(quarter)s.")
    return say(said, quarter=quarter_name(data["period"], say))


def _waitlisted(data: _Data, say: Say) -> str:
    return say(
        _("No place was free: the person was put on the waiting list, at position %(position)s."),
        position=data["position"],
    )


def _offered(data: _Data, say: Say) -> str:
    until = format_datetime(datetime.fromisoformat(data["until"]))
    said = _("OSEO Valais has reserved a place in the group %(group)s until %(until)s.")
    return say(said, until=until, group=_group(data))


def _group(data: _Data) -> str:
    """What people call the group; its code where nobody told us."""
    return str(data.get("group_name") or data["group"])


def _offer_declined(data: _Data, say: Say) -> str:
    return say(_("The offered place was declined. Reason: %(reason)s."), reason=reason_name(data["reason"], say))


def _offer_expired(_data: _Data, say: Say) -> str:
    return say(_("Nobody answered the offer in time; the place went to the next person."))


def _placed(data: _Data, say: Say) -> str:
    group = _group(data)
    if data.get("starts_on"):
        return say(
            _("OSEO Valais has given a place in the group %(group)s. First day: %(day)s."),
            group=group,
            day=_day(data["starts_on"]),
        )
    return say(_("OSEO Valais has given a place in the group %(group)s."), group=group)


def _started(data: _Data, say: Say) -> str:
    return say(_("The person came for the first time on %(day)s."), day=_day(data["on"]))


def _paused(data: _Data, say: Say) -> str:
    return say(
        _("The participation was paused on %(day)s. Reason: %(reason)s."),
        day=_day(data["on"]),
        reason=reason_name(data["reason"], say),
    )


def _resumed(data: _Data, say: Say) -> str:
    return say(_("The person came back on %(day)s."), day=_day(data["on"]))


def _ended(data: _Data, say: Say) -> str:
    if data.get("withdrawn"):
        freed = _("OSEO Valais has freed the place.") if data.get("group") else _("The person left the waiting list.")
        return say(freed)
    if data.get("planned"):
        return say(_("The participation ended as planned on %(day)s."), day=_day(data["on"]))
    waited = _("The person left the waiting list on %(day)s. Reason: %(reason)s.")
    return say(
        _("The participation ended on %(day)s. Reason: %(reason)s.") if data.get("group") else waited,
        day=_day(data["on"]),
        reason=reason_name(data["reason"], say),
    )


def _enrolled(data: _Data, say: Say) -> str:
    if data["consent"]:
        return say(_("HES-SO Valais-Wallis has enrolled the person in the evaluation, under a pseudonym."))
    return say(_("The person does not take part in the evaluation: they did not agree to it."))


def _delivered(data: _Data, say: Say) -> str:
    return _message(_("%(partner)s was told (%(channel)s): %(about)s."), data, say)


def _failed(data: _Data, say: Say) -> str:
    return _message(_("%(partner)s could not be told (%(channel)s): %(about)s."), data, say)


def _acknowledged(data: _Data, say: Say) -> str:
    return _message(_("%(partner)s has read (%(channel)s): %(about)s."), data, say)


def _message(sentence: str, data: _Data, say: Say) -> str:
    return say(
        sentence,
        partner=partner_name(data["partner"], say),
        channel=channel_name(data["channel"], say),
        about=told_about(data["about"], say),
    )


def _criteria(data: _Data, say: Say) -> str:
    names = (criterion_name(code, say) for code in data.get("criteria", ()))
    return ", ".join(say(_("“%(criterion)s”"), criterion=name) for name in names)


def _day(iso: str) -> str:
    return format_date(date.fromisoformat(iso))


_TOLD: dict[str, Callable[[_Data, Say], str]] = {
    "referral.submitted.v1": _submitted,
    "referral.information_needed.v1": _information_needed,
    "referral.accepted.v1": _accepted,
    "referral.rejected.v1": _rejected,
    "referral.withdrawn.v1": _withdrawn,
    "referral.contact_corrected.v1": _contact_corrected,
    "referral.consent_withdrawn.v1": _consent_withdrawn,
    "referral.costs_reported.v1": _costs_reported,
    "placement.waitlisted.v1": _waitlisted,
    "placement.offered.v1": _offered,
    "placement.offer_declined.v1": _offer_declined,
    "placement.offer_expired.v1": _offer_expired,
    "placement.placed.v1": _placed,
    "placement.started.v1": _started,
    "placement.paused.v1": _paused,
    "placement.resumed.v1": _resumed,
    "placement.ended.v1": _ended,
    "evaluation.enrolled.v1": _enrolled,
    "notification.delivered.v1": _delivered,
    "notification.failed.v1": _failed,
    "notification.acknowledged.v1": _acknowledged,
}
