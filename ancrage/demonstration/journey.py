"""How far a referral that was sent has come."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ancrage.demonstration.rows import Body

#: states in which nothing was decided yet
ON_THE_WAY = frozenset({"", "submitted", "accepted", "eligible"})
REFUSED = "refused"


@dataclass
class Journey:
    """One referral: what was sent, and what is known of it since."""

    body: Body
    reference: str | None = None
    refusal: str = ""  #: why the API did not take it
    status: str = ""  #: as the API names it; empty while nothing is known
    placement: dict[str, Any] = field(default_factory=dict)
    timeline: list[dict[str, str]] = field(default_factory=list)  #: at, event, text

    @property
    def who(self) -> str:
        """The person, who does not exist, and where they live."""
        return (
            f"{self.body.get('given_name', '?')} {self.body.get('family_name', '?')}, {self.body.get('locality', '?')}"
        )

    @property
    def sent(self) -> bool:
        return self.reference is not None or bool(self.refusal)

    @property
    def settled(self) -> bool:
        """Whether it is decided what becomes of it."""
        return bool(self.refusal) or self.status not in ON_THE_WAY

    @property
    def outcome(self) -> str:
        return REFUSED if self.refusal else self.status or "submitted"

    @property
    def seconds(self) -> float | None:
        """From the first line of its timeline to the last; None while there are not two."""
        if len(self.timeline) < 2:
            return None
        first, last = (moment(line) for line in (self.timeline[0], self.timeline[-1]))
        return (last - first).total_seconds()

    def learn(self, view: dict[str, Any]) -> list[dict[str, str]]:
        """Takes in what the API says of it; returns the lines of the timeline that are new, in their order."""
        known = {(line["at"], line["event"], line["text"]) for line in self.timeline}
        self.status = str(view.get("status") or "")
        self.placement = view.get("placement") or {}
        self.timeline = sorted(view.get("timeline") or [], key=moment)
        return [line for line in self.timeline if (line["at"], line["event"], line["text"]) not in known]


def moment(line: dict[str, str]) -> datetime:
    return datetime.fromisoformat(line["at"])


def outcomes(journeys: Iterable[Journey]) -> list[tuple[str, int]]:
    """How many of those sent came to which outcome, the most frequent first."""
    return Counter(journey.outcome for journey in journeys if journey.sent).most_common()


def typical_and_slow(journeys: Iterable[Journey]) -> tuple[float, float] | None:
    """(median, 95th percentile) of their seconds; None where none is known."""
    seconds = sorted(journey.seconds for journey in journeys if journey.seconds is not None)
    if not seconds:
        return None
    return seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.95)]
