"""The partners: where they are reached, in which language, what they are told of and how much they may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contracts.event import Event
from contracts.notification import NotificationFailed


class Kind(StrEnum):
    CMS = "cms"  #: refers and accompanies the people of its area
    HOST = "host"  #: receives them in its groups
    MUNICIPALITY = "municipality"  #: co-sponsors its region
    EVALUATOR = "evaluator"  #: asks the participants, knows pseudonyms only
    CANTON = "canton"  #: mandates and funds, sees figures only


class Shows(StrEnum):
    """What a message to the partner is labelled with."""

    REFERENCE = "reference"
    PSEUDONYM = "pseudonym"
    NOTHING = "nothing"


@dataclass(eq=False)
class Partner:
    code: str  #: cms-<area>, oseo-valais, ville-de-sion, hes-so, sas
    name: str
    kind: Kind
    language: str  #: of its e-mails; the inbox speaks the reader's
    email: str | None  #: None: told in the inbox alone
    shows: Shows
    told_of: list[str] = field(default_factory=list)  #: types of events
    area: str | None = None  #: only about referrals of this CMS area
    region: str | None = None  #: only about referrals of this region

    def concerns(self, news: "News") -> bool:
        return news.about in self.told_of and self.area in (None, news.area) and self.region in (None, news.region)


#: what a message may say besides its label; everything else in an event stays out of messages, reasons above all
FACTS = ("group_name", "position", "until", "starts_on", "on", "wave", "due_on")
#: what is left of it where no single referral may be recognised
IMPERSONAL_FACTS = ("group_name",)


@dataclass(frozen=True)
class News:
    """Something that happened, reduced to what a message may hold."""

    about: str  #: type of the event
    reference: str
    area: str | None = None  #: CMS area of the referral; None while it is not known yet
    region: str | None = None
    pseudonym: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """A partner is to be told."""

    partner: Partner
    about: str
    reference: str  #: what it belongs to; shown only as `label` allows
    label: str | None
    facts: Mapping[str, Any]


def news_of(event: Event, area: str | None, region: str | None) -> News | None:
    """What is worth telling of `event`; None where it is nobody's business (a consent that was refused)."""
    told = event.to_data()
    if told.get("consent") is False:
        return None
    facts = {name: told[name] for name in FACTS if told.get(name) is not None}
    return News(event.TYPE, event.reference, area, told.get("region") or region, told.get("pseudonym"), facts)


def who_is_told(news: News, partners: Iterable[Partner]) -> list[Notice]:
    """A notice for each of `partners` whom this concerns, with no more than the partner may see."""
    return [
        Notice(partner, news.about, news.reference, _label(partner, news), _facts(partner, news))
        for partner in partners
        if partner.concerns(news)
    ]


def waits_for_the_area(news: News, partners: Iterable[Partner]) -> bool:
    """Whether some CMS is to be told, and it is not known yet which."""
    return news.area is None and any(p.area and news.about in p.told_of for p in partners)


def failure_news(news: News, partner: Partner) -> News:
    """That `partner` could not be told of `news`: news for those who are told of failures."""
    facts = {"partner": partner.name}
    return News(NotificationFailed.TYPE, news.reference, news.area, news.region, news.pseudonym, facts)


def _label(partner: Partner, news: News) -> str | None:
    if partner.shows is Shows.PSEUDONYM:
        return news.pseudonym
    return news.reference if partner.shows is Shows.REFERENCE else None


def _facts(partner: Partner, news: News) -> dict[str, Any]:
    if partner.shows is Shows.NOTHING:
        return {name: value for name, value in news.facts.items() if name in IMPERSONAL_FACTS}
    return dict(news.facts)
