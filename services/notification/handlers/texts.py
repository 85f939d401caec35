"""What messages say: the same words in the inbox and in the e-mail, in French and German.

An e-mail holds a headline, a sentence, a reference (or pseudonym, or nothing) and a link: never what an event says
beyond that. The inbox, behind the sign-in, adds the facts that the partner may see.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from chassis.i18n import Catalogue, format_date, format_datetime
from chassis.i18n import mark as _
from chassis.mail import Letter
from services.notification.domain import Kind, Message, Partner, Shows

CATALOGUE = Catalogue("services.notification")

#: event type -> headline, sentence
SAID: dict[str, tuple[str, str]] = {
    "referral.submitted.v1": (_("A referral has been sent in"), _("Its eligibility is being checked.")),
    "referral.information_needed.v1": (
        _("Information is missing"),
        _("Some criteria could not be decided. The referral’s page says which; complete it and send it in again."),
    ),
    "referral.accepted.v1": (_("The referral is eligible"), _("All criteria are met. A place is being looked for.")),
    "referral.rejected.v1": (
        _("The referral is not eligible"),
        _("At least one criterion is not met. The referral’s page says why, and what can be done."),
    ),
    "referral.withdrawn.v1": (
        _("The referral has been withdrawn"),
        _("The CMS has taken the referral back. Nothing more needs to be done."),
    ),
    "referral.erasure_announced.v1": (
        _("A referral will be erased"),
        _("Nothing has happened with this closed referral for a long time. All that is known of the person goes."),
    ),
    "placement.waitlisted.v1": (
        _("On the waiting list"),
        _("No place is free at the moment. You will be told as soon as there is one."),
    ),
    "placement.offered.v1": (
        _("A place is offered"),
        _("The place is held for a limited time. It has to be accepted or declined before then."),
    ),
    "placement.offer_declined.v1": (_("The offer was declined"), _("The place goes to the next on the waiting list.")),
    "placement.offer_expired.v1": (
        _("The offer has expired"),
        _("Nobody answered in time. The place goes to the next on the waiting list."),
    ),
    "placement.placed.v1": (_("A place has been found"), _("A place in a group has been taken.")),
    "placement.started.v1": (_("The first day has taken place"), _("The participation has begun.")),
    "placement.paused.v1": (_("The participation is paused"), _("The place stays reserved during the interruption.")),
    "placement.resumed.v1": (_("The participation goes on"), _("The interruption is over.")),
    "placement.contact_changed.v1": (
        _("Contact details have been corrected"),
        _("The CMS has corrected contact details or needs. The person’s page shows them."),
    ),
    "placement.ended.v1": (
        _("The participation has ended"),
        _("The participation, or the wait for a place, is over."),
    ),
    "evaluation.enrolled.v1": (
        _("A new participant in the evaluation"),
        _("The participant has agreed to be evaluated and is enrolled under a pseudonym."),
    ),
    "evaluation.wave_due.v1": (_("A wave is due"), _("It is time to question the participant.")),
    "evaluation.wave_completed.v1": (_("A wave is completed"), _("The participant’s answers have been recorded.")),
    "notification.failed.v1": (
        _("A partner could not be told"),
        _("An e-mail about this referral could not be delivered. The message is in the partner’s inbox on the site."),
    ),
}

LABELLED = {
    Shows.REFERENCE: _("Reference: %(label)s"),
    Shows.PSEUDONYM: _("Pseudonym: %(label)s"),
}

#: where the link of a message leads, by kind of partner; `{label}` is the reference or pseudonym
LINKS: dict[Kind, str] = {
    Kind.CMS: "/referrals/{label}",
    Kind.HOST: "/placement/participants/{label}",
    Kind.EVALUATOR: "/evaluation/participants/{label}",
    Kind.MUNICIPALITY: "/messages/",
    Kind.CANTON: "/messages/",
}


def headline(about: str, language: str) -> str:
    return CATALOGUE.gettext(language, SAID[about][0])


def sentence(about: str, language: str) -> str:
    return CATALOGUE.gettext(language, SAID[about][1])


def link(message: Message, partner: Partner) -> str:
    """The path of the page where the partner finds more."""
    return LINKS[partner.kind].format(label=message.label or "")


def compose(delivery_id: str, message: Message, partner: Partner, public_url: str) -> Letter:
    """The e-mail in the partner's language."""

    def say(msgid: str, **params: object) -> str:
        return CATALOGUE.gettext(partner.language, msgid, **params)

    subject = headline(message.about, partner.language)
    if message.label:
        subject = f"{subject} – {message.label}"
    body = "\n\n".join(_paragraphs(message, partner, public_url, say)) + "\n"
    return Letter(delivery_id, partner.email or "", partner.language, say(_("Ancrage: %(news)s"), news=subject), body)


def _paragraphs(message: Message, partner: Partner, public_url: str, say: Callable[..., str]) -> list[str]:
    news = f"{headline(message.about, partner.language)}. {sentence(message.about, partner.language)}"
    said = [say(_("Hello,")), news]
    if message.label:
        said.append(say(LABELLED[partner.shows], label=message.label))
    more, signature = say(_("More, after signing in:")), say(_("Ancrage – active social integration"))
    said.append(f"{more}\n{public_url}{link(message, partner)}")
    said.append(say(_("For the protection of the persons concerned, this message contains no personal data.")))
    said.append(f"-- \n{signature}")
    return said


def _as_it_is(value: Any, _language: str) -> str:
    return str(value)


def _iso_date(value: Any, _language: str) -> str:
    return format_date(date.fromisoformat(value))


def _iso_datetime(value: Any, _language: str) -> str:
    return format_datetime(datetime.fromisoformat(value))


def _wave(code: str, language: str) -> str:
    """What people call a wave: m6 is 6 months, y2 is 2 years."""
    if code in _WAVES:
        return CATALOGUE.gettext(language, _WAVES[code])
    unit = _("%(n)s months") if code.startswith("m") else _("%(n)s years")
    return CATALOGUE.gettext(language, unit, n=code[1:])


_WAVES = {"t0": _("T0, before the first day"), "exit": _("Exit")}

#: fact -> its name, and how its value is written in a language
FACT_TEXTS: dict[str, tuple[str, Callable[[Any, str], str]]] = {
    "group_name": (_("Group"), _as_it_is),
    "position": (_("Place on the waiting list"), _as_it_is),
    "until": (_("To be answered by"), _iso_datetime),
    "starts_on": (_("First day"), _iso_date),
    "on": (_("Date"), _iso_date),  # of most, DAYS says more precisely which
    "wave": (_("Wave"), _wave),
    "due_on": (_("Due on"), _iso_date),
    "partner": (_("Partner"), _as_it_is),
}


#: event type -> what its day `on` is
DAYS = {
    "referral.erasure_announced.v1": _("Will be erased on"),
    "placement.started.v1": _("First day"),
    "placement.paused.v1": _("Away since"),
    "placement.resumed.v1": _("Back since"),
    "placement.ended.v1": _("Ended on"),
}


def facts(about: str, told: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Name and value of each fact of a message, ready to be shown."""
    known = [(name, FACT_TEXTS[name]) for name in FACT_TEXTS if name in told]
    titles = {"on": DAYS[about]} if about in DAYS else {}
    return [
        (CATALOGUE.gettext(language, titles.get(name, title)), write(told[name], language))
        for name, (title, write) in known
    ]
